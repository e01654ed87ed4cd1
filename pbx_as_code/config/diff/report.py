"""A difference as text, JSON and Markdown. None of it holds a credential."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pbx_as_code.config.diff.pairs import Difference, ObjectDifference
from pbx_as_code.config.planning.compare import shown
from pbx_as_code.config.planning.operations import LeafChange
from pbx_as_code.config.reporting.report import old_and_new, value


def as_text(found: Difference) -> str:
    """For a terminal: - only on the first side, + only on the second one, ~ on both.

    Parameters:
        found: the difference
    """
    lines = [f"--- {found.first}", f"+++ {found.second}"]
    lines += [f"~ {name}: {value(one)} -> {value(other)}" for name, one, other in found.about]
    for one in found.objects:
        lines.append(f"{_sign(found, one)} {one.title}{_note(one)}")
        lines += [f"    {_leaf(change)}" for change in one.changes]
    return "\n".join([*lines, *(f"? {note}" for note in _notes(found)), "", summary(found)])


def summary(found: Difference) -> str:
    """One line with counts.

    Parameters:
        found: the difference
    """
    both = sum(not one.only for one in found.objects)
    first = sum(one.only == found.first for one in found.objects)
    second = sum(one.only == found.second for one in found.objects) if found.first != found.second else 0
    return f"{both} differ, {first} only in {found.first}, {second} only in {found.second}, {found.equal} equal."


def as_json(found: Difference) -> dict[str, Any]:
    """For programs.

    Parameters:
        found: the difference
    """
    return {
        "first": found.first,
        "second": found.second,
        "about": [{"name": name, "first": one, "second": other} for name, one, other in found.about],
        "objects": [
            {
                "kind": one.kind.section,
                "identity": list(one.identity),
                "title": one.title,
                "only": one.only or None,
                "removed_by": one.removed_by or None,
                "changes": [
                    {
                        "option": change.option,
                        "first": shown(change.old),
                        "second": shown(change.new),
                        "place": str(change.place) if change.place and change.place.line else None,
                    }
                    for change in one.changes
                ],
            }
            for one in found.objects
        ],
        "equal": found.equal,
        "credentials_not_compared": found.uncompared,
        "declared_on_one_side": found.one_sided,
        "kinds_of_one_side": [
            {"side": side, "kind": section, "objects": number} for side, section, number in found.kinds_of_one
        ],
        "unread": [{"side": side, "kind": section, "why": why} for side, section, why in found.unread],
    }


def as_markdown(found: Difference) -> str:
    """For a pull request or a ticket.

    Parameters:
        found: the difference
    """
    lines = [f"## {_cell(found.first)} and {_cell(found.second)}", "", summary(found), ""]
    if found.objects:
        lines += [f"| object | option | {_cell(found.first)} | {_cell(found.second)} |", "|---|---|---|---|"]
    for one in found.objects:
        if one.only:
            here = ("yes", "") if one.only == found.first else ("", "yes")
            lines.append(f"| {_cell(one.title)} |{_note(one)} | {here[0]} | {here[1]} |")
        for change in one.changes:
            old, new = old_and_new(change)
            lines.append(f"| {_cell(one.title)} | {_cell(change.called)} | {_cell(old)} | {_cell(new)} |")
    return "\n".join([*lines, *([""] if found.objects else []), *(f"- {note}" for note in _notes(found))]) + "\n"


def _sign(found: Difference, one: ObjectDifference) -> str:
    return "~" if not one.only else "-" if one.only == found.first else "+"


def _note(one: ObjectDifference) -> str:
    return f" ({one.removed_by} removes it)" if one.removed_by else ""


def _leaf(change: LeafChange) -> str:
    if change.secret is not None:
        return f"{change.called}: (credential)"
    where = f"   ({change.place})" if change.place and change.place.line else ""
    return f"{change.called}: {' -> '.join(old_and_new(change))}{where}"


def _notes(found: Difference) -> Iterator[str]:
    for title, options in found.one_sided.items():
        yield f"{title}: only one side declares {', '.join(options)}."
    for side, section, number in found.kinds_of_one:
        yield f"{section}: only {side} declares them ({number})."
    for side, section, why in found.unread:
        yield f"{side}: {section} could not be read: {why}"
    if found.uncompared:
        yield f"{found.uncompared} credentials cannot be compared."


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
