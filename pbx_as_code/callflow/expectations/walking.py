"""Ways through a trace if nobody answers, and only the conditions hold that an expectation names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.trace.conditions import EVENTS, Condition, On, key
from pbx_as_code.callflow.trace.steps import Branch, Elapsed, End, Ending, Step

_MOST: Final = 200


@dataclass(frozen=True)
class Way:
    """One way through a trace.

    Attributes:
        places: that it passes, in order, with the time of arrival
        end: how it ends
        uncertain: whether it rests on another reading than the most likely one of an uncertain rule
        left: conditions that were to be taken, and that no step on the way offers
    """

    places: tuple[tuple[Ref, Elapsed], ...]
    end: End
    uncertain: bool = False
    left: tuple[Condition, ...] = ()


def ways(root: Step, take: Sequence[Condition] = ()) -> list[Way]:
    """Every way through a trace on which nobody answers, at most two hundred.

    Parameters:
        root: first step of the trace
        take: conditions that hold, in this order, each at the first step that offers it
    """
    found: list[Way] = []
    for way in _ways(root, (), tuple(take), False, frozenset()):
        found.append(way)
        if len(found) >= _MOST:
            break
    return found


def _ways(
    step: Step,
    places: tuple[tuple[Ref, Elapsed], ...],
    take: tuple[Condition, ...],
    uncertain: bool,
    told: frozenset[int],
) -> Iterator[Way]:
    here = (*places, (step.ref, step.elapsed))
    end = step.end
    if end is not None and end.same is not None and id(end.same) not in told:
        yield from _ways(end.same, places, take, uncertain, told | {id(end.same)})
    elif end is not None:
        last = ((end.ref, step.elapsed),) if end.ref is not None and end.ref != step.ref else ()
        yield Way((*here, *last), end, uncertain, take)
    else:
        for branch, rest, doubtful in _taken(step, take):
            yield from _ways(branch.step, here, rest, uncertain or doubtful, told | {id(step)})


def _taken(step: Step, take: tuple[Condition, ...]) -> Iterator[tuple[Branch, tuple[Condition, ...], bool]]:
    """The branches that are taken, with the conditions that are left, and whether it is an unlikely reading."""
    if take:
        for branch in step.branches:
            if any(_same(one, take[0]) for one in branch.on):
                yield branch, take[1:], False
                return
    forks = [branch for branch in step.branches if branch.fork]
    if forks:
        for position, branch in enumerate(forks):
            yield branch, take, position > 0
        return
    plain = [branch for branch in step.branches if not branch.on or any(one.on not in EVENTS for one in branch.on)]
    profiles = [branch for branch in plain if any(one.on is On.PROFILE for one in branch.on)]
    for branch in plain or step.branches:
        if branch not in profiles or branch is profiles[0]:
            yield branch, take, False


def _same(offered: Condition, wanted: Condition) -> bool:
    if offered.on is not wanted.on:
        return False
    return not wanted.value or key(offered.value) == key(wanted.value)


def ending(end: End) -> str:
    """A word for how a way ends, as expectations write it.

    Parameters:
        end: of the way
    """
    return {Ending.DEAD_END: "dead end"}.get(end.ending, str(end.ending))
