"""New pieces of YAML: as the emitter writes them, at any indentation, or on one line where the file does so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pbx_as_code.config.exporting.emitter import entries_text, items_text, scalar_text


def block(value: Any, indent: str) -> str:
    """A structure or a list that is not empty, over several lines: the first line is not indented, the others are."""
    lines = entries_text(value, indent) if isinstance(value, Mapping) else items_text(value, indent)
    return "\n".join(lines)[len(indent) :]


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping) and value:
        return "{" + ", ".join(f"{name}: {flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list) and value:
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar_text(value)


def literal(value: Any, indent: str) -> str | None:
    """A text of several lines after |, or None if it cannot be written so."""
    if not isinstance(value, str) or "\n" not in value or "{{" in value or "{%" in value or "{#" in value:
        return None
    body, ends = value.removesuffix("\n"), value.endswith("\n")
    lines = body.split("\n")
    if lines[0][:1] in ("", " ") or lines[-1] == "" or not all(line.isprintable() for line in lines):
        return None
    if any(line != line.rstrip() for line in lines):
        return None
    return ("|" if ends else "|-") + "".join(f"\n{indent}{line}" if line else "\n" for line in lines)


def is_one_line(value: Any) -> bool:
    """Whether the emitter writes a value behind its key."""
    return not (isinstance(value, Mapping | list) and value)
