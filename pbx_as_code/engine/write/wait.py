"""Waiting for what a PBX does in its own time: asking again and again, less and less often, and not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from threecx_xapi import deadline

from pbx_as_code.engine.report.failure import refused
from pbx_as_code.errors import PbxError

T = TypeVar("T")

FIRST_PAUSE = 0.5
"""Seconds between the first two looks; each pause is twice the one before."""
LONGEST_PAUSE = 15.0
"""Seconds between two looks at most."""


@dataclass
class Clock:
    """The time in seconds, and a function that waits."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


#: A test puts another one here, and nobody has to wait for it.
CLOCK = Clock()


def patience(validated: Mapping[str, Any]) -> float | None:
    """How many seconds a task waits; None where it does not.

    Raises:
        PbxError: wait_timeout is no length of time
    """
    seconds = validated.get("wait_timeout")
    if seconds is None or seconds < 0:
        raise refused("wait_timeout", f"{seconds} is no number of seconds to wait.")
    return float(seconds) if validated.get("wait", True) else None


def until(look: Callable[[], T | None], seconds: float) -> T | None:
    """Return the result of `look`; None if there is none in time.

    A PBX that is busy, or restarts, may not answer for a while: that is no reason to give up before the time is up.

    Parameters:
        look: gives what is waited for, None where it is not there yet
        seconds: how long to wait; 0 looks once

    Raises:
        PbxError: the PBX refuses to tell, or does not answer when the time is up, or the deadline of the task has come
    """
    end = CLOCK.now() + seconds
    pause = FIRST_PAUSE
    while True:
        trouble: PbxError | None = None
        try:
            found = look()
        except PbxError as failure:
            if not _passing(failure):
                raise
            trouble, found = failure, None
        if found is not None:
            return found
        task = deadline.remaining()
        if task is not None and task <= 0:
            raise trouble or PbxError(
                "The deadline of the task came while it waited for the PBX. Look again later, or give the task a "
                "longer task_deadline."
            )
        left = end - CLOCK.now()
        if left <= 0:
            if trouble is not None:
                raise trouble
            return None
        CLOCK.sleep(min(pause, left, pause if task is None else task))
        pause = min(2 * pause, LONGEST_PAUSE)


def look_twice(look: Callable[[], T], is_so: Callable[[T], bool]) -> T:
    """Return the result of `look` right after a write; look once more after a pause if it does not show the write.

    A PBX may answer one read from before the write.

    Parameters:
        look: reads it
        is_so: whether what was read shows the write

    Raises:
        PbxError: it cannot be read
    """
    found = look()
    left = deadline.remaining()
    if is_so(found) or (left is not None and left <= FIRST_PAUSE):
        return found
    CLOCK.sleep(FIRST_PAUSE)
    return look()


def _passing(failure: PbxError) -> bool:
    """Whether it may be otherwise in a moment: no answer, none that makes sense, or one of a server in trouble."""
    return failure.status is None or failure.status == 429 or failure.status >= 500
