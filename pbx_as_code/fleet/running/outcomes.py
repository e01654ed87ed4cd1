"""Outcomes of the PBXs of a fleet, and the loop over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from threading import Event
from typing import TYPE_CHECKING, Final

from threecx_xapi.errors import ConfigurationError, ConnectFailed, Timeout, XapiError

from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.spelling import counted
from pbx_as_code.errors import PbxError, Unreachable
from pbx_as_code.fleet.model import FleetPbx
from pbx_as_code.profiles import ProfileError

if TYPE_CHECKING:
    from pbx_as_code.config.applying.apply import Applied
    from pbx_as_code.config.planning.operations import Plan
    from pbx_as_code.fleet.running.facts import Alert


class State(Enum):
    """State of one PBX after the work."""

    EQUAL = "equal"
    DIFFERS = "differs"
    UNSETTLED = "not compared"
    """Nothing that was compared differs, and something that is no credential could not be compared."""
    APPLIED = "applied"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    SKIPPED = "skipped"
    """Not begun, because too many others failed."""


@dataclass(frozen=True)
class Outcome:
    """Result of the work on one PBX.

    Attributes:
        pbx: the PBX
        state: what became of it
        plan: the comparison; None if there is none
        applied: the result of an apply
        why: reason for a failure, in one sentence
        alerts: facts that need attention
        notes: sentences about an apply: an earlier one that was interrupted, and warnings
    """

    pbx: FleetPbx
    state: State
    plan: Plan | None = None
    applied: Applied | None = None
    why: str = ""
    alerts: tuple[Alert, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the work could not be done."""
        return self.state in (State.FAILED, State.UNREACHABLE)


_INTERRUPTED: Final = "It was not begun, because the run was interrupted."
Work = Callable[[FleetPbx], Outcome]
Progress = Callable[[Outcome], None]


def each(
    pbxs: Sequence[FleetPbx],
    work: Work,
    *,
    parallel: int,
    most_failures: int | None = None,
    canaries_first: bool = False,
    progress: Progress = lambda _: None,
    stop: Event | None = None,
) -> list[Outcome]:
    """Do some work on every PBX, several at a time. After Ctrl-C, what was begun is waited for, and told.

    Parameters:
        pbxs: to work on
        work: on one of them; what it raises becomes a failure
        parallel: PBXs at a time
        most_failures: number of failures after which no further one is begun; None for no limit
        canaries_first: begin with the canaries, and go on only if none of them fails
        progress: is called with each outcome, one at a time
        stop: set by Ctrl-C; then no further PBX is begun

    Returns:
        the outcomes in the order of the PBXs

    Raises:
        KeyboardInterrupt: at the second Ctrl-C
    """
    ended = stop or Event()
    found: dict[str, Outcome] = {}
    first = [one for one in pbxs if one.canary] if canaries_first else []
    rest = [one for one in pbxs if one not in first]
    for waiting, limit in ((first, 1), (rest, most_failures)):
        why = _why_not(found.values(), limit, bool(first) and waiting is rest)
        if why or ended.is_set():
            continue
        for outcome in _some(waiting, work, parallel, limit, ended):
            found[outcome.pbx.name] = outcome
            progress(outcome)
    for one in pbxs:
        if one.name not in found:
            skipped = _INTERRUPTED if ended.is_set() else _why_skipped(found.values(), bool(first))
            found[one.name] = Outcome(one, State.SKIPPED, why=skipped)
            progress(found[one.name])
    return [found[one.name] for one in pbxs]


def _why_not(found: Iterable[Outcome], limit: int | None, after_canaries: bool) -> bool:
    failures = sum(one.failed for one in found)
    return failures > 0 and (after_canaries or (limit is not None and failures >= limit))


def _why_skipped(found: Iterable[Outcome], canaries: bool) -> str:
    failed = [one.pbx.name for one in found if one.failed]
    what = "the canary" if canaries and len(failed) == 1 else counted(len(failed), "PBX", "PBXs")
    return f"It was not begun, because {what} failed: {', '.join(failed[:5])}."


def _some(pbxs: Sequence[FleetPbx], work: Work, parallel: int, limit: int | None, stop: Event) -> Iterator[Outcome]:
    """Outcomes as they come; after `limit` failures nothing further is begun, and what was begun is waited for."""
    remaining = iter(pbxs)
    failures = 0
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        running: set[Future[Outcome]] = {pool.submit(_one, work, one) for one in islice(remaining, parallel)}
        while running:
            try:
                done, running = wait(running, return_when=FIRST_COMPLETED)
            except KeyboardInterrupt:
                if stop.is_set():
                    raise
                stop.set()
                continue
            for future in done:
                outcome = future.result()
                failures += outcome.failed
                yield outcome
                if not stop.is_set() and (limit is None or failures < limit):
                    running |= {pool.submit(_one, work, one) for one in islice(remaining, 1)}


def _one(work: Work, pbx: FleetPbx) -> Outcome:
    try:
        return work(pbx)
    except (Unreachable, ConnectFailed, Timeout) as error:
        return Outcome(pbx, State.UNREACHABLE, why=str(error))
    except ConfigError as error:
        problems = "; ".join(map(str, error.problems[:3]))
        more = f" (and {len(error.problems) - 3} more)" if len(error.problems) > 3 else ""
        return Outcome(pbx, State.FAILED, why=f"The files cannot be used: {problems}{more}")
    except (PbxError, XapiError, ProfileError, ConfigurationError, OSError) as error:
        return Outcome(pbx, State.FAILED, why=str(error))
