"""A plan: what makes a PBX be as its files declare it. Making one only reads, one request per page."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration, Definition, Identity, identity_of, title_of
from pbx_as_code.config.export import made_by_pbx, own_principal, read
from pbx_as_code.config.kinds import KINDS, REQUIRED, SECTIONS, ConfigKind, Creation
from pbx_as_code.config.loader import REQUIRED_SECTIONS
from pbx_as_code.config.planning.compare import Comparison, by_option, compare, shown, with_names
from pbx_as_code.config.planning.operations import Doing, LeafChange, Operation, Plan, Uncompared
from pbx_as_code.config.spelling import unknown
from pbx_as_code.description import EntityDescription, Property, Reference
from pbx_as_code.engine.compare.values import canonical
from pbx_as_code.entities import description
from pbx_as_code.pbx import Pbx

Row = dict[str, Any]
_TARGETS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "Groups": ("group", ("name", "number")),
    "Trunks": ("trunk", ("number", "gateway.name")),
    "Peers": ("peer", ("number", "name")),
    "PromptSets": ("prompt_set", ("name",)),
    "FxsTemplates": ("fxs_template", ("id",)),
}
"""By entity set of a reference: the kind that lists it, and the options that name its objects, the usual one first."""
_NUMBERED: Final = (
    "user", "queue", "ring_group", "receptionist", "parking", "fax", "call_flow_app", "service_principal", "trunk",
)  # fmt: skip
_DECLARED_AS: Final[Mapping[str, tuple[str, ...]]] = {"Groups": ("group",), "Trunks": ("trunk",), "Peers": _NUMBERED}
"""The kinds that create what is referred to."""


def plan(configuration: Configuration, pbx: Pbx, *, parallel: int = 4, own_number: str | None = None) -> Plan:
    """Compare what files declare with what a PBX has.

    Nothing is removed: what the files do not declare is kept, and listed as unmanaged where they declare its kind.

    Parameters:
        configuration: without problems
        pbx: to read; nothing is written to it
        parallel: requests at a time
        own_number: number of the service principal that signs in, which is not part of the configuration

    Raises:
        PbxError: something cannot be read; the first failure ends it
    """
    return _Planner(configuration, pbx, parallel, own_number).plan()


@dataclass(frozen=True)
class _Change:
    """Changes to one object, before operations are put in order."""

    definition: Definition
    doing: Doing
    changes: tuple[LeafChange, ...]


class _Planner:
    def __init__(self, configuration: Configuration, pbx: Pbx, parallel: int, own_number: str | None) -> None:
        self._configuration = configuration
        self._pbx = pbx
        self._parallel = parallel
        self._own = own_number
        self._unread: dict[str, str] = {}
        self._rows: dict[str, list[Row]] = {}
        self._called: dict[str, dict[str, str]] = {}
        self._created: set[tuple[str, str]] = set()
        self._plan = Plan(pbx.url, "", digest_of(configuration))

    def plan(self) -> Plan:
        declared: dict[str, list[Definition]] = defaultdict(list)
        for definition in self._configuration.definitions:
            declared[definition.kind.name].append(definition)
        self._read(declared)
        self._plan.release = self._pbx.release or ""
        self._called = {target: self._names_of(target) for target in _TARGETS}
        self._required()
        found: list[_Change] = []
        for kind in KINDS.values():
            if kind.name in declared or kind.name in self._configuration.complete:
                found += self._kind(kind, declared.get(kind.name, []))
        self._references()
        self._plan.operations = self._in_order(found)
        return self._plan

    def _read(self, declared: Mapping[str, list[Definition]]) -> None:
        wanted = [*declared, *sorted(self._configuration.complete)]
        for definition in self._configuration.definitions:
            wanted += [_TARGETS[t.entity_set][0] for _, t, _ in _references(definition) if t.entity_set in _TARGETS]
        wanted += [REQUIRED_SECTIONS[section] for section in self._configuration.required]
        names = list(dict.fromkeys(wanted))
        for name, rows in zip(names, read(self._pbx, names, self._parallel, self._unread), strict=True):
            self._rows[name] = rows

    def _names_of(self, target: str) -> dict[str, str]:
        """Usual name of each object of a set, by each of its names on the PBX or in the files."""
        kind, options = _TARGETS[target]
        rows: list[Mapping[str, Any]] = list(self._rows.get(kind, ()))
        rows += [one.values for name in _DECLARED_AS.get(target, ()) for one in self._configuration.of(name)]
        usual = {str(_at(row, options[0])) for row in rows if _at(row, options[0]) not in (None, "")}
        found: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            for option in options[1:]:
                name, first = _at(row, option), _at(row, options[0])
                if name not in (None, "") and first not in (None, ""):
                    found[str(name)].add(str(first))
        others = {name: next(iter(firsts)) for name, firsts in found.items() if len(firsts) == 1}
        return others | {name: name for name in usual}

    def _name(self, prop: Property, value: str) -> str:
        assert prop.reference is not None  # noqa: S101 asked for references only
        return self._called.get(prop.reference.entity_set, {}).get(value, value)

    def _required(self) -> None:
        for section, names in self._configuration.required.items():
            kind = REQUIRED_SECTIONS[section]
            option = REQUIRED[kind]
            there = {str(row.get(option)) for row in self._rows[kind]}
            for name in names:
                if section in self._unread:
                    self._plan.impossible.append((kind, (name,), f"it is required, and {self._unread[section]}"))
                elif name not in there:
                    why = (
                        "it is required, is not on the PBX and cannot be created by files. Upload or install it first."
                    )
                    self._plan.impossible.append((kind, (name,), why))

    def _kind(self, kind: ConfigKind, definitions: list[Definition]) -> Iterator[_Change]:
        if kind.section in self._unread:
            why = self._unread[kind.section]
            for one in definitions:
                self._plan.uncompared.append(Uncompared(kind.name, one.identity, (), why, one.place))
            return
        rows = [
            row
            for row in self._rows[kind.name]
            if not made_by_pbx(kind, row) and not own_principal(kind, row, self._own)
        ]
        there: dict[Identity, list[Row]] = defaultdict(list)
        for row in rows:
            there[self._identity(kind, row)].append(row)
        groups: dict[Identity, list[Definition]] = defaultdict(list)
        for one in definitions:
            groups[self._identity(kind, one.values)].append(one)
        for identity, alike in groups.items():
            yield from self._alike(kind, alike, there[identity])
        for left in there.values():
            self._plan.unmanaged += [(kind.name, identity_of(kind, row)) for row in left]

    def _identity(self, kind: ConfigKind, values: Mapping[str, Any]) -> Identity:
        known = {prop.option: prop for prop in by_option(kind.name)}
        named = with_names(by_option(kind.name), {o: values.get(o) for o in kind.identity}, self._name)
        return tuple(_hashable(known[o], named[o]) for o in kind.identity)

    def _alike(self, kind: ConfigKind, definitions: list[Definition], rows: list[Row]) -> Iterator[_Change]:
        """Pair definitions and rows of one identity: equal ones first, then the nearest."""
        if len(definitions) == len(rows) == 1:
            yield from self._differs(definitions[0], compare(definitions[0], rows.pop(), self._name))
            return
        waiting = list(definitions)
        for nearest in (False, True):
            for one in list(waiting):
                compared = [compare(one, row, self._name) for row in rows]
                if not compared:
                    break
                best = min(range(len(rows)), key=lambda n: len(compared[n].changes))
                if nearest or not compared[best].changes:
                    rows.pop(best)
                    waiting.remove(one)
                    yield from self._differs(one, compared[best])
        for one in waiting:
            yield from self._new(kind, one)

    def _differs(self, one: Definition, comparison: Comparison) -> Iterator[_Change]:
        for path, why in comparison.uncompared:
            place = one.place_of(*path)
            self._plan.uncompared.append(Uncompared(one.kind.name, one.identity, path, why, place))
        if not comparison.changes:
            if not comparison.uncompared:
                self._plan.equal.append((one.kind.name, one.identity))
            return
        yield _Change(one, Doing.UPDATE, tuple(comparison.changes))

    def _new(self, kind: ConfigKind, one: Definition) -> Iterator[_Change]:
        about = kind.description
        if kind.creation is not Creation.CREATED or not (isinstance(about, EntityDescription) and about.can_create):
            why = "it is not on the PBX, and objects of this kind cannot be created."
            self._plan.impossible.append((kind.name, one.identity, why))
            return
        lacking = [option for option in about.required_for_create if one.values.get(option) in (None, "")]
        if lacking:
            why = f"it is not on the PBX, and cannot be created without {', '.join(lacking)}."
            self._plan.impossible.append((kind.name, one.identity, why))
            return
        self._created.update(_own_names(one))
        yield _Change(one, Doing.CREATE, tuple(self._leaves(one)))

    def _leaves(self, one: Definition) -> Iterator[LeafChange]:
        for option, value in one.values.items():
            path = (option,)
            if option in one.kind.secrets or value in (None, "", []):
                continue
            yield LeafChange(path, None, shown(value), None, one.place_of(*path))

    def _references(self) -> None:
        for one in self._configuration.definitions:
            for path, reference, value in _references(one):
                known = self._called.get(reference.entity_set)
                if known is None or value in known:
                    continue
                where = ".".join(str(step) for step in path if isinstance(step, str))
                why = f"{where}: {unknown(reference.label, value, sorted(known))}"
                self._plan.impossible.append(
                    (one.kind.name, one.identity, f"{why} It is neither on the PBX nor planned.")
                )

    def _in_order(self, found: list[_Change]) -> list[Operation]:
        """Number the operations: creations by rank, links to what was created, then changes."""
        created = [one for one in found if one.doing is Doing.CREATE]
        operations: list[Operation] = []
        made: dict[tuple[str, str], int] = {}
        links: list[tuple[Definition, tuple[LeafChange, ...], int, set[tuple[str, str]]]] = []
        for change in created:
            one = change.definition
            number = len(operations) + 1
            later: dict[str | int, set[tuple[str, str]]] = defaultdict(set)
            for path, goal in self._goals(one):
                if goal in self._created and goal not in made:
                    later[path[0]].add(goal)
            now = tuple(leaf for leaf in change.changes if leaf.path[0] not in later)
            needed = tuple(sorted({made[goal] for _, goal in self._goals(one) if goal in made}))
            operations.append(_operation(number, Doing.CREATE, one, now, needed))
            if later:
                linked = tuple(leaf for leaf in change.changes if leaf.path[0] in later)
                links.append((one, linked, number, set().union(*later.values())))
            for goal in _own_names(one):
                made[goal] = number
        for one, leaves, number, targets in links:
            after = tuple(sorted({number, *(made[t] for t in targets if t in made)}))
            operations.append(_operation(len(operations) + 1, Doing.LINK, one, leaves, after))
        for change in found:
            if change.doing is Doing.UPDATE:
                one = change.definition
                after = tuple(sorted({made[goal] for _, goal in self._goals(one) if goal in made}))
                operations.append(_operation(len(operations) + 1, Doing.UPDATE, one, change.changes, after))
        return operations

    def _goals(self, one: Definition) -> Iterator[tuple[tuple[str | int, ...], tuple[str, str]]]:
        """References of an object: path, then entity set and usual name of the target."""
        for path, reference, value in _references(one):
            called = self._called.get(reference.entity_set, {})
            yield path, (reference.entity_set, called.get(value, value))


def _own_names(one: Definition) -> list[tuple[str, str]]:
    """Entity sets and usual names by which others refer to an object."""
    return [
        (target, str(one.values.get(_TARGETS[target][1][0])))
        for target, kinds in _DECLARED_AS.items()
        if one.kind.name in kinds
    ]


def _operation(
    number: int, doing: Doing, one: Definition, changes: tuple[LeafChange, ...], after: tuple[int, ...]
) -> Operation:
    return Operation(number, doing, one.kind.name, one.identity, one.twin, changes, after, one.place)


def digest_of(configuration: Configuration) -> str:
    """A digest of everything that is declared; the order and the split of the files do not matter, nor do comments."""
    said = sorted(
        json.dumps([one.kind.name, one.twin, shown(one.values)], sort_keys=True, default=str)
        for one in configuration.definitions
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def title(kind: str, identity: Identity) -> str:
    """Title of an object of a plan."""
    if kind in KINDS:
        return title_of(KINDS[kind], identity)
    return " ".join((description(kind).label, *(str(part) for part in identity)))


def section(kind: str) -> str:
    """The key of files under which a kind stands."""
    about = description(kind)
    return next((name for name, one in SECTIONS.items() if one.name == kind), getattr(about, "plural", kind))


def _references(one: Definition) -> Iterator[tuple[tuple[str | int, ...], Reference, str]]:
    yield from _within(by_option(one.kind.name), one.values, ())


def _within(
    properties: tuple[Property, ...], values: Mapping[str, Any], path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Reference, str]]:
    for prop in properties:
        value = values.get(prop.option)
        if value is None or not (prop.fields or prop.reference):
            continue
        numbered = enumerate(value) if isinstance(value, list) else ((None, value),)
        for number, item in numbered:
            here = (*path, prop.option) if number is None else (*path, prop.option, number)
            if isinstance(item, Mapping):
                yield from _within(prop.fields, item, here)
            elif prop.reference is not None and isinstance(item, str) and item:
                yield here, prop.reference, item


def _at(row: Mapping[str, Any], option: str) -> Any:
    value: Any = row
    for step in option.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _hashable(prop: Property, value: Any) -> Any:
    found = None if isinstance(value, list | dict) else canonical(prop.kind, value)
    return repr(value) if isinstance(value, list | dict) else found
