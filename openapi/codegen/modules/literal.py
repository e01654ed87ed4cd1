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
    short = _short(value)
    if (
        len(short) + taken + len(_INDENT) * (depth + 1) <= _WIDTH
        and "fields=" not in short
        and "properties=" not in short
    ):
        return short
    inner = _INDENT * (depth + 1)
    if is_dataclass(value):
        lines = [f"{inner}{name}={literal(item, depth + 1)},\n" for name, item in _arguments(value)]
        return f"{type(value).__name__}(\n{''.join(lines)}{_INDENT * depth})"
    if isinstance(value, dict):
        lines = [
            f"{inner}{_short(name)}: {literal(item, depth + 1, len(_short(name)))},\n" for name, item in value.items()
        ]
        return f"{{\n{''.join(lines)}{_INDENT * depth}}}"
    if isinstance(value, tuple | list):
        lines = [f"{inner}{literal(item, depth + 1)},\n" for item in value]
        opening, closing = "()" if isinstance(value, tuple) else "[]"
        return f"{opening}\n{''.join(lines)}{_INDENT * depth}{closing}"
    return short


def _short(value: Any) -> str:
    if is_dataclass(value):
        return f"{type(value).__name__}({', '.join(f'{name}={_short(item)}' for name, item in _arguments(value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_short(name)}: {_short(item)}' for name, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_short(item) for item in value)}]"
    if isinstance(value, tuple):
        items = ", ".join(_short(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    if isinstance(value, str):
        # A JSON string is a Python string, always in double quotes.
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def _arguments(value: Any) -> list[tuple[str, Any]]:
    """The arguments that are not what they would be anyway."""
    found = []
    for item in fields(value):
        given = getattr(value, item.name)
        if item.default is MISSING or given != item.default:
            found.append((item.name, given))
    return found
