"""The graph of everything that a call can pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pbx_as_code.callflow.model import nodes as places
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.edges import Edge
from pbx_as_code.callflow.model.lines import Did, OutboundRule
from pbx_as_code.callflow.model.nodes import Node
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.services import PbxSettings
from pbx_as_code.config.reader import without_collection

if TYPE_CHECKING:
    from pbx_as_code.config.nodes import Place

_Node = TypeVar("_Node", bound=Node)


class Membership(NamedTuple):
    """The departments whose hours count for an object."""

    departments: tuple[Ref, ...]
    """One, normally. Several: any of them may count (D2). None: there is no default department either."""
    rules: tuple[str, ...]
    assumed: bool


class LazyNodes(Mapping[Ref, Node]):
    """Nodes by their ref, made when they are first asked for: a trace looks at a handful of ten thousand users."""

    def __init__(self, makers: Mapping[Ref, Callable[[Ref], Node]]) -> None:
        self._makers = makers
        self._made: dict[Ref, Node] = {}

    def __getitem__(self, ref: Ref) -> Node:
        node = self._made.get(ref)
        if node is None:
            node = self._made[ref] = self._makers[ref](ref)
        return node

    def __iter__(self) -> Iterator[Ref]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __contains__(self, ref: object) -> bool:
        return ref in self._makers


class CallGraph:
    """Everything that a call can pass on one PBX. Immutable; nodes and edges are computed once, when needed.

    Build it with `callflow.from_configuration`, `callflow.from_directory` or `callflow.from_pbx`.
    """

    def __init__(
        self,
        nodes: LazyNodes,
        settings: PbxSettings,
        *,
        numbers: Mapping[str, Ref],
        names: Mapping[str, Ref],
        default_department: Ref | None,
        complete: frozenset[str],
        collisions: tuple[tuple[str, tuple[Ref, ...]], ...],
        derive: Callable[[CallGraph, Ref], tuple[Edge, ...]],
        taken_at: datetime | None,
        live: bool,
        emergency_read: bool = False,
        unread: tuple[str, ...] = (),
    ) -> None:
        self.nodes: Mapping[Ref, Node] = nodes
        """Every declared object and DID by its ref, in the order of the files."""
        self.settings = settings
        self.default_department = default_department
        """None: the configuration does not tell."""
        self.complete = complete
        """Names of the kinds of which every object is declared, such as user: only of these can one be missing."""
        self.collisions = collisions
        """Numbers that several objects have, with these objects."""
        self.taken_at = taken_at
        """Time at which states were read from a PBX; None for files."""
        self.live = live
        """Whether it was read from a PBX, and so has states."""
        self.unread = unread
        """Sentences about kinds that the PBX did not show, and which are unknown."""
        self._emergency_read = emergency_read
        self._numbers = numbers
        self._names = names
        self._derive = derive
        self._edges: dict[Ref, tuple[Edge, ...]] = {}

    def node(self, ref: Ref) -> Node:
        """A place of the call flow, including places that are no objects: mailboxes, outside numbers, the end.

        Raises:
            KeyError: the ref names an object that is not declared
        """
        found = self.nodes.get(ref)
        if found is not None:
            return found
        made = _terminal(ref, self.complete)
        if made is None:
            raise KeyError(ref)
        return made

    def by_number(self, number: str) -> Ref | None:
        """The object with this number; None if there is none. An object's name stands for it if it is unique."""
        return self._numbers.get(number) or self._names.get(number)

    def departments_of(self, ref: Ref) -> Membership:
        """Departments whose hours count for an object (D1, D2)."""
        node = self.nodes.get(ref)
        if isinstance(node, Department):
            return Membership((ref,), ("D1",), assumed=False)
        primary = getattr(node, "primary_department", None)
        if primary is not None:
            return Membership((primary,), ("D2",), assumed=False)
        own: tuple[Ref, ...] = getattr(node, "departments", ())
        if len(own) == 1:
            return Membership(own, ("D2",), assumed=False)
        if own:
            return Membership(own, ("D2",), assumed=True)
        default = (self.default_department,) if self.default_department else ()
        return Membership(default, ("D2",), assumed=True)

    def of(self, kind: type[_Node]) -> Iterator[_Node]:
        """Every node of a class, such as `Queue`, in the order of the files."""
        wanted = KIND_OF_CLASS.get(kind.__name__)
        for ref in self.nodes:
            if wanted is None or ref.kind == wanted:
                node = self.nodes[ref]
                if isinstance(node, kind):
                    yield node

    def edges_from(self, ref: Ref) -> tuple[Edge, ...]:
        """Every way out of a place, in the order in which it is declared."""
        found = self._edges.get(ref)
        if found is None:
            found = self._edges[ref] = self._derive(self, ref) if ref in self.nodes else ()
        return found

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge."""
        with without_collection():
            return tuple(edge for ref in self.nodes for edge in self.edges_from(ref))

    @cached_property
    def _to(self) -> Mapping[Ref, tuple[Edge, ...]]:
        found: dict[Ref, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.target, []).append(edge)
        return {ref: tuple(edges) for ref, edges in found.items()}

    def edges_to(self, ref: Ref) -> tuple[Edge, ...]:
        """Every way into a place."""
        return self._to.get(ref, ())

    @cached_property
    def entries(self) -> tuple[Did, ...]:
        """The DIDs, main numbers of trunks included: where outside callers enter."""
        return tuple(self.of(Did))

    @cached_property
    def emergency_known(self) -> bool:
        """Whether the emergency rules are known: a PBX may keep them apart, and then an export lacks them (O9)."""
        return self._emergency_read or any(rule.emergency for rule in self.of(OutboundRule))

    def place(self, edge: Edge) -> Place | None:
        """Place in the files that declares an edge; None for what was read from a PBX."""
        node = self.nodes.get(edge.source)
        return node.place(*edge.path) if node else None


KIND_OF_CLASS: Mapping[str, Kind] = {
    "Did": Kind.DID,
    "Trunk": Kind.TRUNK,
    "InboundRule": Kind.INBOUND_RULE,
    "OutboundRule": Kind.OUTBOUND_RULE,
    "BlockedNumber": Kind.BLOCKED_NUMBER,
    "Department": Kind.DEPARTMENT,
    "User": Kind.USER,
    "Queue": Kind.QUEUE,
    "RingGroup": Kind.RING_GROUP,
    "Receptionist": Kind.RECEPTIONIST,
    "Parking": Kind.PARKING,
    "Fax": Kind.FAX,
    "CallFlowApp": Kind.CALL_FLOW_APP,
    "SystemExtension": Kind.SYSTEM_EXTENSION,
}


def _terminal(ref: Ref, complete: frozenset[str]) -> Node | None:
    made: Any = None
    if ref.kind is Kind.VOICEMAIL:
        made = places.Voicemail(ref=ref, number=ref.key)
    elif ref.kind is Kind.EXTERNAL:
        made = places.External(ref=ref, number=ref.key)
    elif ref.kind is Kind.END:
        made = places.End(ref=ref)
    elif ref.kind is Kind.UNKNOWN:
        made = places.Unknown(ref=ref)
    elif ref.kind is Kind.MISSING:
        made = places.Missing(ref=ref, certain=complete >= DIALLED_KINDS)
    return made  # type: ignore[no-any-return]


DIALLED_KINDS = frozenset({"user", "queue", "ring_group", "receptionist", "parking", "fax", "call_flow_app"})
"""Kinds that have to be complete before a number is certainly missing."""
