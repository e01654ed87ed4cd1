"""Pictures of a call graph: one for each entry number, each department, each trunk, and the rest.

Three hundred extensions in one drawing cannot be read. So members are rows of their queue or ring group, users are rows
of their department, and objects of other departments are stubs that lead to their own picture.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pbx_as_code.callflow.model.edges import Edge, When
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.lines import Did, InboundRule, OutboundRule, Trunk
from pbx_as_code.callflow.model.nodes import Node
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.users import User
from pbx_as_code.callflow.trace.matching import matches

OTHERS = "Everything else"
_ROWS_OF_A_LIST = 40
_MEMBERS_WITH_NAMES = 8
_MEMBERS_IN_A_ROW = 5
_OTHERS_IN_A_ROW = 1


@dataclass(frozen=True)
class Row:
    """A line within a box: a member, a user, or a rule of a trunk.

    Attributes:
        text: of the line
        ref: object that it stands for
        edges: that it shows
    """

    text: str
    ref: Ref
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True)
class Box:
    """An object in a picture.

    Attributes:
        ref: the object
        title: its kind and name
        rows: lines within it
        stub: whether it belongs to another picture, so that only its name is shown
        facts: more about it, such as its strategy
    """

    ref: Ref
    title: str
    rows: tuple[Row, ...] = ()
    stub: bool = False
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """A way from one box, or a row of it, to another box, with all edges that it stands for.

    Attributes:
        source: box that it leaves
        row: row of this box, if it leaves there
        target: box that it leads to
        edges: that it shows
    """

    source: Ref
    row: Ref | None
    target: Ref
    edges: tuple[Edge, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Conditions of the edges, each once; equal ones of several profiles are joined."""
        return tuple(dict.fromkeys(_labels(self.edges)))


@dataclass(frozen=True)
class Picture:
    """One drawing.

    Attributes:
        id: for links, such as p3
        title: such as DID +15550100, or department Sales
        subject: what it is about; None for the rest
        boxes: in it
        lines: between them
    """

    id: str
    title: str
    subject: Ref | None
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]

    @property
    def edges(self) -> Iterator[Edge]:
        """Every edge that it shows."""
        for line in self.lines:
            yield from line.edges
        for box in self.boxes:
            for row in box.rows:
                yield from row.edges


def of_number(graph: CallGraph, number: str, id_: str = "p1") -> Picture:
    """The picture of one entry number: everything that its calls can reach.

    Parameters:
        graph: to draw
        number: a DID as declared
        id_: for links

    Raises:
        KeyError: there is no such DID
    """
    ref = Ref(Kind.DID, number)
    did = graph.nodes[ref]
    if not isinstance(did, Did):
        raise KeyError(number)
    chosen = dict.fromkeys(rule for trunk in did.trunks for rule in _serving(graph, trunk, number))
    reached = dict.fromkeys([ref, *did.trunks])
    waiting = [*chosen]
    for here in waiting:
        for edge in graph.edges_from(here):
            if edge.when is not When.ANSWER and edge.target not in reached:
                reached[edge.target] = None
                waiting.append(edge.target)
    return _drawn(graph, id_, did.title, ref, list(reached), chosen)


def all_pictures(graph: CallGraph) -> list[Picture]:
    """Every picture; together they show every edge of the graph.

    Parameters:
        graph: to draw
    """
    plans: list[tuple[str, Ref | None, list[Ref]]] = []
    placed: set[Ref] = set()
    for ref in graph.nodes:
        if ref.kind is Kind.DEPARTMENT:
            inside = [one for one in graph.nodes if ref in graph.departments_of(one).departments and _located(one)]
            plans.append((str(ref), ref, [ref, *(one for one in inside if one != ref)]))
            placed.update(plans[-1][2])
    for trunk in graph.of(Trunk):
        inside = [trunk.ref, *(did.ref for did in graph.entries if trunk.ref in did.trunks)]
        plans.append((str(trunk.ref), trunk.ref, inside))
        placed.update(inside)
        placed.update(trunk.rules)
    outgoing = [one.ref for one in graph.of(OutboundRule)]
    if outgoing:
        plans.append(("Outgoing calls", None, outgoing))
        placed.update(outgoing)
    rest = [ref for ref in graph.nodes if ref not in placed and ref.kind is not Kind.BLOCKED_NUMBER]
    if rest:
        plans.append((OTHERS, None, rest))
    pictures = [of_number(graph, did.key, f"p{number}") for number, did in enumerate(graph.entries, 1)]
    for title, subject, inside in plans:
        pictures.append(_drawn(graph, f"p{len(pictures) + 1}", title, subject, inside, None))
    return [picture for picture in pictures if picture.boxes]


