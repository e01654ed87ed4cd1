"""Ranges of numbers, before and after a clone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pbx_as_code.cloning.names import Names
from pbx_as_code.config.configuration import Definition
from pbx_as_code.config.exporting.filing import department_of
from pbx_as_code.config.nodes import Problem

_WHICH: Final = {"user": "user", "trunk": "trunk", "queue": "system", "ring_group": "system", "receptionist": "system"}
"""By kind: which range of a department its numbers are from."""
Pair = tuple[Definition, dict[str, Any]]
"""An object of the source, and its new options."""


def range_problems(pairs: list[Pair], names: Names) -> Iterator[Problem]:
    """Numbers that leave the range of their department, and rules that would be about other numbers than before.

    Parameters:
        pairs: all objects
        names: old and new ones
    """
    departments = {str(one.values["name"]): (one, new) for one, new in pairs if one.kind.name == "group"}
    for one, new in pairs:
        which, department = _WHICH.get(one.kind.name), departments.get(str(department_of(one.kind, one.values)))
        if which is not None and department is not None:
            yield from _departed(one, new, department, which)
        if one.kind.name == "outbound_rule":
            yield from _rule(one, new, names)


def _departed(one: Definition, new: Mapping[str, Any], department: Pair, which: str) -> Iterator[Problem]:
    owner, changed = department
    before, after = (_range(values.get("props"), f"{which}_number_") for values in (owner.values, changed))
    old, number = one.values.get("number"), new.get("number")
    if before is None or after is None or not _within(old, before) or _within(number, after):
        return
    yield Problem(
        one.place_of("number"),
        f"{one.title} gets the number {number}, and {owner.title} at {owner.place} has the range {after[0]} to "
        f"{after[1]}. Map the range, too, such as \"{before[0]}-{before[1]}\", or choose a number within it.",
    )  # fmt: skip


def _rule(one: Definition, new: Mapping[str, Any], names: Names) -> Iterator[Problem]:
    for number, (old_item, new_item) in enumerate(
        zip(one.values.get("dn_ranges") or (), new.get("dn_ranges") or (), strict=False)
    ):
        before, after = _range(old_item, ""), _range(new_item, "")
        if before is None or after is None:
            continue
        wrong = [
            owner
            for owner in names.owners
            if _within(owner, before) != _within(names.number(owner), after)
        ]  # fmt: skip
        if wrong:
            yield Problem(
                one.place_of("dn_ranges", number),
                f"{one.title}: the range {before[0]} to {before[1]} becomes {after[0]} to {after[1]}, and "
                f"{names.owners[wrong[0]]} would {'no longer' if _within(wrong[0], before) else 'newly'} be in it. Map "
                "the range as a whole.",
            )


def _range(values: Any, prefix: str) -> tuple[str, str] | None:
    first = str((values or {}).get(f"{prefix}from") or "")
    last = str((values or {}).get(f"{prefix}to") or first)
    return (first, last) if first.isdecimal() and last.isdecimal() else None


def _within(number: Any, bounds: tuple[str, str]) -> bool:
    text = str(number or "")
    return text.isdecimal() and int(bounds[0]) <= int(text) <= int(bounds[1])
