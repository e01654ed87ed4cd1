"""Objects of a PBX as files declare them: without state, ids and credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

from pbx_as_code.compiled import function
from pbx_as_code.config.configuration import value_at
from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.config.left_out import NAMED_VALUES
from pbx_as_code.config.values import Secret
from pbx_as_code.description import Property

_Converter: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]
NESTED: Final = (dict, list)
"""Classes of structures and lists, as JSON makes them."""


def declared(kind: ConfigKind, row: Mapping[str, Any], also: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the declared options of an object: identity first, then in the order of the description.

    Parameters:
        kind: of the object
        row: as `Pbx.everything` returns it
        also: paths of options to return as they are, although an export leaves them out or writes a marker
    """
    started = {
        option: value for option, path in kind.started_from.items() if (value := value_at(row, path)) is not None
    }
    return _converter(kind.name, also)({**row, **started} if started else row)


def options_in_order(kind: ConfigKind) -> list[Property]:
    """Options of a kind: identity first, then in the order of the description."""
    place = {option: number for number, option in enumerate(kind.identity)}
    return sorted(kind.options.values(), key=lambda prop: place.get(prop.option, len(place)))


@cache
def _converter(name: str, also: frozenset[str]) -> _Converter:
    """The function for a kind, written once: there may be ten thousand objects with two hundred values each."""
    kind = KINDS[name]
    return _written(kind, options_in_order(kind), "", also)


def _written(kind: ConfigKind, properties: Iterable[Property], within: str, also: frozenset[str]) -> _Converter:
    known: dict[str, Any] = {"one": _one, "Secret": Secret, "nested": NESTED, "conceals": kind.conceals}
    lines = ["def declare(row):", " said = {}"]
    for number, prop in enumerate(properties):
        path = within + prop.option
        if (within and prop.read_only) or (path in kind.left_out and path not in also):
            continue
        option = repr(prop.option)
        inner = _written(kind, prop.fields, f"{path}.", also) if prop.kind == "complex" else None
        known[f"convert{number}"] = inner
        known[f"ordered{number}"] = bool(prop.ordered or prop.ordered_when)
        value = f"row[{option}]"
        if not prop.is_plain:
            arguments = f"value, convert{number}, ordered{number}"
            value = f"value if (value := {value}).__class__ not in nested else one({arguments})"
        if path in kind.secrets and path not in also:  # named when its object is known
            told = f"row[{option}] not in (None, '')"
            if kind.name in NAMED_VALUES:
                told = f"conceals({path!r}, row, row[{option}])"
            value = f"Secret('') if {told} else {value}"
        lines.append(f" if {option} in row: said[{option}] = {value}")
    declare: _Converter = function("\n".join([*lines, " return said"]), known)
    return declare


def _one(value: Any, convert: _Converter | None, ordered: bool) -> Any:
    if value.__class__ is list:
        return _many(value, convert, ordered) if value else []
    return value if convert is None or value.__class__ is not dict else convert(value)


def _many(values: list[Any], convert: _Converter | None, ordered: bool) -> list[Any]:
    kept = []
    for value in values:
        item = _one(value, convert, ordered) if value.__class__ in NESTED else value
        if not says_nothing(item):
            kept.append(item)
    return kept if ordered or len(kept) < 2 else sorted(kept, key=_order(kept))


def _order(items: list[Any]) -> Callable[[Any], Any]:
    """Sort key for the order of the items: by their first value if it is a number or a text and no two are equal, such
    as the position of a key; else by their whole text.
    """
    if all(item.__class__ is dict for item in items):
        first = next(iter(items[0]))
        kinds = {item[first].__class__ if next(iter(item)) == first else None for item in items}
        if kinds in ({str}, {int}):
            take = itemgetter(first)
            if len(set(map(take, items))) == len(items):
                return take if kinds == {int} else lambda item: repr(take(item))
    return repr


def says_nothing(item: Any) -> bool:
    """Whether an item of a list says nothing: a PBX may fill lists with samples such as {} and ""."""
    if item.__class__ is dict:
        return all(not value or (value.__class__ is dict and says_nothing(value)) for value in item.values())
    return item in (None, "", [])
