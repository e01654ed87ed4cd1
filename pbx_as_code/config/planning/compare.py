"""Differences, leaf by leaf, between a declared object and that of a PBX. Equality is that of the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

from pbx_as_code.config.configuration import Definition, options_in
from pbx_as_code.config.exporting.declared import declared, says_nothing
from pbx_as_code.config.kinds import KINDS, LISTED, TEXT_REFERENCES
from pbx_as_code.config.planning.operations import LeafChange
from pbx_as_code.config.values import Secret
from pbx_as_code.description import Property, Reference
from pbx_as_code.engine.compare.answered_nulls import NO_NULLS, Nulls
from pbx_as_code.engine.compare.compare import by_place, in_order, same, same_within
from pbx_as_code.engine.compare.values import canonical, is_zero
from pbx_as_code.walk import ABSENT

Path = tuple[str | int, ...]
_STRUCTURES = (dict, Mapping)
"""Declared and answered structures are dicts, which is told faster than that something is a Mapping."""
NOT_SHOWN: Final = "the PBX does not show credentials"
"""Why a credential is not compared."""
Names = Callable[[Property, str], str]
"""How an object that is referred to is called where everybody calls it the same."""


@dataclass
class Comparison:
    """A declared object compared with the object of a PBX."""

    changes: list[LeafChange] = field(default_factory=list)
    """Leaves that are otherwise."""
    uncompared: list[tuple[Path, str]] = field(default_factory=list)
    """Leaves that the PBX does not show, and why."""
    undecided: list[str] = field(default_factory=list)
    """Options that are to be zero, and that the PBX may have left out for being zero or for being null."""
    actual: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The object of the PBX as an export would write it, with its references named as everywhere."""


def compare(definition: Definition, row: Mapping[str, Any], names: Names | None, nulls: Nulls = NO_NULLS) -> Comparison:
    """Compare a declared object with the one a PBX has.

    Parameters:
        definition: as the files declare it; what it does not declare is not compared
        row: as `Pbx.everything` returns it
        names: what objects that are referred to are called; None where the files call all of them so
        nulls: options that the PBX answered as null; where others are None it may have left out zero
    """
    kind = definition.kind
    values = definition.values
    also = frozenset(path for path, steps in _special(kind.name) if steps[0] in values and _declares(values, steps))
    actual = declared(kind, row, also)
    found = Comparison(actual=actual)
    properties = by_option(kind.name)
    wanted = values if names is None else with_names(properties, values, names)
    _structure(_Side(definition, found, nulls), properties, wanted, actual, ())
    return found


def compare_values(definition: Definition, actual: Mapping[str, Any], nulls: Nulls | None = None) -> Comparison:
    """Compare two declared objects, in which references have the names everybody uses.

    Parameters:
        definition: one of them; what it does not declare is not compared
        actual: options of the other one, which are the old values
        nulls: options that a PBX answered as null; all other nulls are equal to zero, on both sides. None where the old
            values are those of a PBX that may have left out zero
    """
    found = Comparison(actual=actual)
    side = _Side(definition, found, nulls or NO_NULLS, null_is_zero=nulls is not None)
    _structure(side, by_option(definition.kind.name), definition.values, actual, ())
    return found


@cache
def _special(kind: str) -> tuple[tuple[str, list[str]], ...]:
    """Paths that an export leaves out or writes a marker for."""
    return tuple((path, path.split(".")) for path in sorted(KINDS[kind].left_out.keys() | KINDS[kind].secrets))


@cache
def by_option(kind: str, *, texts: bool = True) -> tuple[Property, ...]:
    """The properties of a kind, called by their options in the place of their XAPI names.

    Parameters:
        kind: its name
        texts: whether texts that name an object are references, see TEXT_REFERENCES
    """
    return _renamed(tuple(KINDS[kind].options.values()), TEXT_REFERENCES.get(kind, {}) if texts else {}, "")


def _renamed(properties: tuple[Property, ...], texts: Mapping[str, Reference], within: str) -> tuple[Property, ...]:
    called = {prop.name: prop.option for prop in properties}
    return tuple(_by_option(prop, called, texts, f"{within}{prop.option}") for prop in properties)


def _by_option(prop: Property, beside: Mapping[str, str], texts: Mapping[str, Reference], path: str) -> Property:
    within = {inner.name: inner.option for inner in prop.fields}
    when = prop.ordered_when
    return replace(
        prop,
        name=prop.option,
        reference=prop.reference or texts.get(path),
        fields=_renamed(prop.fields, texts, f"{path}."),
        item_key=tuple(within.get(name, name) for name in prop.item_key),
        led_by=tuple(within.get(name, name) for name in prop.led_by),
        ordered_when=None if when is None else (beside.get(when[0], when[0]), when[1]),
    )


def with_names(properties: tuple[Property, ...], values: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A copy of declared values in which each reference has the name everybody uses."""
    named = dict(values)
    for prop in properties:
        if prop.refers and prop.option in values:
            named[prop.option] = _named(prop, values[prop.option], names)
    return named


def _named(prop: Property, value: Any, names: Names) -> Any:
    if isinstance(value, list):
        return [_named(prop, item, names) for item in value]
    if isinstance(value, _STRUCTURES):
        return with_names(prop.fields, value, names)
    return names(prop, value) if prop.reference is not None and isinstance(value, str) and value else value


def _declares(value: Any, path: list[str]) -> bool:
    """Whether a path is declared, by something else than a marker."""
    if isinstance(value, list):
        return any(_declares(item, path) for item in value)
    if not isinstance(value, Mapping) or path[0] not in value:
        return False
    inner = value[path[0]]
    if isinstance(inner, Secret):
        return False
    return len(path) == 1 or _declares(inner, path[1:])


@dataclass(frozen=True)
class _Side:
    definition: Definition
    found: Comparison
    nulls: Nulls = NO_NULLS
    null_is_zero: bool = False

    def same(self, prop: Property, new: Any, actual: Mapping[str, Any], path: Path) -> bool:
        """Whether an option is as declared, judged as the engine does. `actual` is the structure that has it."""
        old = actual.get(prop.option)
        if self.null_is_zero and (old is None or new is None) and is_zero(prop.kind, new if old is None else old):
            return len(path) > 1 or prop.option not in self.nulls
        if old is None and is_zero(prop.kind, new) and not (len(path) == 1 and prop.option in self.nulls):
            equal = same_within(prop, new, _answered(actual))
            if equal and len(path) == 1 and prop.nullable:
                self.found.undecided.append(prop.option)
            return equal
        return same(prop, new, old)

    def change(self, path: Path, old: Any, new: Any) -> None:
        option = ".".join(options_in(path))
        place = self.definition.place_of(*path)
        label = label_of(self.definition.kind.name, self.definition.values, path, old if new is None else new)
        if self.definition.kind.conceals(option, self.definition.values, old, new):
            self.found.changes.append(LeafChange(path, None, None, "", place, label=label))
        else:
            within = self.definition.places_within(*path) if isinstance(new, list | dict) else ()
            change = LeafChange(path, shown(old), shown(new), None, place, within=within, label=label)
            self.found.changes.append(change)

    def hidden(self, path: Path, why: str) -> None:
        self.found.uncompared.append((path, why))


def _structure(
    side: _Side, properties: tuple[Property, ...], wanted: Mapping[str, Any], actual: Mapping[str, Any], path: Path
) -> None:
    for prop in properties:
        option = prop.option
        if option in wanted:
            new, old = wanted[option], actual.get(option, ABSENT)
            if new == old and new.__class__ is old.__class__ and (prop.is_plain or not prop.has_secrets):
                continue  # as most of millions are
            ordered = in_order(prop, wanted, actual) if prop.ordered_when else prop
            _property(side, ordered, wanted, actual, (*path, prop.option))


def _property(side: _Side, prop: Property, wanted: Mapping[str, Any], actual: Mapping[str, Any], path: Path) -> None:
    new, old = wanted[prop.option], actual.get(prop.option, ABSENT)
    if isinstance(new, Secret):
        side.hidden(path, NOT_SHOWN)
    elif old is ABSENT:
        side.hidden(path, "the PBX does not show it in a list")
    elif prop.kind == "complex" and not prop.many and isinstance(new, Mapping):
        nothing = {inner.option: None for inner in prop.fields}
        _structure(side, prop.fields, new, old if isinstance(old, Mapping) else nothing, path)
    elif (side.definition.kind.name, prop.option) in LISTED:
        _order(side, prop, new or [], old or [], path)
    elif prop.kind == "complex" and prop.many:
        _items(side, prop, new or [], old or [], path)
    elif not side.same(prop, new, actual, path):
        side.change(path, old, new)


def _answered(value: Any) -> Any:
    """A value without the options that are None, at any depth: the PBX may have left them out."""
    if isinstance(value, _STRUCTURES):
        return {option: _answered(inner) for option, inner in value.items() if inner is not None}
    return [_answered(item) for item in value] if isinstance(value, list) else value


def _order(side: _Side, prop: Property, wanted: list[Any], actual: list[Any], path: Path) -> None:
    """Compare the order of objects that are declared elsewhere; those that the list does not name are left alone."""
    listed = LISTED[side.definition.kind.name, prop.option]
    places: list[int | None] = [None] * len(wanted)
    for options in ((*listed.key, listed.name), listed.key):  # a rule may get another name, or share its key
        keyed = replace(prop, item_key=options)
        pool: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for number in sorted(set(range(len(actual))).difference(places), reverse=True):
            pool[_key(keyed, actual[number])].append(number)
        for number, item in enumerate(wanted):
            if places[number] is None and (fitting := pool[_key(keyed, item)]):
                places[number] = fitting.pop()
    there = sorted(place for place in places if place is not None)
    if places != there:
        side.change(path, [actual[place] for place in there], wanted)


def _items(side: _Side, prop: Property, wanted: list[Any], actual: list[Any], path: Path) -> None:
    known = [_without_secrets(side, item, (*path, number)) for number, item in enumerate(wanted)]
    if same(prop, known, actual):
        return
    there = _answered(actual)
    if same(prop, known, there):
        return
    telling = [item for item in known if not says_nothing(item)]  # `declared` has left out such items of the PBX
    if len(telling) < len(known) and same(prop, telling, there):
        return
    partners, left = paired(prop, known, there)
    before, unknown = len(side.found.changes), len(side.found.uncompared)
    for number, (item, partner) in enumerate(zip(known, partners, strict=True)):
        old = None if partner is None else actual[partner]
        here = (*path, number)
        if isinstance(old, Mapping) and isinstance(item, Mapping):
            _structure(side, prop.fields, item, old, here)
        elif not same(replace(prop, many=False), item, old):
            side.change(here, old, item)
    for number, additional in enumerate(left, len(wanted)):
        if not prop.standing:
            side.change((*path, number), actual[additional], None)
    equal = len(side.found.changes) == before and len(side.found.uncompared) == unknown
    if equal or (prop.ordered and _moved(partners)):  # the items are in another order
        side.change(path, actual, known)


def _moved(partners: list[int | None]) -> bool:
    """Whether items change places: those that are there, or because a new one comes before one of them."""
    kept = [partner for partner in partners if partner is not None]
    return kept != sorted(kept) or None in partners[: len(kept)]


def label_of(kind: str, values: Mapping[str, Any], path: Path, last: Any = None) -> str:
    """A path with the keys of items in the place of their numbers, such as agents[301].skill_group.

    Parameters:
        kind: name of the kind
        values: of an object; it may lack what the path ends with
        path: options and numbers of items
        last: the value at the path

    Returns:
        nothing if no item on the path has a key
    """
    if not any(isinstance(step, int) for step in path):
        return ""
    said, keyed, properties, prop = "", False, by_option(kind), None
    held: Any = values
    for place, step in enumerate(path, 1):
        if isinstance(step, str):
            prop = next(one for one in properties if one.option == step)
            properties, said = prop.fields, f"{said}.{step}"
            held = held.get(step) if isinstance(held, _STRUCTURES) else None
            continue
        item = held[step] if isinstance(held, list) and step < len(held) else last if place == len(path) else None
        key = " / ".join(str(part) for part in _key(prop, item) if part not in (None, "")) if prop is not None else ""
        said, keyed, held = f"{said}[{key or step}]", keyed or bool(key), item
    return said.removeprefix(".") if keyed else ""


def paired(prop: Property, wanted: list[Any], actual: list[Any]) -> tuple[list[int | None], list[int]]:
    """Pair the items of two lists.

    Parameters:
        prop: the list
        wanted: declared items, without credentials
        actual: items of the PBX

    Returns:
        for each declared item the number of the one of the PBX, or None; and the numbers that are left
    """
    if prop.ordered and not prop.item_key:
        found = by_place(prop, wanted, actual)
        return found, [number for number in range(len(actual)) if number not in found]
    pool = list(enumerate(actual))
    partners = [_partner(prop, item, pool) for item in wanted]
    return partners, [number for number, _ in pool]


def _partner(prop: Property, item: Any, pool: list[tuple[int, Any]]) -> int | None:
    """Take the item of the pool that a declared one is to be compared with: by its key, or its likeness."""
    if prop.item_key and isinstance(item, Mapping):
        chosen = next((n for n, (_, other) in enumerate(pool) if _key(prop, other) == _key(prop, item)), None)
    else:
        one = replace(prop, many=False)
        chosen = next((n for n, (_, other) in enumerate(pool) if same(one, item, other)), None)
        if chosen is None and pool:
            chosen = min(range(len(pool)), key=lambda n: _unlike(prop, item, pool[n][1]))
    return None if chosen is None else pool.pop(chosen)[0]


def _key(prop: Property, item: Any) -> tuple[Any, ...]:
    fields = {inner.option: inner for inner in prop.fields}
    held: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    return tuple(canonical(fields[o].kind, held.get(o)) if o in fields else held.get(o) for o in prop.item_key)


def _unlike(prop: Property, item: Any, other: Any) -> int:
    if not (isinstance(item, Mapping) and isinstance(other, Mapping)):
        return 99
    return sum(
        not same(inner, item[inner.option], other.get(inner.option)) for inner in prop.fields if inner.option in item
    )


def _without_secrets(side: _Side, item: Any, path: Path) -> Any:
    if isinstance(item, Secret):
        side.hidden(path, NOT_SHOWN)
        return None
    if not isinstance(item, Mapping):
        return item
    kept = {}
    for option, value in item.items():
        if isinstance(value, Secret):
            side.hidden((*path, option), NOT_SHOWN)
        elif isinstance(value, Mapping):
            kept[option] = _without_secrets(side, value, (*path, option))
        elif isinstance(value, list):
            kept[option] = [_without_secrets(side, one, (*path, option, n)) for n, one in enumerate(value)]
        else:
            kept[option] = value
    return kept


def shown(value: Any) -> Any:
    """A value as a plan shows it: never a credential."""
    if isinstance(value, Secret):
        return f"!secret {value.name}" if value.name else "(credential)"
    if isinstance(value, _STRUCTURES):
        return {option: shown(inner) for option, inner in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return None if value is ABSENT else value
