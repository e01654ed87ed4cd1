"""Values of a newer release of 3CX: choices that the descriptions do not have, and that no file may declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.description import Property

_CHOOSING: Final = ("enum", "flags")


class _Choosing(NamedTuple):
    """A property with choices, or with such properties within it."""

    option: str
    choices: frozenset[str]
    fields: tuple[_Choosing, ...]


def unknown_choices(
    kind: ConfigKind, values: Mapping[str, Any], seen: set[tuple[str, int]] | None = None
) -> dict[str, str]:
    """Options of an object that have unknown choices at any depth, each with the first one and its path.

    Parameters:
        kind: of the object
        values: as `declared` returns them
        seen: options and structures that have none; objects of one kind share most of theirs
    """
    found = {}
    for prop in _choosing(kind.name):
        value = values.get(prop.option)
        if value is None or (seen and (prop.option, id(value)) in seen):
            continue
        said = next(_unknown(prop, value, prop.option), None)
        if said is not None:
            found[prop.option] = said
        elif seen is not None:
            seen.add((prop.option, id(value)))
    return found


@cache
def _choosing(name: str) -> tuple[_Choosing, ...]:
    return tuple(_with_choices(KINDS[name].options.values()))


def _with_choices(properties: Iterable[Property]) -> Iterator[_Choosing]:
    for prop in properties:
        fields = tuple(_with_choices(prop.fields))
        choices = frozenset(prop.choices) if prop.kind in _CHOOSING else frozenset[str]()
        if choices or fields:
            yield _Choosing(prop.option, choices, fields)


def _unknown(prop: _Choosing, value: Any, path: str) -> Iterator[str]:
    if value.__class__ is list:
        for item in value:
            yield from _unknown(prop, item, path)
    elif value.__class__ is dict:
        for field in prop.fields:
            inner = value.get(field.option)
            if inner is not None:
                yield from _unknown(field, inner, f"{path}.{field.option}")
    elif value.__class__ is str and value and prop.choices and value not in prop.choices:
        yield f"{path} {value}"
