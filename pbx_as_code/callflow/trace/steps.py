"""A trace: a tree of steps, each with its reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.trace.conditions import Condition

if TYPE_CHECKING:
    from pbx_as_code.config.nodes import Place


class Ending(str, Enum):
    """How a call ends."""

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    ENDED = "ended"
    """The PBX ends the call, because it is declared so."""
    OUTSIDE = "outside"
    """It leaves the PBX."""
    PROVIDER = "provider"
    """The provider forwards it; the PBX is out."""
    SERVICE = "service"
    """Fax, parking place, system extension, wake-up service."""
    SCRIPT = "script"
    """A script, an AI agent or another program decides."""
    INSIDE = "inside"
    """A number that was dialled belongs to an object of the PBX."""
    EXTENSION = "extension"
    """The caller dials any extension."""
    CALLBACK = "callback"
    """The queue calls back."""
    REPEATS = "repeats"
    """A menu repeats until the caller hangs up."""
    REFUSED = "refused"
    """The PBX refuses it."""
    DEAD_END = "dead end"
    """A destination is missing, disabled or empty."""
    LOOP = "loop"
    UNKNOWN = "unknown"
    """The configuration does not tell."""
    AGAIN = "again"
    """It goes on as at a step that is told elsewhere, see `End.same`."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Seconds since the call began, from `low` to `high`."""

    low: int = 0
    high: int = 0
    unknown: bool = False
    """Whether some time of unknown length has passed as well."""

    def plus(self, low: int | None, high: int | None = None) -> Elapsed:
        """Later by some seconds; None: by an unknown time."""
        if low is None:
            return Elapsed(self.low, self.high, unknown=True)
        return Elapsed(self.low + low, self.high + (low if high is None else high), self.unknown)

    def __str__(self) -> str:
        known = f"{self.low} s" if self.low == self.high else f"{self.low} to {self.high} s"
        return f"{known} and an unknown time" if self.unknown else known


@dataclass(frozen=True, slots=True)
class End:
    """The end of one branch."""

    ending: Ending
    ref: Ref | None
    """The place where it ends: a mailbox, an outside number, an object."""
    text: str
    """For people, such as "voicemail of 101"."""
    silent: bool = False
    """Of a loop: nothing rings on the way, so it is an error."""
    seconds: int | None = None
    """Of a loop: length of the cycle."""
    same: Step | None = field(default=None, repr=False, compare=False)
    """The step it goes on with, if that is told elsewhere."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A way on from a step."""

    label: str
    """Condition for people: nobody answers within 60 s; key 1; empty if there is only one way."""
    word: str
    """The PBX's word for the condition, such as NoAnswer, PhoneBusy; empty if it has none."""
    step: Step
    fork: bool = False
    """Whether it is one of several readings of an uncertain rule or of an unknown fact, and no event."""
    on: tuple[Condition, ...] = ()
    """The conditions, for programs: any of them. None for a fork, and where a call simply goes on."""


@dataclass(frozen=True, slots=True)
class Step:
    """The call at one place."""

    ref: Ref
    title: str
    text: str
    """Event at this place, for people."""
    reasons: tuple[Reason, ...]
    elapsed: Elapsed
    word: str = ""
    """The PBX's word for why the call is here, such as OutOfOfficeHours."""
    local: datetime | None = None
    """Wall-clock time of the department that counts here."""
    rings: Elapsed | None = None
    """Seconds of ringing here until nobody answered."""
    place: Place | None = None
    branches: tuple[Branch, ...] = ()
    end: End | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """One way through a trace from its start to an end."""

    steps: tuple[Step, ...]
    branches: tuple[Branch, ...]
    """The branch taken after each step but the last."""
    end: End

    @property
    def conditions(self) -> tuple[str, ...]:
        """Labels of the branches that were taken."""
        return tuple(branch.label for branch in self.branches if branch.label)

    @property
    def elapsed(self) -> Elapsed:
        """Seconds until the last step."""
        return self.steps[-1].elapsed


def paths(step: Step, limit: int = 1000) -> Iterator[Path]:
    """Every way through a trace, in the order of its branches.

    Parameters:
        step: the first one
        limit: number of paths after which it stops: menus that lead to each other multiply
    """
    left = [limit]
    yield from _paths(step, (), (), left, frozenset())


def _paths(
    step: Step,
    steps: tuple[Step, ...],
    branches: tuple[Branch, ...],
    left: list[int],
    told: frozenset[int],
    later: int = 0,
) -> Iterator[Path]:  # fmt: skip
    end = step.end
    if end is not None and end.same is not None and id(end.same) not in told:
        shift = later + step.elapsed.low - end.same.elapsed.low
        yield from _paths(end.same, steps, branches, left, told | {id(end.same)}, shift)
        return
    here = (*steps, _shifted(step, later))
    if end is not None:
        if left[0] > 0:
            left[0] -= 1
            yield Path(here, branches, end)
        return
    for branch in step.branches:
        if left[0] > 0:
            yield from _paths(branch.step, here, (*branches, branch), left, told | {id(step)}, later)


def _shifted(step: Step, seconds: int) -> Step:
    """A step that was told at another time of the call, at this one."""
    if not seconds:
        return step
    elapsed = Elapsed(step.elapsed.low + seconds, step.elapsed.high + seconds, step.elapsed.unknown)
    local = step.local + timedelta(seconds=seconds) if step.local else None
    return replace(step, elapsed=elapsed, local=local)


def walk(step: Step) -> Iterator[Step]:
    """Every step of a trace, parents first."""
    yield step
    for branch in step.branches:
        yield from walk(branch.step)
