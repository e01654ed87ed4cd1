"""Declared objects and those of a PBX side by side: what is to be done to each that is declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pbx_as_code.config.checking.items import required_names
from pbx_as_code.config.configuration import Definition, Identity, as_identity, identity_of, value_at
from pbx_as_code.config.export import made_by_pbx, own_principal
from pbx_as_code.config.kinds import KINDS, ConfigKind, Creation
from pbx_as_code.config.lock import Lock, Owned
from pbx_as_code.config.pbx_rows import answered_nulls
from pbx_as_code.config.planning.compare import Comparison, Names, by_option, compare, shown, with_names
from pbx_as_code.config.planning.matches import Matches
from pbx_as_code.config.planning.naming import Naming, Row
from pbx_as_code.config.planning.operations import Doing, LeafChange, Plan, Uncompared
from pbx_as_code.config.planning.ordering import Change
from pbx_as_code.config.planning.removal import Wishes
from pbx_as_code.config.planning.scope import Scope
from pbx_as_code.config.planning.spellings import Namesakes, by_spelling, fixed, spelling, unusable_values
from pbx_as_code.config.values import Secret
from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.engine.compare.values import canonical


@dataclass
class Pairing:
    """Pairs the objects of one kind after the other; the plan gets what is equal, impossible or not compared."""

    scope: Scope
    rows: Mapping[str, list[Row]]
    """Objects of the PBX, by kind."""
    unread: Mapping[str, str]
    """Why kinds could not be read, by their sections."""
    naming: Naming
    names: Names | None
    """The names of objects that are referred to; None where the files call all of them so."""
    renames: Mapping[str, str]
    """New names of departments by those on the PBX, also of departments outside of the selection."""
    outside: Mapping[str, list[Definition]]
    """Declared objects outside of the selection, by kind."""
    wishes: Wishes
    plan: Plan
    matches: Matches
    left: list[tuple[ConfigKind, Row]] = field(default_factory=list)
    """Objects of the PBX that are not declared."""
    matched: dict[int, Definition] = field(default_factory=dict)
    """Declared objects by the id of their row."""
    unchanged: list[tuple[Definition, Row]] = field(default_factory=list)
    """Declared objects that are as declared."""
    _namesakes: Namesakes = field(init=False)
    """Of the kind whose objects are paired."""

    def changes(self, kind: ConfigKind, definitions: list[Definition]) -> Iterator[Change]:
        """The changes that make the objects of a kind be as they are declared.

        Parameters:
            kind: of the objects; each kind is asked for once
            definitions: of this kind, in the selection
        """
        if kind.section in self.unread:
            why = self.unread[kind.section]
            for one in definitions:
                self.plan.uncompared.append(Uncompared(kind.name, one.identity, (), why, one.place))
            return
        rows = [row for row in self.rows[kind.name] if not made_by_pbx(kind, row) and not self._own(kind, row)]
        there: dict[Identity, list[Row]] = defaultdict(list)
        for row in rows:
            there[self.identity(kind, self.as_declared(kind, row))].append(row)
        groups: dict[Identity, list[Definition]] = defaultdict(list)
        for one in definitions:
            groups[self.identity(kind, one.values)].append(one)
        spelled_otherwise = by_spelling(kind, there.keys() - groups.keys())
        self._namesakes = Namesakes(kind, there)
        for identity, alike in groups.items():
            if identity not in there and len(alike) == 1:
                identity = spelled_otherwise.pop(spelling(identity), identity)
            yield from self._alike(kind, alike, there[identity])
        self._leave_out_declared(kind, there, spelled_otherwise)
        for left in there.values():
            self.left += [(kind, row) for row in left if self.scope.chooses(kind, self.as_declared(kind, row))]

    def vanished(self, lock: Lock, looked_at: set[str]) -> Iterator[Owned]:
        """Objects of the lock that are neither declared nor on the PBX: one that is created later is not that of the
        files.
        """
        undeclared = lock.owned.difference(self.plan.declared)
        for name in {name for name, _ in undeclared} & looked_at:
            kind = KINDS[name]
            if kind.section in self.unread:
                continue
            there = {self.identity(kind, self.as_declared(kind, row)) for row in self.rows[name]}
            for identity in (identity for of, identity in undeclared if of == name):
                named = self.as_declared(kind, dict(zip(kind.identity, identity, strict=False)))
                if self.identity(kind, named) not in there:
                    yield name, identity

    def _leave_out_declared(
        self, kind: ConfigKind, there: dict[Identity, list[Row]], otherwise: dict[Identity, Identity]
    ) -> None:
        """Take objects that are declared outside of the selection from those that are not declared."""
        for one in self.outside.get(kind.name, ()):
            identity = self.identity(kind, one.values)
            there.pop(identity if identity in there else otherwise.get(spelling(identity), identity), None)
        for old in self.renames if kind.name == "group" and self.outside else ():
            there.pop(self.identity(kind, {"name": old}), None)

    def _own(self, kind: ConfigKind, row: Row) -> bool:
        own = own_principal(kind, row, self.wishes.own_number)
        return own and not self.wishes.consent.names(kind, identity_of(kind, row))

    def as_declared(self, kind: ConfigKind, row: Row) -> Row:
        """The row with the new names of departments that are to be renamed; its own name stays, so that it differs."""
        renamed = self.naming.renamed
        if not renamed:
            return row
        if kind.name == "group":
            return {**row, "name": renamed.get(row["name"], row["name"])}
        # A text that names a department does not follow it: the plan sets it.
        return {**row, **with_names(by_option(kind.name, texts=False), row, self.naming.usual)}

    def identity(self, kind: ConfigKind, values: Mapping[str, Any]) -> Identity:
        """The identity of declared or answered values, in which references have the names everybody uses."""
        properties = _of_identity(kind.name)
        named = with_names(properties, {o: values.get(o) for o in kind.identity}, self.naming.usual)
        return as_identity(_hashable(prop, named[prop.option]) for prop in properties)

    def _alike(self, kind: ConfigKind, definitions: list[Definition], rows: list[Row]) -> Iterator[Change]:
        """Pair definitions and rows of one identity: equal ones first, then the nearest."""
        if len(definitions) == len(rows) == 1:
            row = rows.pop()
            yield from self._differs(definitions[0], row, self._compare(definitions[0], row))
            return
        waiting = list(definitions)
        for nearest in (False, True):
            for one in list(waiting):
                compared = [self._compare(one, row) for row in rows]
                if not compared:
                    break
                best = min(range(len(rows)), key=lambda n: len(compared[n].changes))
                if nearest or not compared[best].changes:
                    waiting.remove(one)
                    yield from self._differs(one, rows.pop(best), compared[best])
        for one in waiting:
            yield from self._new(kind, one)

    def _compare(self, one: Definition, row: Row) -> Comparison:
        shown_row = row if one.kind.name == "group" else self.as_declared(one.kind, row)
        return compare(one, shown_row, self.names, answered_nulls(self.rows, one.kind.name, row))

    def _differs(self, one: Definition, row: Row, comparison: Comparison) -> Iterator[Change]:
        self.matched[id(row)] = one
        if comparison.changes:
            self.matches.differing.append((one, row, comparison))
        changes = []
        for leaf in comparison.changes:
            if leaf.path[0] in one.kind.started_from or leaf.path[0] in fixed(one.kind):
                why = f"{leaf.option} is {leaf.old} and cannot be changed once the {one.kind.label} is created."
                self.plan.impossible.append((one.kind.name, one.identity, why))
            else:
                changes.append(leaf)
        for path, why in comparison.uncompared:
            place = one.place_of(*path)
            secret = value_at(one.values, path) if self.wishes.update_secrets else None
            if not isinstance(secret, Secret):
                self.plan.uncompared.append(Uncompared(one.kind.name, one.identity, path, why, place))
            else:
                changes.append(LeafChange(path, None, None, secret.name, place))
        if changes:
            changed = {str(leaf.path[0]) for leaf in changes}
            yield from self._usable(
                Change(one, Doing.UPDATE, tuple(changes), row, tuple(comparison.undecided)), changed
            )
            return
        self.unchanged.append((one, row))
        if not comparison.uncompared:
            self.plan.equal.append((one.kind.name, one.identity))

    def _new(self, kind: ConfigKind, one: Definition) -> Iterator[Change]:
        self.matches.missing.append(one)
        about = kind.description
        if kind.creation is not Creation.CREATED or not (isinstance(about, EntityDescription) and about.can_create):
            why = "it is not on the PBX, and objects of this kind cannot be created."
            self.plan.impossible.append((kind.name, one.identity, why))
            return
        needed = dict.fromkeys((*required_names(kind), *about.required_for_create, *kind.started_from))
        lacking = [option for option in needed if one.values.get(option) in (None, "")]
        if lacking:
            why = f"it is not on the PBX, and cannot be created without {', '.join(lacking)}. See {one.place_of()}."
            self.plan.impossible.append((kind.name, one.identity, why))
            return
        if kind.twins and not any(one.identity):
            names = ", ".join(kind.identity)
            why = f"it is not on the PBX, and cannot be created without any of {names}. See {one.place_of()}."
            self.plan.impossible.append((kind.name, one.identity, why))
            return
        namesake = self._namesakes.refusal(one)
        if namesake is not None:
            self.plan.impossible.append((kind.name, one.identity, namesake))
            return
        yield from self._usable(Change(one, Doing.CREATE, tuple(self._leaves(one))), set(one.values))

    def _usable(self, change: Change, options: set[str]) -> Iterator[Change]:
        """The change, unless it sets a name by which no request finds the object, or a list that is never written."""
        one = change.definition
        wrong = list(unusable_values(change, options, self.rows[one.kind.name], self.scope.whole.definitions))
        self.plan.impossible += [(one.kind.name, one.identity, why) for why in wrong]
        if not wrong:
            yield change

    def _leaves(self, one: Definition) -> Iterator[LeafChange]:
        written = [option for option in one.node.values if option in one.values]
        for option in [*written, *(option for option in one.values if option not in one.node.values)]:
            value = one.values[option]
            place, by_default = one.place_of(option), option not in one.node.values
            if isinstance(value, Secret):
                yield LeafChange((option,), None, None, value.name, place, by_default)
            elif value not in (None, "", []) and not one.kind.conceals(option, one.values, value):
                within = one.places_within(option) if isinstance(value, list | dict) else ()
                yield LeafChange((option,), None, shown(value), None, place, by_default, within)


@cache
def _of_identity(kind: str) -> tuple[Property, ...]:
    known = {prop.option: prop for prop in by_option(kind)}
    return tuple(known[option] for option in KINDS[kind].identity)


def _hashable(prop: Property, value: Any) -> Any:
    found = None if isinstance(value, list | dict) else canonical(prop.kind, value)
    return repr(value) if isinstance(value, list | dict) else found
