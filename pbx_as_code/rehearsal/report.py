"""A rehearsal as text, JSON and Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pbx_as_code.config.applying.apply import Fate
from pbx_as_code.config.configuration import title_of
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.rehearsal.calls import Rerouted
from pbx_as_code.rehearsal.perform import Rehearsal


def as_text(found: Rehearsal) -> str:
    """For a terminal.

    Parameters:
        found: the rehearsal
    """
    lines = []
    if found.unbuilt or found.left_out:
        lines.append("The simulated PBX could not be built completely; the rehearsal lacks:")
        lines += [f"  {text}" for text in _lacking(found)]
    lines += [f"! {text}" for text in _problems(found)]
    lines += [f"~ {_call(one)}" for one in found.calls]
    if not found.calls:
        lines.append("No call goes elsewhere than before.")
    return "\n".join([*lines, "", summary(found)])


def summary(found: Rehearsal) -> str:
    """One line: whether it succeeded, and counts.

    Parameters:
        found: the rehearsal
    """
    done = Counter(one.state.value for one in found.fates)
    told = ", ".join(f"{number} {state}" for state, number in done.items()) or "nothing to do"
    numbers = len({one.number for one in found.calls})
    calls = f"calls of {numbers} number{'s' if numbers != 1 else ''} go elsewhere"
    return f"The rehearsal {'succeeded' if found.succeeded else 'failed'}: {told}; {calls}."


def as_json(found: Rehearsal) -> dict[str, Any]:
    """For programs.

    Parameters:
        found: the rehearsal
    """
    return {
        "succeeded": found.succeeded,
        "unbuilt": list(_lacking(found)),
        "problems": list(_problems(found)),
        "done": dict(Counter(one.state.value for one in found.fates)),
        "calls": [
            {"number": one.number, "at": one.at.isoformat(), "before": list(one.before), "after": list(one.after)}
            for one in found.calls
        ],
    }


def as_markdown(found: Rehearsal) -> str:
    """For a pull request.

    Parameters:
        found: the rehearsal
    """
    lines = [f"## {summary(found)}", ""]
    if found.calls:
        lines += ["| number | from | before | after |", "|---|---|---|---|"]
        lines += [
            f"| {one.number} | {one.at:%a %Y-%m-%d %H:%M %Z} | {_cell(one.before)} | {_cell(one.after)} |"
            for one in found.calls
        ]
        lines.append("")
    lines += [f"- {text}" for text in _problems(found)]
    if found.unbuilt or found.left_out:
        lines += ["", "The rehearsal lacks, because the simulated PBX refused it:", ""]
        lines += [f"- {text}" for text in _lacking(found)]
    return "\n".join(lines).rstrip() + "\n"


def _lacking(found: Rehearsal) -> Iterator[str]:
    yield from map(_fate, found.unbuilt)
    yield from found.left_out


def _problems(found: Rehearsal) -> Iterator[str]:
    yield from found.impossible
    yield from found.unlisted
    yield from found.over
    yield from found.unlike
    for one in found.refused:
        yield _fate(one)
    for left in found.left:
        named = title_of(KINDS[left.kind], left.identity)
        yield f"A second plan is not empty: {left.doing.value} {named}"


def _fate(one: Fate) -> str:
    return f"{one.state.value}: {one.doing.value} {one.title}{f': {one.why}' if one.why else ''}"


def _call(one: Rerouted) -> str:
    before, after = (" -> ".join(places) or "no such number" for places in (one.before, one.after))
    return f"{one.number}, from {one.at:%a %Y-%m-%d %H:%M %Z}: {before}; now {after}"


def _cell(places: tuple[str, ...]) -> str:
    return " \u2192 ".join(places).replace("|", "\\|") or "no such number"
