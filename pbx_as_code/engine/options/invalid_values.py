"""Options that nothing could do anything with: refused before anything has looked at them, Ansible's validation
included.

That one reads 1e999999999 as a whole number of a thousand million digits, fails with an exception on a number that no
float can hold, and follows a structure however deep it is; and half a surrogate pair, which JSON can write, is no
text that could be sent or shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from pbx_as_code.engine.options.renamed_options import RENAMED_OPTIONS
from pbx_as_code.engine.options.structures import structure_of

DEEPEST = 30
"""How many structures and lists may be in each other: the XAPI itself has seven."""
_LONGEST = 64
"""Digits of a number; the longest that the XAPI has is of nineteen."""
_LARGEST = 10**_LONGEST
_NUMBER = ": a number of this size cannot be meant."
_DEEP = ": there are too many structures in each other."
_NO_NUMBER = re.compile(r"e[+-]?[0-9_]{4,}|inf", re.IGNORECASE)


def invalid_values(spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> dict[str, str]:
    """Find invalid values by option, for messages; the messages do not contain the values.

    Parameters:
        spec: the options, as AnsibleModule takes them
        given: the options as they were written
    """
    names = {alias: name for name, option in spec.items() for alias in option.get("aliases", ())}
    found: dict[str, str] = {}
    for name, value in given.items():
        option = spec.get(names.get(name, name)) or {}
        if not option and name in RENAMED_OPTIONS:
            problem: str | None = f": this connection option is called {RENAMED_OPTIONS[name]} now. Rename it."
        else:
            problem = _problem(option, option.get("type"), value, 0)
        if problem is not None:
            found[name] = f"{name}{problem} Nothing was sent."
    return found


def _problem(option: Mapping[str, Any], kind: str | None, value: Any, depth: int) -> str | None:
    """Where in a value something is wrong, and what: the end of a sentence that begins with the option."""
    if value is None:
        return None
    if depth > DEEPEST:
        return _DEEP
    if kind == "list":
        items = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else [value]
        return _of_items(option, option.get("elements"), items, depth)
    if isinstance(value, str) and (problem := _of_text(kind, value)) is not None:
        return problem
    if kind == "dict" and not isinstance(value, Mapping):
        try:  # where Ansible cannot make a structure of it, it does not say of what, or fails with an exception
            value = structure_of(value)
        except (TypeError, ValueError):
            return ": a structure is needed here."
    if kind in ("int", "float", "bool") and isinstance(
        value, Mapping | list
    ):  # (0, [1], 9) is a decimal number to Python
        return ": one value is needed here, not several."
    if isinstance(value, Mapping):
        return _of_fields(option.get("options") or {}, value, depth)
    if isinstance(value, list):
        return _of_items({}, None, value, depth)
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return _NUMBER
    if isinstance(value, float) and kind in ("int", "float") and not math.isfinite(value):
        return f": {value} is no number that can be stored."
    return None


def _of_items(option: Mapping[str, Any], kind: str | None, items: list[Any], depth: int) -> str | None:
    for n, item in enumerate(items):
        problem = _problem(option, kind, item, depth + 1)
        if problem is not None:
            return f"[{n}]{problem}"
    return None


def _of_fields(fields: Mapping[str, Any], value: Mapping[str, Any], depth: int) -> str | None:
    for name, item in value.items():
        if isinstance(name, str) and (problem := _of_text(None, name)) is not None:
            return problem
        field = fields.get(name) or {}
        problem = _problem(field, field.get("type"), item, depth + 1)
        if problem is not None:
            return f".{name}{problem}"
    return None


def _of_text(kind: str | None, text: str) -> str | None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return ": half a surrogate pair is in it, which is no valid Unicode."
    if kind in ("int", "float") and (len(text) > _LONGEST or _NO_NUMBER.search(text)):
        return _NUMBER
    return _DEEP if kind == "dict" and _depth(text) > DEEPEST else None


def _depth(text: str) -> int:
    """How deep a structure is that is written as JSON."""
    deepest = depth = 0
    for letter in text:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest
