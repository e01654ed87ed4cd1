"""Traits that shape what is answered; what is stored stays as it is."""

from __future__ import annotations

import re
from typing import Any

from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Type, Value

from .registry import Traits

_SHAPING = frozenset({"omit-nulls", "omit-zeros", "seven-decimals"})
_NO_DURATION = re.compile(r"-?P(?:0+D)?(?:T(?:0+H)?(?:0+M)?(?:0+(?:\.0+)?S)?)?")
_MIDNIGHT = re.compile(r"00:00(?::00(?:\.0+)?)?")


def presented(shown: Json, kind: Type, traits: Traits) -> Json:
    """Show an entity or a structure as a PBX with these traits shows it."""
    active = traits & _SHAPING
    return _structure(shown, kind, active) if active else shown


def _structure(shown: Json, kind: Type, active: Traits) -> Json:
    result: Json = {}
    for name, value in shown.items():
        prop = kind.properties.get(name)
        if value is None and "omit-nulls" in active:
            continue
        if prop is None or value is None:
            result[name] = value
            continue
        if "omit-zeros" in active and _is_zero(value, prop.value):
            continue
        result[name] = _value(value, prop.value, active)
    return result


def _value(value: Any, described: Value, active: Traits) -> Any:
    if isinstance(value, list):
        return [_value(item, described, active) if item is not None else None for item in value]
    if isinstance(value, dict):
        return value if described.type is None else _structure(value, described.type, active)
    if described.format == "time" and "seven-decimals" in active:
        whole, _, part = value.partition(".")
        return f"{whole if whole.count(':') > 1 else f'{whole}:00'}.{part:0<7.7}"
    return value


def _is_zero(value: Any, described: Value) -> bool:
    if described.collection or described.kind in ("complex", "any", "enum", "boolean"):
        return False
    if described.format == "duration":
        return _NO_DURATION.fullmatch(value) is not None
    if described.format == "time":
        return _MIDNIGHT.fullmatch(value) is not None
    return value in (0, "")
