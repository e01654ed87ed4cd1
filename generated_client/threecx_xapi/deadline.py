"""By when things must be over: a limit of time for everything done within a block of code.

``timeout`` bounds one silence; a server that sends a byte now and then keeps each of them short and never ends. A
deadline bounds the whole: sign-ins, waiting for another worker's sign-in, retries, pauses and the reading of answers.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import NamedTuple

__all__ = ["time_limit"]


class Deadline(NamedTuple):
    """A moment by which something has to be over.

    Attributes:
        end: in seconds of ``time.monotonic()``
        seconds: how long it was from the beginning, for messages
    """

    end: float
    seconds: float

    def left(self) -> float:
        """Seconds until then; zero or less when it has passed."""
        return self.end - now()


# One for each block we are in, the innermost last. The limits of a block are not kept in its time_limit: that may be
# shared by threads, and be left in another context than it was entered in, as a generator's is.
_blocks: ContextVar[tuple[Deadline | None, ...]] = ContextVar("threecx_xapi.deadline", default=())


def now() -> float:
    """Seconds of a clock that nobody puts back."""
    return time.monotonic()


class time_limit:
    """Everything the clients do within this block ends in time, or ends with ``DeadlineExceeded``.

    It counts for the thread or the async task that enters it, and for what is started from there with its context
    (async tasks, the threads of ``iterate``). Of several around each other, the one that ends first counts.

    Parameters:
        seconds: for all requests of the block together; None sets no limit

    Example::

        with time_limit(60):
            users = list(iterate(client, "/Users"))
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        _blocks.set((*_blocks.get(), within(self._seconds)))

    def __exit__(self, *_: object) -> None:
        _blocks.set(_blocks.get()[:-1])


def within(seconds: float | None) -> Deadline | None:
    """The deadline of something that begins now: its own seconds, or the surrounding limit where that ends first.

    Parameters:
        seconds: None for no limit
    """
    around = _around()
    if seconds is None:
        return around
    own = Deadline(now() + seconds, seconds)
    return own if around is None or own.end < around.end else around


def remaining() -> float | None:
    """Seconds left of the surrounding limit, never less than zero; None where there is none."""
    around = _around()
    return None if around is None else max(around.left(), 0.0)


def _around() -> Deadline | None:
    blocks = _blocks.get()
    return blocks[-1] if blocks else None


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