def _located(ref: Ref) -> bool:
    return ref.kind not in (Kind.DID, Kind.TRUNK, Kind.INBOUND_RULE, Kind.OUTBOUND_RULE)


def _serving(graph: CallGraph, trunk: Ref, number: str) -> Iterator[Ref]:
    """Rules of a trunk that may take calls to a number: those for callers, and the first one that fits."""
    node = graph.nodes.get(trunk)
    for ref in node.rules if isinstance(node, Trunk) else ():
        rule = graph.nodes.get(ref)
        if not isinstance(rule, InboundRule):
            continue
        if rule.condition == "BasedOnDID" and not matches(rule.data, number):
            continue
        yield ref
        if rule.condition != "BasedOnCallerID":
            return


def _drawn(
    graph: CallGraph, id_: str, title: str, subject: Ref | None, inside: Sequence[Ref], rules: Collection[Ref] | None
) -> Picture:
    """A picture of some objects, with stubs for everything else that they lead to.

    Parameters:
        graph: to draw
        id_: for links
        title: of the picture
        subject: what it is about
        inside: objects that are shown whole
        rules: inbound rules to show in their trunk; None for all
    """
    lines: dict[tuple[Ref, Ref | None, Ref], list[Edge]] = {}
    boxes: dict[Ref, Box] = {}
    listed: list[Row] = []
    for ref in inside:
        node = graph.node(ref)
        edges = graph.edges_from(ref)
        if subject is not None and subject.kind is Kind.DEPARTMENT and isinstance(node, User) and _plain(node, edges):
            listed.append(Row(_user_row(node, edges), ref, edges))
            continue
        rows, rest = _rows(graph, node, edges, rules, lines)
        boxes[ref] = Box(ref, node.title, rows, facts=tuple(_facts(node)))
        for edge in rest:
            lines.setdefault((ref, None, edge.target), []).append(edge)
    for number in range(0, len(listed), _ROWS_OF_A_LIST):
        part = listed[number : number + _ROWS_OF_A_LIST]
        list_ref = Ref(Kind.DEPARTMENT, f"{subject.key if subject else ''} users {number // _ROWS_OF_A_LIST + 1}")
        shown = f"Users {part[0].ref.key} to {part[-1].ref.key}" if len(part) > 1 else "Users"
        boxes[list_ref] = Box(list_ref, shown, tuple(part))
    for _, _, target in lines:
        if target not in boxes:
            boxes[target] = Box(target, graph.node(target).title, stub=True)
    drawn = tuple(Line(*key, tuple(edges)) for key, edges in lines.items())
    return Picture(id_, title, subject, _joined(boxes, drawn, subject), drawn)


def _joined(boxes: dict[Ref, Box], lines: Iterable[Line], subject: Ref | None) -> tuple[Box, ...]:
    """The boxes, where those that nothing leads to or from are rows of one box."""
    tied = {ref for line in lines for ref in (line.source, line.target)}
    lone = [box for box in boxes.values() if box.ref not in tied and not box.rows]
    if len(boxes) == len(lone) == 1:
        return tuple(lone)
    alone = {box.ref for box in lone}
    kept = tuple(box for box in boxes.values() if box.ref not in alone)
    rows = tuple(Row(box.title, box.ref) for box in lone if box.ref != subject)
    if not rows:
        return kept
    return (*kept, Box(Ref(Kind.UNKNOWN, "without a way on"), "Without a way on", rows))


