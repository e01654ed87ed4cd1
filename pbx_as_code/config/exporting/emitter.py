"""YAML for the few shapes that files have. The same values give the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, Final

from pbx_as_code.config.values import Secret

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
"""Texts that other readers of YAML take for something else, in any case."""
_EXPRESSION: Final = re.compile(r"\{[{%#]")
_SCALARS: Final = frozenset({str, bool, int, NoneType})
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def emit(values: Mapping[str, Any]) -> str:
    """A file.

    Parameters:
        values: structures, lists, texts, numbers, truth values, None and `Secret`, in the order in which they are
            written
    """
    return "\n".join(entries_text(values, "")) + "\n"


def entries_text(values: Mapping[str, Any], indent: str) -> Iterator[str]:
    """Lines of a structure."""
    for name, value in values.items():
        if not name.isidentifier():  # such as the name of a department
            name = _text(name)
        if value.__class__ in _SCALARS:  # as most are
            yield f"{indent}{name}: {scalar_text(value)}"
        elif isinstance(value, Mapping) and value:
            yield f"{indent}{name}:"
            yield from entries_text(value, indent + "  ")
        elif isinstance(value, list) and value:
            yield f"{indent}{name}:"
            yield from items_text(value, indent)
        else:
            yield f"{indent}{name}: {scalar_text(value)}"


def items_text(values: list[Any], indent: str) -> Iterator[str]:
    """Lines of a list."""
    for value in values:
        if isinstance(value, Mapping) and value:
            lines = entries_text(value, indent + "  ")
            yield f"{indent}- {next(lines)[len(indent) + 2 :]}"
            yield from lines
        else:
            yield f"{indent}- {scalar_text(value)}"


def scalar_text(value: Any) -> str:
    """A value on one line that is no structure or list with content."""
    if value.__class__ is str:
        return _text(value)
    if value is None:
        return "null"
    if isinstance(value, Secret):
        return f"!secret {value.name}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list):
        return "[]"
    return _text(str(value))


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    simple = text.isprintable() and '"' not in text and "\\" not in text
    escaped = text if simple else "".join(map(_escaped, text))
    # An explicit tag keeps a text that looks like an expression from being taken for one.
    return f'!!str "{escaped}"' if _EXPRESSION.search(text) else f'"{escaped}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
