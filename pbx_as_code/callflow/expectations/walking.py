"""Ways through a trace if nobody answers, and only the given keys are pressed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.trace.steps import Branch, Elapsed, End, Ending, Step

_EVENTS: Final = frozenset(
    {"answered", "dials an extension", "invalid key", "the caller asks for a callback", "the outside number accepts"}
)
_KEY: Final = re.compile(r"key (.+)")
_MOST: Final = 200


@dataclass(frozen=True)
class Way:
    """One way through a trace.

    Attributes:
        places: that it passes, in order, with the time of arrival
        end: how it ends
        uncertain: whether it rests on another reading than the most likely one of an uncertain rule
    """

    places: tuple[tuple[Ref, Elapsed], ...]
    end: End
    uncertain: bool = False


def ways(root: Step, press: Sequence[str] = (), *, outgoing: bool = False) -> list[Way]:
    """Every way through a trace on which nobody answers, at most two hundred.

    Parameters:
        root: first step of the trace
        press: keys that the caller presses, one for each menu
        outgoing: the provider takes the call
    """
    found: list[Way] = []
    for way in _ways(root, (), tuple(press), outgoing, False, frozenset()):
        found.append(way)
        if len(found) >= _MOST:
            break
    return found


def _ways(
    step: Step,
    places: tuple[tuple[Ref, Elapsed], ...],
    press: tuple[str, ...],
    outgoing: bool,
    uncertain: bool,
    told: frozenset[int],
) -> Iterator[Way]:
    here = (*places, (step.ref, step.elapsed))
    end = step.end
    if end is not None and end.same is not None and id(end.same) not in told:
        yield from _ways(end.same, places, press, outgoing, uncertain, told | {id(end.same)})
    elif end is not None:
        last = ((end.ref, step.elapsed),) if end.ref is not None and end.ref != step.ref else ()
        yield Way((*here, *last), end, uncertain)
    else:
        for branch, rest, doubtful in _taken(step, press, outgoing):
            yield from _ways(branch.step, here, rest, outgoing, uncertain or doubtful, told | {id(step)})


def _taken(step: Step, press: tuple[str, ...], outgoing: bool) -> Iterator[tuple[Branch, tuple[str, ...], bool]]:
    """The branches that are taken, with the keys that are left, and whether it is an unlikely reading."""
    keys = [branch for branch in step.branches if _keys(branch)]
    if keys and press:
        for branch in keys:
            if press[0] in _keys(branch):
                yield branch, press[1:], False
        return
    forks = [branch for branch in step.branches if branch.fork]
    if forks:
        for position, branch in enumerate(forks):
            yield branch, press, position > 0
        return
    plain = [branch for branch in step.branches if not _is_event(branch, outgoing)]
    profiles = [branch for branch in plain if branch.label.startswith("if ")]
    for branch in plain or step.branches:
        if branch not in profiles or branch is profiles[0]:
            yield branch, press, False


def _keys(branch: Branch) -> list[str]:
    """Keys that lead to a branch: `key 1`, `key 1, 2` and the names of the PBX such as Input1."""
    found = _KEY.match(branch.label)
    keys = [part.strip() for part in found[1].split(",")] if found else []
    return [*keys, *(key.removeprefix("Input") for key in keys)]


def _is_event(branch: Branch, outgoing: bool) -> bool:
    if _keys(branch) or branch.label in _EVENTS or branch.label.startswith("caller matches"):
        return True
    if branch.label == "the provider takes the call":
        return not outgoing
    return branch.label == "not registered" or (
        outgoing and branch.label.startswith(("the provider refuses", "busy ("))
    )


def ending(end: End) -> str:
    """A word for how a way ends, as expectations write it.

    Parameters:
        end: of the way
    """
    return {Ending.DEAD_END: "dead end"}.get(end.ending, str(end.ending))
