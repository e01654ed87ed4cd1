"""References to what is neither on the PBX nor planned, or of another type, and values that no task can set.

A PBX may keep such references, for instance a destination whose extension was removed, and values of a newer release.
Those that the files repeat are hints; those that the plan would set are impossible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from pbx_as_code.config.checking.destinations import leads_elsewhere
from pbx_as_code.config.checking.fixed_lists import removed_items
from pbx_as_code.config.checks import titled, value_doubts
from pbx_as_code.config.configuration import Definition, Doubt, Refused, options_in, placed, spelled, value_at
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.nodes import Entries, Problem
from pbx_as_code.config.planning.compare import by_option
from pbx_as_code.config.planning.naming import (
    Goal,
    Naming,
    Path,
    Row,
    has_reference,
    names_for_others,
    occurrences,
    references,
)
from pbx_as_code.config.planning.operations import LeafChange, Operation, Plan
from pbx_as_code.config.planning.ordering import Change, Removal
from pbx_as_code.config.planning.scope import Scope
from pbx_as_code.config.spelling import unknown
from pbx_as_code.description import Reference, is_empty_route

_OnPbx: TypeAlias = Mapping[int, tuple[Row, tuple[LeafChange, ...]]]
"""By the id of a declared object: the object as the PBX has it, and what the plan changes."""


@dataclass
class Dangling:
    """The references of one plan."""

    scope: Scope
    naming: Naming
    plan: Plan
    """Its hints and what is impossible are added to."""
    referred: Collection[Goal]
    """Everything that declared objects refer to: the entity set, and the name in the files."""
    kept: dict[Any, list[tuple[str, Any]]] = field(default_factory=dict)
    """By the key of a declared object: values that no task could set and that stay, each with its option."""

    def repeating(self, one: Operation) -> Operation:
        """An operation that knows which of its values are merely sent again."""
        kept = self.kept.get((one.kind, one.identity, one.twin), ()) if one.alters else ()
        values = tuple(value for option, value in kept if option in one.sends)
        return replace(one, repeats=values) if values else one

    def check(self, removals: Iterable[Removal], found: list[Change], unchanged: list[tuple[Definition, Row]]) -> None:
        """Judge each reference.

        Parameters:
            removals: objects to be removed
            found: declared objects that are otherwise or missing
            unchanged: declared objects that are as declared
        """
        declared = self.scope.configuration.definitions
        removals = list(removals)
        if removals:
            self._orders(removals, declared)
        kept = {goal for one in declared for goal in names_for_others(one.kind.name, one.values)}
        gone = {goal for one in removals for goal in names_for_others(one.kind.name, one.row)} - kept
        doubts = [one for one in self.scope.whole.doubts if one.of_other_type or one.refused]
        doubts += self._to_others(declared)
        if not (gone or doubts or any(self._is_doubtful(*goal) for goal in self.referred)):
            return
        there: _OnPbx = {id(one): (row, ()) for one, row in unchanged}
        there = {**there, **{id(one.definition): (one.row or {}, one.changes) for one in found}}
        outside = {id(one) for one in self.scope.outside()}  # may refer to what this plan does not read
        for one in self.scope.whole.definitions:
            row, changes = there.get(id(one), ({}, ()))
            for path, reference, value in references(by_option(one.kind.name), one.values, ()):
                if self._is_missing(reference.entity_set, value) or self.naming.is_other_name(reference, value):
                    if id(one) not in outside:
                        self._missing(one, path, reference, value, has_kept(one, row, changes, path, value))
                elif self._usual(reference.entity_set, value) in gone:
                    self._impossible(one, path, f"{reference.label} {value} is to be removed.")
        self._settle(doubts, {one.key: one for one in declared}, there)

    def _orders(self, removals: list[Removal], declared: list[Definition]) -> None:
        removed = [(one.kind.name, one.row) for one in removals]
        for one in declared:
            for problem in removed_items(one, removed, declared):
                why = f"{problem.message} See {problem.place}."
                self.plan.impossible.append((one.kind.name, one.identity, why))

    def _to_others(self, declared: list[Definition]) -> Iterator[Doubt]:
        """Destinations whose type does not fit an object of the PBX that the files do not declare."""
        kinds = self.naming.kinds_on_pbx({name for entity_set, name in self.referred if entity_set == "Peers"})
        for one in declared if kinds else ():
            for path, _, value in placed(one.kind.options.values(), one.values):
                found = leads_elsewhere(value, kinds) if isinstance(value, dict) else None
                if found is None:
                    continue
                number, said = str(value[found[1]]), spelled((*path, found[1]))
                there = KINDS[kinds[number]].description.one
                what = f"{number} is {there} on the PBX, and {found[0]} is {value[found[0]]}."
                place = one.place_of(*path, found[1])
                yield Doubt(one.key, (*path, found[1]), number, Problem(place, f"{said}: {what}"), of_other_type=True)

    def _settle(self, doubts: list[Doubt], declared: Mapping[Any, Definition], there: _OnPbx) -> None:
        stay = []
        for doubt in doubts:
            one = declared.get(doubt.key)
            if one is None or (doubt.refused and id(one) not in there):
                continue  # it is not compared, and not written
            if self._has(one, doubt, declared, there):
                stay.append(doubt)
            else:
                why = f"{doubt.problem.message} See {doubt.problem.place}."
                self.plan.impossible.append((one.kind.name, one.identity, why))
        for doubt in stay:
            if doubt.refused:
                value = value_at(declared[doubt.key].values, doubt.path)
                self.kept.setdefault(doubt.key, []).append((str(doubt.path[0]), value))
        for title, doubt in titled(stay):
            advice = "It stays so. See" if doubt.refused else "Change it at"
            told = f"{doubt.problem.message} It is so on the PBX as well. {advice} {doubt.problem.place}."
            self.plan.hints.append(f"{title}: {told}")

    def _has(self, one: Definition, doubt: Doubt, declared: Mapping[Any, Definition], there: _OnPbx) -> bool:
        """Whether the PBX has the same already, so that the plan does not set it."""
        if not doubt.refused:
            return has_destination(one, *there.get(id(one), ({}, ())), doubt)
        if not has_value(one, *there[id(one)], doubt, self.scope.whole.refused):
            return False
        if doubt.shared_with is None:
            return True
        other, path = declared.get(doubt.shared_with[0]), doubt.shared_with[1]
        if other is None or id(other) not in there:
            return True
        return has_value(other, *there[id(other)], doubt._replace(path=path), self.scope.whole.refused)

    def _missing(self, one: Definition, path: Path, reference: Reference, value: str, kept: bool) -> None:
        outside = self.scope.declared_outside(reference.entity_set, value)
        if outside is not None:
            self._impossible(one, path, outside)
        elif kept:
            self.plan.hints.append(
                f"{one.title}: {'.'.join(map(str, path))} is {value} on the PBX as well, but there is no such "
                f"{reference.label}. Remove it at {one.place_of(*path)}."
            )
        elif self.naming.is_other_name(reference, value):
            usual = self._usual(reference.entity_set, value)[1]
            why = f"The PBX keeps this as a plain text. Give {reference.label} {usual} instead of its name {value}."
            self._impossible(one, path, f"{why} See {one.place_of(*path)}.")
        else:
            known = sorted(self.naming.known(reference.entity_set) or ())
            why = f"{unknown(reference.label, value, known)} It is neither on the PBX nor planned."
            self._impossible(one, path, f"{why} See {one.place_of(*path)}.")

    def _impossible(self, one: Definition, path: Path, why: str) -> None:
        option = ".".join(options_in(path))
        self.plan.impossible.append((one.kind.name, one.identity, f"{option}: {why}"))

    def _is_doubtful(self, entity_set: str, name: str) -> bool:
        return self._is_missing(entity_set, name) or self.naming.has_other_name(entity_set, name)

    def _is_missing(self, entity_set: str, name: str) -> bool:
        known = self.naming.known(entity_set)
        return known is not None and name not in known and not is_empty_route(entity_set, name)

    def _usual(self, entity_set: str, name: str) -> Goal:
        return (entity_set, (self.naming.known(entity_set) or {}).get(name, ""))


def has_kept(one: Definition, row: Row, changes: Iterable[LeafChange], path: Path, name: str) -> bool:
    """Whether the PBX already has a reference, so that the plan does not set it.

    Parameters:
        one: declared object that refers
        row: as the PBX has it; empty for a new object
        changes: of the plan to it
        path: of the reference
        name: that it refers to
    """
    changed = [leaf for leaf in changes if covers(leaf.path, path)]
    if not changed:
        return has_reference(one.kind.name, row, path, name)
    return all(
        occurrences(one.kind.name, wrapped(leaf.path, leaf.old), path, name)
        >= occurrences(one.kind.name, wrapped(leaf.path, leaf.new), path, name)
        for leaf in changed
    )


def has_destination(one: Definition, row: Row, changes: Iterable[LeafChange], doubt: Doubt) -> bool:
    """Whether the PBX already has a destination, type and number, so that the plan does not set it.

    Parameters:
        one: declared object that has it
        row: as the PBX has it; empty for a new object
        changes: of the plan to it
        doubt: about the destination
    """
    *structure, option = doubt.path
    if any(covers(leaf.path, tuple(structure)) for leaf in changes):
        return False
    options = options_in(structure)
    return any(
        value.get(option) == doubt.value and options_in(at) == options
        for at, _, value in placed(one.kind.options.values(), row)
        if isinstance(value, dict)
    )


def has_value(
    one: Definition,
    row: Row,
    changes: Iterable[LeafChange],
    doubt: Doubt,
    refused: Mapping[str, Refused],
) -> bool:
    """Whether the PBX already has a value that no task can set, so that the plan does not set it.

    Parameters:
        one: declared object that has it
        row: as the PBX has it; empty for a new object
        changes: of the plan to it
        doubt: about the value
        refused: values that no task can set, by the name of their kind
    """
    if not row:
        return False
    paths = (doubt.path, *doubt.depends_on)
    if not any(covers(leaf.path, path) for leaf in changes for path in paths):
        return True
    if doubt.shared_with is not None:
        options = placed(one.kind.options.values(), row)
        return any(str(value) == doubt.value and options_in(at) == options_in(doubt.path) for at, _, value in options)
    on_pbx = Definition(one.kind, dict(row), Entries(one.place))
    there, here = (
        [found for found in value_doubts(whole, refused.get(one.kind.name, {})) if _alike(found, doubt)]
        for whole in (on_pbx, one)
    )
    return len(there) >= len(here)


def _alike(one: Doubt, other: Doubt) -> bool:
    return (one.problem.message, options_in(one.path)) == (other.problem.message, options_in(other.path))


def covers(leaf: Path, path: Path) -> bool:
    """Whether a change of one path is a change of the other: one is within the other."""
    shorter = min(len(leaf), len(path))
    return leaf[:shorter] == path[:shorter]


def wrapped(path: Path, value: Any) -> dict[str, Any]:
    """Options of an object that has nothing but one value.

    Parameters:
        path: of the value; the number of an item does not count
        value: which may be a structure or a list
    """
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [value]
    assert isinstance(value, dict)  # noqa: S101 a path begins with an option
    return value
