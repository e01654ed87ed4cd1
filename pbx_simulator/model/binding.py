"""Bodies: bound to the schema as a whole, or not at all."""

from __future__ import annotations

import datetime
import re
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.errors import unbound

from . import samples
from .document import Json
from .schema import Type, Value

_PATTERNS = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d)"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "time": re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,12})?)?"),
    "duration": re.compile(r"-?P(?=.)(?:\d{1,9}D)?(?:T(?=.)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}(?:\.\d{1,12})?S)?)?"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
}
_RANGES = {
    "uint8": (0, 255),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
}


def bind(body: Any, kind: Type, *, whole: bool) -> Json:
    """Read a body as `kind`: every property known, every value of the right type.

    whole: fill what is absent inside collections and complex values (a create); otherwise a complex value keeps
    only what was given, to be merged (an update). Annotations (`@odata.etag`) are left out.

    Raises:
        Refusal: 400, the one about `delta`.
    """
    if not isinstance(body, dict):
        raise unbound()
    result: Json = {}
    for name, given in body.items():
        about, at, term = name.partition("@")
        if at and term.startswith("odata.") and term != "odata.bind" and (not about or about in kind.properties):
            continue
        prop = kind.properties.get(name)
        if prop is None:
            if kind.open:
                result[name] = given
                continue
            raise unbound()
        result[name] = _value(given, prop.value, whole=whole)
    for name in knowledge.NOT_STORED.get(kind.name, ()):
        result.pop(name, None)
    return result


def bind_value(given: Any, value: Value) -> Any:
    """Read an action's parameter or a whole body of any kind."""
    return _value(given, value, whole=True)


def merged(old: Json | None, changes: Json, kind: Type) -> Json:
    """The properties of a complex value after an update: what was given replaces, the rest stays."""
    result = dict(old) if old is not None else samples.blank(kind)
    for name, value in changes.items():
        prop = kind.properties.get(name)
        inner = None if prop is None or prop.value.collection else prop.value.type
        if inner is not None and isinstance(value, dict):
            before = result.get(name)
            result[name] = merged(before if isinstance(before, dict) else None, value, inner)
        else:
            result[name] = value
    return result


def _value(given: Any, value: Value, *, whole: bool) -> Any:
    if value.collection:
        if given is None and value.nullable:
            return []
        if not isinstance(given, list):
            raise unbound()
        return [_single(item, value, whole=True) for item in given]
    if given is None:
        if not value.nullable and value.kind != "any":
            raise unbound()
        return None
    return _single(given, value, whole=whole)


def _single(given: Any, value: Value, *, whole: bool) -> Any:
    if value.kind == "complex":
        assert value.type is not None
        bound = bind(given, value.type, whole=whole)
        return samples.filled(value.type, bound) if whole else bound
    if value.kind == "any":
        return given
    if not _fits(given, value):
        raise unbound()
    return given.lower() if value.format == "uuid" else given


def _fits(given: Any, value: Value) -> bool:
    if value.kind == "boolean":
        return isinstance(given, bool)
    if value.kind == "integer":
        return isinstance(given, int) and not isinstance(given, bool) and _in_range(given, value)
    if value.kind == "number":
        return (isinstance(given, int | float) and not isinstance(given, bool)) or given in ("INF", "-INF", "NaN")
    if not isinstance(given, str):
        return False
    if value.kind == "enum":
        return _is_member(given, value)
    if value.max_length is not None and len(given) > value.max_length:
        return False
    pattern = _PATTERNS.get(value.format or "")
    return pattern is None or (pattern.fullmatch(given) is not None and _exists(given, value.format))


def _is_member(given: str, value: Value) -> bool:
    if value.flags:
        return all(part.strip() in value.members for part in given.split(","))
    return given in value.members


def _in_range(given: int, value: Value) -> bool:
    low, high = _RANGES.get(value.format or "", (-(2**63), 2**63 - 1))
    low = low if value.minimum is None else value.minimum
    high = high if value.maximum is None else value.maximum
    return low <= given <= high


def _exists(given: str, form: str | None) -> bool:
    if form not in ("date-time", "date"):
        return True
    try:
        datetime.date.fromisoformat(given[:10])
    except ValueError:
        return False
    return True
