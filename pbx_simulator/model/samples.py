"""Values the document's schemas allow: what a row is filled up with, and what is shown where nothing is stored."""

from __future__ import annotations

import functools
from typing import Any

from .document import Json
from .schema import Type, Value

_DEPTH = 3
_STRINGS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00",
    "duration": "PT0S",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def default(value: Value, depth: int = 0) -> Any:
    """The least a value may be: null where it may be null, empty where it may be empty."""
    if value.collection:
        return []
    if value.nullable:
        return None
    return _least(value, depth, default)


def sample(value: Value, depth: int = 0) -> Any:
    """A value worth looking at, the same every time: structure down to a few levels, then null or empty."""
    if value.collection:
        if depth >= _DEPTH:
            return []
        return [_least(value, depth, sample)]
    if value.nullable and depth >= _DEPTH:
        return None
    return _least(value, depth, sample)


def blank(kind: Type) -> Json:
    """A row of `kind` with every property the document names, each at its least."""
    return dict(_blank(kind))


# The values of a row are never changed in place, so blanks may share their empty lists.
@functools.lru_cache(maxsize=8192)
def _blank(kind: Type) -> Json:
    return {name: _absent(p.value, p.navigation) for name, p in kind.properties.items()}


def filled(kind: Type, row: Json) -> Json:
    """`row` with what it lacks added, down to the innermost."""
    result = blank(kind)
    for name, given in row.items():
        prop = kind.properties.get(name)
        inner = None if prop is None else prop.value.type
        if inner is None or given is None or prop is None:
            result[name] = given
        elif prop.value.collection:
            result[name] = [filled(inner, item) for item in given]
        else:
            result[name] = filled(inner, given)
    return result


def _absent(value: Value, navigation: bool) -> Any:
    if navigation and not value.collection:
        return None
    return default(value)


def _least(value: Value, depth: int, of: Any) -> Any:
    if value.kind == "enum":
        return value.members[0] if value.members else None
    if value.kind == "integer":
        return max(0, value.minimum or 0)
    if value.kind == "number":
        return 0
    if value.kind == "boolean":
        return False
    if value.kind == "string":
        return _STRINGS.get(value.format or "", "")
    if value.kind == "complex" and value.type is not None and depth < 2 * _DEPTH:
        return {
            name: of(p.value, depth + 1)
            for name, p in value.type.properties.items()
            if not p.navigation and not p.large and not (p.value.collection and p.value.type is value.type)
        }
    return None if value.nullable else {}
