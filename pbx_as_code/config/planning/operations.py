"""Operations of a plan: the contract between the code that makes a plan and the code that shows it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from pbx_as_code.config.configuration import Identity, spelled
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.nodes import Place
from pbx_as_code.config.selection import Selection


class Doing(Enum):
    """Action of one operation."""

    FREE = "free"
    """Give up a value that only one object can have, such as a DID, for the object that takes it."""
    CREATE = "create"
    """Create, without references to what does not exist yet."""
    LINK = "link"
    """Set references: those that a creation left out, and those to what was replaced."""
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True)
class LeafChange:
    """One value that changes."""

    path: tuple[str | int, ...]
    """Options and indexes, such as ("agents", 0, "number")."""
    old: Any
    new: Any
    """Of a credential both are None, and `secret` names it."""
    secret: str | None = None
    place: Place | None = None
    """Place of the new value's declaration."""
    by_default: bool = False
    """Whether the new value is one of the defaults of its kind in the files."""
    within: tuple[tuple[str, Place], ...] = ()
    """Paths and places of the values within the new one, if there are layers."""
    label: str = ""
    """The path with the keys of items: agents[301].skill_group. Empty if there are no items with a key."""

    @property
    def option(self) -> str:
        """The path for programs and for messages about files: agents[0].skill_group."""
        return spelled(self.path)

    @property
    def called(self) -> str:
        """The path for people: agents[301].skill_group."""
        return self.label or self.option

    def place_of(self, path: str) -> Place | None:
        """Place of the declaration of a value within the new one.

        Parameters:
            path: for people
        """
        return dict(self.within).get(path, self.place)

    @property
    def places(self) -> list[Place]:
        """Every place that the new value comes from, each layer once."""
        listed = [*([] if self.place is None else [self.place]), *(place for _, place in self.within)]
        return list({place.layer: place for place in reversed(listed)}.values())[::-1]


@dataclass(frozen=True)
class Uncompared:
    """A declared value that the PBX does not show, so that it cannot be compared."""

    kind: str
    identity: Identity
    path: tuple[str | int, ...]
    """Options and indexes; empty for the whole object."""
    why: str
    place: Place


@dataclass(frozen=True)
class Operation:
    """One write. Carrying out the operations of a plan in their order satisfies every dependency."""

    number: int
    """From 1; its place in the order."""
    doing: Doing
    kind: str
    identity: Identity
    twin: int = 0
    """Which of several objects with equal identity."""
    changes: tuple[LeafChange, ...] = ()
    sends: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Options to set, each as a whole; a credential is a `values.Secret`."""
    key: Mapping[str, Any] = field(default_factory=dict)
    """Key of the object on this PBX, such as {"id": 24}; empty for what is not there yet, and for settings."""
    loses: tuple[str, ...] = ()
    """For REMOVE: what is lost with the object, and what still refers to it."""
    replaced_by: Identity | None = None
    """For REMOVE: the declared object that takes its place."""
    after: tuple[int, ...] = ()
    """Numbers of operations that have to succeed first; if one fails, this one is skipped and says so."""
    place: Place | None = None
    """Place of the declaration."""
    was: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """For REMOVE: the object as the plan found it, without ids, state and credentials."""
    repeats: tuple[Any, ...] = ()
    """Values in `sends` that the PBX holds although no task could set them."""

    @property
    def alters(self) -> bool:
        """Whether it sets values of an object that is on the PBX: then its changes are drift. So does a link, unless it
        completes an object that the plan creates.
        """
        return self.doing is Doing.UPDATE or (self.doing is Doing.LINK and bool(self.key))


@dataclass(frozen=True)
class Fingerprint:
    """The objects of one identity as they were when the plan was made."""

    kind: str
    identity: Identity
    rows: tuple[str, ...]
    """A digest of each, sorted; empty where there must be none."""


@dataclass
class Plan:
    """Operations that bring a PBX to the declared state. It holds no credential, so it may be written to a file."""

    url: str
    release: str
    digest: str
    """Of the declared documents: a waiver of limits is for this plan alone."""
    operations: list[Operation] = field(default_factory=list)
    unmanaged: list[tuple[str, Identity]] = field(default_factory=list)
    """Kind and identity of objects that are kept and that the files do not declare."""
    complete: frozenset[str] = frozenset()
    """Kinds of which the files declare every object (`pbx.complete`), by name. A plan file does not hold them."""
    impossible: list[tuple[str, Identity, str]] = field(default_factory=list)
    """Kind, identity and why: anything here stops everything before the first write."""
    uncompared: list[Uncompared] = field(default_factory=list)
    """Declared values that could not be compared. They do not count as equal."""
    equal: list[tuple[str, Identity]] = field(default_factory=list)
    """Kind and identity of objects that match their declaration in every leaf."""
    kept: dict[tuple[str, Identity], str] = field(default_factory=dict)
    """Unmanaged objects that are kept although there is consent to remove them, with the reason."""
    hints: list[str] = field(default_factory=list)
    """Hints for the user, such as that a new object looks like an existing one with another number."""
    declared: list[tuple[str, Identity]] = field(default_factory=list)
    """Kind and identity of every object of the files, settings apart: what the files own once the plan is carried out.
    """
    vanished: list[tuple[str, Identity]] = field(default_factory=list)
    """Kind and identity of objects that the files own and do not declare any more, and that the PBX does not have."""
    totals: dict[str, int] = field(default_factory=dict)
    """How many objects of a kind the PBX has, for the kinds of which some are removed."""
    take_fingerprints: Callable[[], list[Fingerprint]] = field(default=list, repr=False, compare=False)
    """Makes `fingerprints` of the objects as the plan found them: until then, it holds everything that was read."""
    selection: Selection = field(default_factory=Selection)
    """Objects that the plan is limited to."""
    outside: dict[str, int] = field(default_factory=dict)
    """Numbers of declared objects outside of the selection, which were not compared, by section."""
    identity: str = ""
    """Name that tells the PBX from others: its FQDN, or its address if it does not show one."""

    @cached_property
    def fingerprints(self) -> list[Fingerprint]:
        """Of every object that is changed or referred to; where one is otherwise, the plan is stale.

        They take as long as the comparison, and only a plan that is written to a file needs them.
        """
        taken = self.take_fingerprints()
        self.take_fingerprints = lambda: taken
        return taken

    @cached_property
    def new_names(self) -> dict[str, str]:
        """New names of the departments that it renames, by their old ones."""
        return new_names(self.operations)

    @property
    def called(self) -> str:
        """How reports call the PBX."""
        return self.identity or self.url

    @property
    def waiver(self) -> str:
        """Digest of exactly these operations on this PBX: to name it is to consent to what exceeds the limits."""
        said = [self.url, self.identity, self.digest, *([] if self.selection.everything else [str(self.selection)])]
        said += [repr((one.doing.value, one.kind, one.identity, one.twin)) for one in self.operations]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def new_names(operations: Iterable[Operation]) -> dict[str, str]:
    """New names of objects, by their old ones.

    Parameters:
        operations: that may rename objects
    """
    return {
        change.old: change.new
        for one in operations
        if one.doing is Doing.UPDATE and KINDS[one.kind].renamed_from
        for change in one.changes
        if change.path == KINDS[one.kind].identity
    }
