"""A trace as text: steps one below the other, indented where a condition decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.rules import confidence_of
from pbx_as_code.callflow.trace.steps import Branch, Elapsed, Ending, Step
from pbx_as_code.callflow.trace.tracing import Trace
from pbx_as_code.extras import extra

if TYPE_CHECKING:
    from rich.tree import Tree

_STYLES: Final = {
    Ending.ANSWERED: "green",
    Ending.VOICEMAIL: "cyan",
    Ending.OUTSIDE: "green",
    Ending.LOOP: "bold red",
    Ending.DEAD_END: "bold red",
    Ending.REFUSED: "red",
    Ending.UNKNOWN: "yellow",
    Ending.SCRIPT: "yellow",
}


class Line(NamedTuple):
    """One line of a trace and the lines below it."""

    text: str
    style: str
    inner: list[Line]


def lines(trace: Trace, title: str, *, brief: bool = False) -> Line:
    """A trace as lines below a title; nothing is told twice.

    Parameters:
        trace: to show
        title: first line
        brief: leave out reasons and places
    """
    return Line(title, "bold", _sequence(trace.root, _Told(brief)))


def plain(trace: Trace, title: str, *, brief: bool = False) -> str:
    """A trace as text without colours, for files and pipes; parameters as for `lines`."""
    first = lines(trace, title, brief=brief)
    return "\n".join([printable(first.text), *_plain(first.inner, "")])


def _plain(inner: list[Line], before: str) -> Iterator[str]:
    for position, line in enumerate(inner):
        last = position == len(inner) - 1
        yield f"{before}{'└─ ' if last else '├─ '}{printable(line.text)}"
        yield from _plain(line.inner, before + ("   " if last else "│  "))


def tree(trace: Trace, title: str, *, brief: bool = False) -> Tree:
    """A trace for a terminal; parameters as for `lines`."""
    with extra("cli"):
        from rich.text import Text
        from rich.tree import Tree

    def grown(line: Line, onto: Tree | None) -> Tree:
        text = Text(printable(line.text), style=line.style)  # names of a PBX must not steer the terminal
        branch = Tree(text, guide_style="dim") if onto is None else onto.add(text)
        for inner in line.inner:
            grown(inner, branch)
        return branch

    return grown(lines(trace, title, brief=brief), None)


class _Told:
    """Steps and reasons that are told already: neither is told twice."""

    def __init__(self, brief: bool) -> None:
        self.brief = brief
        self.steps: set[int] = set()
        self.reasons: set[str] = set()


def printable(text: str) -> str:
    """A text without characters that a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)


def _sequence(step: Step, told: _Told) -> list[Line]:
    """The lines of a step and of those that follow it without a condition."""
    found: list[Line] = []
    while True:
        end = step.end
        if end is not None and end.same is not None and id(end.same) not in told.steps:
            step = end.same
            continue
        told.steps.add(id(step))
        line = _line(step, told)
        found.append(line)
        if len(step.branches) == 1 and not step.branches[0].label:
            step = step.branches[0].step
            continue
        line.inner.extend(_branch(branch, told) for branch in step.branches)
        return found


def _line(step: Step, told: _Told) -> Line:
    style = ""
    if step.end is not None:
        named = step.title in step.end.text or (step.ref.key and step.ref.key in step.end.text)
        where = "" if named or not step.ref.key else f"{step.title}: "
        rules = "".join(f" [{_number(reason)}]" for reason in step.reasons if reason.text == step.end.text)
        text = f"{where}{step.end.text}{rules}"
        style = _STYLES.get(step.end.ending, "")
    else:
        text = f"{step.title}: {step.text}"
    if step.local is not None:
        text += f", local time {step.local:%a %H:%M}"
    return Line(text + _after(step.elapsed), style, [Line(text, "dim", []) for text in _reasons(step, told)])


def _after(elapsed: Elapsed) -> str:
    return f" (after {elapsed})" if elapsed.high or elapsed.unknown else ""


def _number(reason: Reason) -> str:
    return f"{reason.rule} {confidence_of(reason.rule, assumed=reason.assumed)}"


def _reasons(step: Step, told: _Told) -> Iterator[str]:
    again: list[str] = []
    if told.brief:
        return
    for reason in step.reasons:
        text = f"{'assumed: ' if reason.assumed else ''}{reason.text} [{_number(reason)}]"
        if step.end is not None and reason.text == step.end.text:
            continue
        if text in told.reasons:
            again.append(reason.rule)
            continue
        told.reasons.add(text)
        yield text
    if again:
        yield f"as above: {', '.join(dict.fromkeys(again))}"
    if step.place is not None and step.end is None:
        yield str(step.place)


def _branch(branch: Branch, told: _Told) -> Line:
    label = f"if {branch.label}" if branch.fork else branch.label
    below = _sequence(branch.step, told)
    if len(below) == 1:
        (only,) = below
        return Line(f"{label} → {only.text}", only.style, only.inner)
    return Line(label, "bold", below)
