"""Structures that were given as text, as Ansible reads them: JSON, a Python literal, or `a=1, b=2`."""

from __future__ import annotations

import ast
import json
from typing import Any

_QUOTES = ("'", '"')


def structure_of(value: Any) -> dict[Any, Any]:
    """The mapping a value is or describes.

    Raises:
        TypeError: it describes none
    """
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value.startswith("{"):
        return _literal(value)
    if isinstance(value, str) and "=" in value:
        pairs = [part.partition("=") for part in _parts(value.strip())]
        if all(equals for _, equals, _ in pairs):
            return {name: given for name, _, given in pairs}
    raise TypeError("a structure is needed here")


def _literal(text: str) -> dict[Any, Any]:
    try:
        found: Any = json.loads(text)
    except ValueError:
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            found = None
    if not isinstance(found, dict):
        raise TypeError("a structure is needed here")
    return found


def _parts(text: str) -> list[str]:
    """Split at blanks and commas outside of quotes; a backslash escapes the next character."""
    parts: list[str] = []
    part, quote, escaped = "", "", False
    for character in text:
        if escaped:
            part, escaped = part + character, False
        elif character == "\\":
            escaped = True
        elif quote:
            quote, part = ("", part) if character == quote else (quote, part + character)
        elif character in _QUOTES:
            quote = character
        elif character in ", ":
            parts, part = [*parts, part], ""
        else:
            part += character
    return [each for each in [*parts, part] if each]
