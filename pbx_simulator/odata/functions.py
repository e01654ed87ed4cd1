"""Operators and functions of $filter, by their names in the syntax tree and in the text."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from .terms import NUMERIC

ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "Mod": operator.mod,
}
_TEXT = {"string"}
_MOMENT = {"date-time"}
FUNCTIONS: dict[str, tuple[tuple[set[str], ...], str, Callable[..., Any]]] = {
    "startswith": ((_TEXT, _TEXT), "boolean", str.startswith),
    "endswith": ((_TEXT, _TEXT), "boolean", str.endswith),
    "contains": ((_TEXT, _TEXT), "boolean", operator.contains),
    "tolower": ((_TEXT,), "string", str.lower),
    "toupper": ((_TEXT,), "string", str.upper),
    "trim": ((_TEXT,), "string", str.strip),
    "length": ((_TEXT,), "integer", len),
    "indexof": ((_TEXT, _TEXT), "integer", str.find),
    "concat": ((_TEXT, _TEXT), "string", operator.add),
    "substring": (
        (_TEXT, NUMERIC, NUMERIC),
        "string",
        lambda text, start, length=None: text[start : None if length is None else start + length],
    ),
    "date": ((_MOMENT,), "date", lambda moment: moment.date().isoformat()),
    "year": ((_MOMENT,), "integer", lambda moment: moment.year),
    "month": ((_MOMENT,), "integer", lambda moment: moment.month),
    "day": ((_MOMENT,), "integer", lambda moment: moment.day),
    "hour": ((_MOMENT,), "integer", lambda moment: moment.hour),
    "minute": ((_MOMENT,), "integer", lambda moment: moment.minute),
    "second": ((_MOMENT,), "integer", lambda moment: moment.second),
    "floor": ((NUMERIC,), "number", lambda number: number // 1),
    "ceiling": ((NUMERIC,), "number", lambda number: -(-number // 1)),
    "round": ((NUMERIC,), "number", round),
}
