"""Files and the order in which objects stand in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import total_ordering
from typing import Any, Final

from pbx_as_code.config.configuration import identity_of
from pbx_as_code.config.exporting.defaults import defaults_of, defaults_of_items, without_defaults
from pbx_as_code.config.kinds import KINDS, SECTIONS, ConfigKind, has_items, item_key
from pbx_as_code.config.left_out import NAMED_VALUES

_LONGEST: Final = 100
"""Characters of a department's name in the name of its file; most file systems take 255 bytes."""
_RESERVED: Final = frozenset(
    {"aux", "con", "nul", "prn", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
)
"""Names that a file cannot have on Windows, with or without an extension: the directory may be a Git repository."""


def filed(objects: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """The content of each file by its path.

    Parameters:
        objects: options of the objects of each kind, sorted; what many share becomes defaults
    """
    departments = {department_of(kind, one) for kind in KINDS.values() for one in objects.get(kind.name, ())} - {None}
    slugs = _slugs(sorted(str(name) for name in departments))
    contents: dict[str, dict[str, Any]] = {}
    defaults: dict[str, Any] = {}
    for kind in SECTIONS.values():
        block = {} if kind.settings else _defaults(kind, objects.get(kind.name, ()))
        if block:
            defaults[kind.section] = block
        for one in objects.get(kind.name, ()):
            department = department_of(kind, one)
            path = kind.file
            if "{department}" in path:
                path = f"{kind.section}.yml" if department is None else path.format(department=slugs[department])
            content = contents.setdefault(path, {})
            if kind.settings:
                content[kind.section] = one
            else:
                content.setdefault(kind.section, []).append(without_defaults(one, block))
    contents["defaults.yml"] = {"defaults": defaults} if defaults else {}
    return contents


def _defaults(kind: ConfigKind, objects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Defaults of a kind. A new object gets no name, date or department that is that of others."""
    without = {*kind.identity, *({"value"} if kind.name in NAMED_VALUES else ())}
    if len({department_of(kind, one) for one in objects}) > 1:
        without |= kind.memberships
    block = defaults_of(objects, without, kind.personal)
    if block:
        block |= dict(_defaults_of_items(kind, objects, block))
    return block


def _defaults_of_items(
    kind: ConfigKind, objects: Sequence[Mapping[str, Any]], block: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Defaults for the items of lists of which most objects have one that is theirs alone."""
    for option, prop in kind.options.items():
        key = item_key(kind, prop) if has_items(prop) else ()
        lists = [one[option] for one in objects if one.get(option)] if key else []
        if len(lists) * 2 < len(objects) or sum(one == block.get(option) for one in lists) * 2 > len(objects):
            continue
        found = defaults_of_items([item for one in lists for item in one], key)
        if found:
            yield option, found


def department_of(kind: ConfigKind, one: Mapping[str, Any]) -> str | None:
    """The department an object is filed under, by its options; None where there is none."""
    if kind.name == "group":
        return str(one["name"]) if one.get("name") else None
    value = one.get(kind.department) if kind.department else None
    if isinstance(value, list):
        value = next((item.get("group") for item in value if isinstance(item, Mapping)), None)
    return str(value) if value else None


def _slugs(names: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        base = slug(name)[:_LONGEST].strip("-") or "department"
        wanted = base = f"department-{base}" if base in _RESERVED else base
        number = 2
        while wanted in taken:
            wanted, number = f"{base}-{number}", number + 1
        taken.add(wanted)
        found[name] = wanted
    return found


def slug(text: str, between: str = "-") -> str:
    """Lower-case letters and digits of a text, for the name of a file or of a secret."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", between, plain).strip(between)


def order_of(kind: ConfigKind, one: Mapping[str, Any]) -> tuple[Any, ...]:
    """Sort key that puts the objects of a kind in the order of an export: that in which a PBX tries them, if it does so
    by a number, else that of their identities. Objects with equal numbers stay as they were listed: an apply creates
    them in this order.
    """
    if kind.order:
        order = one.get(kind.order)
        return (order if isinstance(order, int) else 0,)
    return (*(natural(part) for part in identity_of(kind, one)), _Spelled(one))


@total_ordering
class _Spelled:
    """An object in the order of its text, which is made only where identities are equal."""

    def __init__(self, one: Mapping[str, Any]) -> None:
        self._one = one

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Spelled) and repr(self._one) == repr(other._one)

    def __lt__(self, other: _Spelled) -> bool:
        return repr(self._one) < repr(other._one)

    __hash__ = None  # type: ignore[assignment]


def natural(part: Any) -> tuple[int, int, str]:
    """A part of an identity such that numbers come in their order."""
    text = "" if part is None else str(part)
    return (len(text) if text.isascii() and text.isdigit() else 0, 0, text)
