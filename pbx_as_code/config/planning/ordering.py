"""The order of operations: create without references, link, re-point what is about to lose its target, remove.

An edge between two operations means that one must come first. A weak edge means that one should come first; it is
dropped if it closes a cycle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pbx_as_code.config.configuration import Definition, Identity, title_of
from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.kinds import LISTED, SENT_TOGETHER, TEXT_REFERENCES, ConfigKind, item_key
from pbx_as_code.config.planning.as_found import as_found, pruned
from pbx_as_code.config.planning.claims import Claim, claims, without
from pbx_as_code.config.planning.naming import LISTED_IN, Goal, Naming, Row, names_for_others
from pbx_as_code.config.planning.operations import Doing, LeafChange, Operation
from pbx_as_code.config.planning.sorting import in_sequence

_PHASES: Final = {Doing.FREE: 0, Doing.CREATE: 1, Doing.LINK: 2, Doing.UPDATE: 3, Doing.REMOVE: 4}


@dataclass(frozen=True)
class Change:
    """A declared object that is not as declared, or not there."""

    definition: Definition
    doing: Doing
    changes: tuple[LeafChange, ...]
    row: Row | None = None
    """As the PBX has it."""
    undecided: tuple[str, ...] = ()
    """Options that are sent along because the PBX shows neither zero nor null: the next plan might see a null."""


@dataclass(frozen=True)
class Removal:
    """An object that is to be removed."""

    kind: ConfigKind
    identity: Identity
    row: Row
    loses: tuple[str, ...] = ()
    replaced_by: Identity | None = None
    last: bool = False
    """Whether nothing may come after it: it is the service principal that signs in."""


_LIST_OF: Final = {listed.kind: listed.option for listed in LISTED.values()}
_ONE_OF_EACH: Final[Mapping[str, str]] = {"holiday": "name"}
"""Kinds of which some PBXs take one object of each name only, so that the old one is removed first."""


@dataclass
class _Node:
    """An operation that has no number yet."""

    doing: Doing
    kind: ConfigKind
    identity: Identity
    rank: int
    changes: tuple[LeafChange, ...] = ()
    sends: dict[str, Any] = field(default_factory=dict)
    row: Row | None = None
    definition: Definition | None = None
    removal: Removal | None = None
    needs: set[int] = field(default_factory=set)
    """Places of nodes that have to come first."""
    prefers: set[int] = field(default_factory=set)
    follows: set[int] = field(default_factory=set)
    """Places of nodes that come first in the order, whether they succeed or not."""


@dataclass(frozen=True)
class _KeptForNow:
    """Settings that list no longer what others still refer to."""

    change: Change
    lost: set[Goal]
    first: int | None
    """Place of the node that adds what they list in addition; None if they list nothing new."""


@dataclass
class Ordered:
    """Operations in their order, and what stands in the way of some."""

    operations: list[Operation]
    impossible: list[tuple[str, Identity, str]]


def in_order(
    found: list[Change],
    removals: list[Removal],
    naming: Naming,
    standing: Iterable[tuple[ConfigKind, Identity, Row]],
    unchanged: Iterable[tuple[Definition, Row]],
) -> Ordered:
    """Put what is to be done in an order in which it can be done.

    Parameters:
        found: declared objects that are otherwise or missing, creations in the order of their ranks
        removals: objects to be removed
        naming: what objects are called by others
        standing: every object that was read
        unchanged: declared objects that are as declared
    """
    return _Ordering(naming, list(standing)).order(found, removals, list(unchanged))


class _Ordering:
    def __init__(self, naming: Naming, standing: list[tuple[ConfigKind, Identity, Row]]) -> None:
        self._naming = naming
        self._standing = standing
        self._nodes: list[_Node] = []
        self._made: dict[Goal, int] = {}
        self._renamed: dict[Goal, int] = {}
        self._impossible: list[tuple[str, Identity, str]] = []

    def order(self, found: list[Change], removals: list[Removal], unchanged: list[tuple[Definition, Row]]) -> Ordered:
        for change in found:
            if change.doing is Doing.UPDATE and _renames(change):
                self._rename(change)
        updates = [one for one in found if one.doing is Doing.UPDATE]
        kept_for_now = [one for change in updates if _lists_targets(change) for one in self._settings_first(change)]
        self._creations([one for one in found if one.doing is Doing.CREATE])
        for change in updates:
            if not _lists_targets(change):
                self._update(change)
        for removal in removals:
            self._removal(removal)
        for one in kept_for_now:
            self._settings_last(one)
        self._lists_of_others()
        self._after_renames()
        self._claims()
        if removals:
            self._link_again(unchanged)
            self._point_elsewhere_first()
        return Ordered(self._numbered(self._sorted()), self._impossible)

    def _add(self, node: _Node) -> int:
        self._nodes.append(node)
        return len(self._nodes) - 1

    def _creations(self, created: list[Change]) -> None:
        coming = {goal for one in created for goal in names_for_others(one.definition.kind.name, one.definition.values)}
        links: list[tuple[int, Change, set[str], set[Goal]]] = []
        last: dict[tuple[str, Any], int] = {}
        for change in created:
            one = change.definition
            later: dict[str, set[Goal]] = defaultdict(set)
            needs = set()
            for path, goal in self._naming.goals(one):
                if goal in self._made:
                    needs.add(self._made[goal])
                elif goal in coming:
                    later[str(path[0])].add(goal)
            for kind, option in LISTED:
                if kind == one.kind.name and one.values.get(option):
                    later[option] |= set()
            for option in list(later):
                for other in _sent_with(one, option):
                    later[other] |= set()
            now = tuple(leaf for leaf in change.changes if leaf.path[0] not in later)
            sends = {option: value for option, value in one.values.items() if option not in later}
            place = self._add(_Node(Doing.CREATE, one.kind, one.identity, one.kind.rank, now, sends, None, one))
            self._nodes[place].needs |= needs
            if one.kind.order or one.kind.name in _LIST_OF:  # a PBX tries them in the order of their creation
                tried_in = (one.kind.name, one.values.get(_LIST_OF.get(one.kind.name, "")))
                self._nodes[place].follows |= {last[tried_in]} if tried_in in last else set()
                last[tried_in] = place
            if later:
                links.append((place, change, set(later), set().union(*later.values())))
            for goal in names_for_others(one.kind.name, one.values):
                self._made[goal] = place
        for place, change, options, goals in links:
            link = self._nodes[self._link(change.definition, options, change.changes, None)]
            link.needs |= {place, *(self._made[goal] for goal in goals)}

    def _link(self, one: Definition, options: set[str], changes: tuple[LeafChange, ...], row: Row | None) -> int:
        sends = {option: one.values[option] for option in one.values if option in options}
        leaves = tuple(leaf for leaf in changes if leaf.path[0] in options)
        return self._add(_Node(Doing.LINK, one.kind, one.identity, one.kind.rank, leaves, sends, row, one))

    def _rename(self, change: Change) -> None:
        """Let a new name be there before anything refers to it."""
        one = change.definition
        leaves = tuple(leaf for leaf in change.changes if leaf.path[0] in one.kind.identity)
        sends = {str(leaf.path[0]): one.values[str(leaf.path[0])] for leaf in leaves}
        place = self._add(_Node(Doing.UPDATE, one.kind, one.identity, -1, leaves, sends, change.row, one))
        for goal in names_for_others(one.kind.name, one.values):
            self._made[goal] = self._renamed[goal] = place

    def _after_renames(self) -> None:
        """Let a PBX put the new name into texts that contain the old one before anything is done to their objects."""
        for node in self._nodes if self._renamed else ():
            if node.row is not None and node.kind.name in TEXT_REFERENCES:
                goals = (goal for _, goal in self._naming.goals_of(node.kind.name, node.row))
                node.prefers |= {self._renamed[goal] for goal in goals if goal in self._renamed}

    def _update(self, change: Change) -> None:
        one = change.definition
        options = {str(leaf.path[0]) for leaf in change.changes}
        if _renames(change):
            options -= set(one.kind.identity)
        listing = {option for option in options if (one.kind.name, option) in LISTED}
        if listing:
            self._link(one, listing, change.changes, change.row)
        rest = tuple(leaf for leaf in change.changes if leaf.path[0] in options - listing)
        if rest:
            sent = {*(options - listing), *change.undecided}
            for option in options - listing:  # an earlier removal may have changed these on the PBX
                sent.update(_sent_with(one, option))
            sends = {option: value for option, value in one.values.items() if option in sent}
            node = _Node(Doing.UPDATE, one.kind, one.identity, one.kind.rank, rest, sends, change.row, one)
            node.needs |= {self._made[goal] for _, goal in self._naming.goals(one) if goal in self._made}
            place = self._add(node)
            if _lists_targets(change):
                self._made |= dict.fromkeys(names_for_others(one.kind.name, one.values), place)

    def _settings_first(self, change: Change) -> Iterator[_KeptForNow]:
        """Let settings list what new objects refer to; keep what they list no longer while others refer to it."""
        one, row, option = change.definition, change.row or {}, LISTED_IN[change.definition.kind.name]
        key = item_key(one.kind, one.kind.options[option])
        stays = {tuple(item.get(name) for name in key) for item in one.values[option] or ()}
        gone = [item for item in row.get(option) or () if tuple(item.get(name) for name in key) not in stays]
        lost = {*names_for_others(one.kind.name, {option: gone})} - {*names_for_others(one.kind.name, one.values)}
        if not any(
            goal in lost for kind, _, held in self._standing for _, goal in self._naming.goals_of(kind.name, held)
        ):
            self._update(change)
            return
        first = None
        if {*names_for_others(one.kind.name, one.values)} - {*names_for_others(one.kind.name, row)}:
            union = [*(one.values[option] or ()), *gone]
            leaf = LeafChange((option,), row.get(option), union)
            first = self._add(
                _Node(Doing.LINK, one.kind, one.identity, one.kind.rank, (leaf,), {option: union}, row, one)
            )
            self._made |= dict.fromkeys(names_for_others(one.kind.name, one.values), first)
        yield _KeptForNow(change, lost, first)

    def _settings_last(self, kept: _KeptForNow) -> None:
        """Take out of settings what nothing refers to any more."""
        referring = {
            place for place, node in enumerate(self._nodes)
            if node.row is not None and node.doing is not Doing.FREE and place != kept.first
            and any(goal in kept.lost for _, goal in self._naming.goals_of(node.kind.name, node.row))
        }  # fmt: skip
        place = len(self._nodes)
        self._update(kept.change)
        self._nodes[place].prefers |= referring
        self._nodes[place].needs |= set() if kept.first is None else {kept.first}

    def _lists_of_others(self) -> None:
        """Put a list of other objects behind whatever is done to them."""
        for node in list(self._nodes):
            for (kind, option), listed in LISTED.items():
                if node.kind.name == kind and node.doing is Doing.LINK and option in node.sends:
                    assert node.definition is not None  # noqa: S101 a link is that of a definition
                    own = node.definition.values.get(listed.equal_to)
                    node.needs |= {n for n, one in enumerate(self._nodes) if _is(one, listed.kind, listed.option, own)}

    def _removal(self, one: Removal) -> None:
        rank = 10_000 if one.last else -one.kind.rank
        place = self._add(_Node(Doing.REMOVE, one.kind, one.identity, rank, row=one.row, removal=one))
        if one.replaced_by is not None:
            node = self._nodes[place]
            node.prefers |= {
                n for n, other in enumerate(self._nodes)
                if other.kind is one.kind and other.identity == one.replaced_by and n != place
            }  # fmt: skip
        if option := _ONE_OF_EACH.get(one.kind.name):
            for node in self._nodes:
                if node.doing is Doing.CREATE and _is(node, one.kind.name, option, one.row.get(option)):
                    node.prefers.add(place)

    def _claims(self) -> None:
        """Free what only one object can have before another one takes it."""
        takers = [
            (place, option, claim) for place, node in enumerate(self._nodes)
            if node.definition is not None and node.doing is not Doing.LINK
            for option, claim in claims(node.kind.name, node.sends)
        ]  # fmt: skip
        if not takers:
            return
        wanted = {claim for _, _, claim in takers}
        holders = {
            claim: (kind, identity, row, option)
            for kind, identity, row in self._standing
            for option, claim in claims(kind.name, row)
            if claim in wanted
        }
        acts = {id(node.row): place for place, node in enumerate(self._nodes) if node.row is not None
                and node.doing in (Doing.UPDATE, Doing.REMOVE)}  # fmt: skip
        given_up: dict[tuple[int, str], set[Claim]] = defaultdict(set)
        waiting: dict[tuple[int, str], set[int]] = defaultdict(set)
        for place, _, claim in takers:
            if claim not in holders or holders[claim][2] is self._nodes[place].row:
                continue
            kind, identity, row, option = holders[claim]
            act = acts.get(id(row))
            if act is None or not self._gives_up(self._nodes[act], claim):
                taker = self._nodes[place]
                held = f"the {claim[0]} {claim[1]} is that of the {title_of(kind, identity)}, which keeps it."
                self._impossible.append((taker.kind.name, taker.identity, held))
            elif option in kind.identity:  # it goes with the object alone
                self._nodes[place].needs.add(act)
            else:
                given_up[act, option].add(claim)
                waiting[act, option].add(place)
        for (act, option), freed in given_up.items():
            self._free(act, option, freed, waiting[act, option])

    def _gives_up(self, node: _Node, claim: Claim) -> bool:
        if node.doing is Doing.REMOVE:
            return True
        return claim not in {one for _, one in claims(node.kind.name, {**(node.row or {}), **node.sends})}

    def _free(self, act: int, option: str, freed: set[Claim], takers: set[int]) -> None:
        holder = self._nodes[act]
        assert holder.row is not None  # noqa: S101 it holds what is given up
        value = pruned(declared(holder.kind, holder.row, frozenset({option})).get(option))  # credentials stay untouched
        left = without(holder.kind.name, option, value, freed)
        leaf = LeafChange((option,), value, left)
        node = _Node(Doing.FREE, holder.kind, holder.identity, holder.rank, (leaf,), {option: left}, holder.row)
        place = self._add(node)
        for one in {act, *takers}:
            self._nodes[one].needs.add(place)

    def _link_again(self, unchanged: list[tuple[Definition, Row]]) -> None:
        """Set references to a number again that one object loses and another one gets."""
        reused = {
            goal: place for place, node in enumerate(self._nodes)
            if node.doing is Doing.CREATE and any(self._nodes[n].doing is Doing.REMOVE for n in node.needs)
            for goal in names_for_others(node.kind.name, node.sends)
        }  # fmt: skip
        if not reused:
            return
        for one, row in unchanged:
            self._set_again(one, row, None, reused)
        for node in [node for node in self._nodes if node.doing is Doing.UPDATE]:
            if node.definition is not None and node.row is not None:
                self._set_again(node.definition, node.row, node, reused)

    def _set_again(self, one: Definition, row: Row, update: _Node | None, reused: Mapping[Goal, int]) -> None:
        """Set the references of an object to numbers that are reused, apart from those that its update sets."""
        sent = {} if update is None else update.sends
        needs: dict[str, set[int]] = defaultdict(set)
        for path, goal in self._naming.goals(one):
            if goal in reused and path[0] not in sent:
                needs[str(path[0])].add(reused[goal])
        options: set[str] = set()
        for option in list(needs):
            others = _sent_with(one, option)
            if update is not None and sent.keys() & others:  # a PBX takes them together only
                update.sends |= {name: one.values[name] for name in (option, *others)}
                update.needs |= needs.pop(option)
            else:
                options |= {option, *others}
        if options:
            place = self._link(one, options, (), row)
            self._nodes[place].needs |= set().union(*needs.values())

    def _point_elsewhere_first(self) -> None:
        """Let what refers to an object be changed or removed before that object is removed."""
        removed: dict[Goal, set[int]] = defaultdict(set)
        for place, node in enumerate(self._nodes):
            if node.doing is Doing.REMOVE and node.row is not None:
                for goal in names_for_others(node.kind.name, node.row):
                    removed[goal].add(place)
        for place, node in enumerate(self._nodes):
            if node.row is None or node.doing is Doing.FREE:
                continue
            for _, goal in self._naming.goals_of(node.kind.name, node.row):
                for gone in removed.get(goal, ()):
                    if gone != place:
                        self._nodes[gone].prefers.add(place)

    def _sorted(self) -> list[int]:
        needs, weak = [node.needs for node in self._nodes], [node.prefers | node.follows for node in self._nodes]
        return in_sequence(needs, weak, [(_PHASES[node.doing], node.rank) for node in self._nodes])

    def _numbered(self, places: list[int]) -> list[Operation]:
        numbers = {place: number for number, place in enumerate(places, 1)}
        for place in places:  # what a circle has put after what changes it must not run at the same time either
            for other in self._nodes[place].prefers:
                if numbers[other] > numbers[place] and self._nodes[other].row is not None:
                    self._nodes[other].prefers.add(place)
        return [self._operation(self._nodes[place], numbers[place], numbers) for place in places]

    def _operation(self, node: _Node, number: int, numbers: Mapping[int, int]) -> Operation:
        one, removal = node.definition, node.removal
        return Operation(
            number, node.doing, node.kind.name, node.identity, one.twin if one is not None else 0, node.changes,
            sends=node.sends, key=key_of(node.kind, node.row), loses=removal.loses if removal is not None else (),
            replaced_by=removal.replaced_by if removal is not None else None,
            after=tuple(sorted(numbers[n] for n in node.needs | node.prefers if numbers[n] < number)),
            place=one.place if one is not None else None,
            was=as_found(node.kind, node.row) if removal is not None and node.row is not None else {},
        )  # fmt: skip


def key_of(kind: ConfigKind, row: Mapping[str, Any] | None) -> dict[str, Any]:
    """The key of an object on its PBX; empty for settings and for what is not there."""
    key = getattr(kind.description, "key", None)
    if row is None or key is None:
        return {}
    return {key.option: row[key.option]}


def _sent_with(one: Definition, option: str) -> list[str]:
    """Declared options that a PBX takes with a reference only."""
    return [other for other in SENT_TOGETHER.get((one.kind.name, option), ()) if other in one.values]


def _lists_targets(change: Change) -> bool:
    """Whether settings list what other objects refer to, new ones too."""
    one = change.definition
    return LISTED_IN.get(one.kind.name) in one.values


def _renames(change: Change) -> bool:
    return change.definition.kind.renamed_from and any(
        leaf.path[0] in change.definition.kind.identity for leaf in change.changes
    )


def _is(node: _Node, kind: str, option: str, value: Any) -> bool:
    held: Mapping[str, Any] = node.definition.values if node.definition is not None else node.row or {}
    return node.kind.name == kind and held.get(option) == value