def _rows(
    graph: CallGraph,
    node: Node,
    edges: Iterable[Edge],
    rules: Collection[Ref] | None,
    lines: dict[tuple[Ref, Ref | None, Ref], list[Edge]],
) -> tuple[tuple[Row, ...], list[Edge]]:
    """Rows of a box, and the edges that are no rows. Ways out of rules are added to the lines."""
    rest: list[Edge] = []
    members = [edge for edge in edges if edge.when is When.ANSWER]
    rows = list(_members(graph, members))
    for edge in edges:
        if edge.when is When.ANSWER:
            continue
        if isinstance(node, Trunk) and edge.target.kind is Kind.INBOUND_RULE:
            if rules is None or edge.target in rules:
                rows.append(Row(_rule_row(graph, edge), edge.target, (edge,)))
                for out in graph.edges_from(edge.target):
                    lines.setdefault((node.ref, edge.target, out.target), []).append(out)
        elif edge.target == node.ref:
            rows.append(
                Row(f"{edge.label}: begins again", edge.target, (edge,))
            )  # the label of a loop would hide others
        else:
            rest.append(edge)
    return tuple(rows), rest


def _members(graph: CallGraph, members: list[Edge]) -> Iterator[Row]:
    """One row for each member; of many, several numbers in a row, so that pictures do not grow tall."""
    if len(members) <= _MEMBERS_WITH_NAMES:
        for edge in members:
            yield Row(graph.node(edge.target).title, edge.target, (edge,))
        return
    for begin in range(0, len(members), _MEMBERS_IN_A_ROW):
        part = members[begin : begin + _MEMBERS_IN_A_ROW]
        yield Row(", ".join(edge.target.key for edge in part), part[0].target, tuple(part))


def _rule_row(graph: CallGraph, edge: Edge) -> str:
    rule = graph.node(edge.target)
    named = f"{rule.name}: " if rule.name else ""
    return f"{named}{edge.key or 'all other calls'}"


def _plain(node: User, edges: Iterable[Edge]) -> bool:
    """Whether calls to a user end with users and mailboxes, in a few ways: then a row says it all."""
    others = {edge.target for edge in edges} - {Ref(Kind.VOICEMAIL, node.key), Ref(Kind.END, "")}
    return len(others) <= _OTHERS_IN_A_ROW and all(one.kind in (Kind.USER, Kind.VOICEMAIL) for one in others)


def _user_row(node: User, edges: Iterable[Edge]) -> str:
    """A user with the ways of its calls: 105 Anna, busy to user 104, then voicemail."""
    own = Ref(Kind.VOICEMAIL, node.key)
    ways: dict[Ref, list[str]] = {}
    for edge in edges:
        if edge.target not in (own, Ref(Kind.END, "")):
            ways.setdefault(edge.target, []).append(str(edge.when))
    said = [f"{' or '.join(dict.fromkeys(when))} to {target}" for target, when in ways.items()]
    said += ["then voicemail"] if any(edge.target == own for edge in edges) else []
    off = " (disabled)" if node.enabled is False else ""
    return ", ".join([f"{node.key} {node.name or ''}".rstrip() + off, *said])


def _facts(node: Node) -> Iterator[str]:
    strategy = getattr(node, "strategy", None)
    if strategy:
        yield str(strategy)
    if getattr(node, "enabled", None) is False:
        yield "disabled"


def _labels(edges: Iterable[Edge]) -> Iterator[str]:
    """Labels without the profile where every profile says the same."""
    by_label: dict[str, list[str]] = {}
    for edge in edges:
        bare = edge.label.partition(": ")[2] if edge.profile and ": " in edge.label else edge.label
        off = " (off)" if edge.counts is False else ""
        by_label.setdefault(bare + off, []).append(edge.profile or "")
    for label, profiles in by_label.items():
        named = [one for one in dict.fromkeys(profiles) if one]
        yield f"{', '.join(named)}: {label}" if 0 < len(named) < 3 else label
