"""How many requests may be under way at the same time: a limit for everything that is done within a block of code.

Lists that are read side by side, each several pages at a time, would otherwise ask a PBX for more at once than anybody
wanted. Writes can have a lower limit than reads: they cost a PBX more.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .deadline import Deadline


class _Slots:
    def __init__(self, requests: int, writes: int) -> None:
        self.number = requests
        self.free = BoundedSemaphore(requests)
        self.free_for_writes = BoundedSemaphore(writes)


_slots: ContextVar[_Slots | None] = ContextVar("threecx_xapi.simultaneous", default=None)


class at_most:
    """Sync clients have no more requests under way within this block, in whatever threads.

    It counts for the thread that enters it and for those that are started with its context, as those of ``iterate``
    are. Of several around each other, the innermost counts.

    Parameters:
        requests: one or more
        writes: how many of them may be other than GET and HEAD; None for all

    Raises:
        ValueError: one of them is less than one

    Example::

        with at_most(4), ThreadPoolExecutor(4) as threads:
            ...
    """

    def __init__(self, requests: int, *, writes: int | None = None) -> None:
        writes = requests if writes is None else writes
        for name, number in (("requests", requests), ("writes", writes)):
            if number < 1:
                raise ValueError(f"{name} is at least 1, not {number}.")
        self._slots = _Slots(requests, writes)
        self._token: Token[_Slots | None] | None = None

    def __enter__(self) -> None:
        self._token = _slots.set(self._slots)

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _slots.reset(self._token)


def allowed() -> int:
    """How many requests may be under way at a time here; 1 where nobody has said."""
    found = _slots.get()
    return 1 if found is None else found.number


class slot:
    """Wait until one more request may be under way, but not beyond a deadline: then the request itself fails by it.

    Parameters:
        deadline: of the request
        write: whether it counts among the writes
    """

    def __init__(self, deadline: Deadline | None, *, write: bool = False) -> None:
        self._deadline = deadline
        self._write = write
        self._taken: list[BoundedSemaphore] = []

    def __enter__(self) -> None:
        found = _slots.get()
        if found is None:
            return
        try:
            if self._write:  # first, so that a write that waits for the others leaves the place of a read free
                self._take(found.free_for_writes)
            self._take(found.free)
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        for free in self._taken:
            free.release()

    def _take(self, free: BoundedSemaphore) -> None:
        if free.acquire(timeout=None if self._deadline is None else max(0.0, self._deadline.left())):
            self._taken.append(free)
