"""How many requests may be under way at the same time: a limit for everything that is done within a block of code.

Lists that are read side by side, each several pages at a time, would otherwise ask a PBX for more at once than anybody
wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .deadline import Deadline


class _Slots:
    def __init__(self, number: int) -> None:
        self.number = number
        self.free = BoundedSemaphore(number)


_slots: ContextVar[_Slots | None] = ContextVar("threecx_xapi.simultaneous", default=None)


class at_most:
    """Sync clients have no more requests under way within this block, in whatever threads.

    It counts for the thread that enters it and for those that are started with its context, as those of ``iterate``
    are. Of several around each other, the innermost counts.

    Parameters:
        requests: one or more

    Raises:
        ValueError: it is less than one

    Example::

        with at_most(4), ThreadPoolExecutor(4) as threads:
            ...
    """

    def __init__(self, requests: int) -> None:
        self._slots = _Slots(requests) if requests > 0 else None
        if self._slots is None:
            raise ValueError(f"requests is at least 1, not {requests}.")
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


@contextmanager
def slot(deadline: Deadline | None) -> Iterator[None]:
    """Wait until one more request may be under way, but not beyond a deadline: then the request itself fails by it."""
    found = _slots.get()
    if found is None:
        yield
        return
    taken = found.free.acquire(timeout=None if deadline is None else max(0.0, deadline.left()))
    try:
        yield
    finally:
        if taken:
            found.free.release()
