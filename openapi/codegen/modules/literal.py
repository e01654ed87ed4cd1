"""A dataclass as the Python source that makes it: what is not the default, one thing a line where it is long."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

_WIDTH = 150
_INDENT = "    "


def literal(value: Any, depth: int = 0, taken: int = 0) -> str:
    """Return source that evaluates to `value`, as it stands at `depth` levels of indentation.

    Understands dataclasses, tuples, lists, dictionaries and plain constants. Keeps to 150 columns where names allow;
    `taken` of them stand before it.
    """
    short, parts = _short(value), _parts(value)
    fits = len(short) + taken + len(_INDENT) * (depth + 1) <= _WIDTH
    if parts is None or (fits and "fields=" not in short and "properties=" not in short):
        return short
    opening, items, closing = parts
    lines = [f"{_INDENT * (depth + 1)}{head}{literal(item, depth + 1, len(head))},\n" for head, item in items]
    return f"{opening}\n{''.join(lines)}{_INDENT * depth}{closing}"


def _short(value: Any) -> str:
    parts = _parts(value)
    if parts is None:
        # A JSON string is a Python string, always in double quotes.
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    opening, items, closing = parts
    comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
    return f"{opening}{', '.join(f'{head}{_short(item)}' for head, item in items)}{comma}{closing}"


def _parts(value: Any) -> tuple[str, list[tuple[str, Any]], str] | None:
    """The opening, the items with what stands before each, and the closing; None for a plain constant."""
    if is_dataclass(value):
        given = [(item, getattr(value, item.name)) for item in fields(value)]
        named = [(f"{item.name}=", one) for item, one in given if item.default is MISSING or one != item.default]
        return f"{type(value).__name__}(", named, ")"
    if isinstance(value, dict):
        return "{", [(f"{_short(name)}: ", item) for name, item in value.items()], "}"
    if isinstance(value, tuple | list):
        opening, closing = "()" if isinstance(value, tuple) else "[]"
        return opening, [("", item) for item in value], closing
    return None
