"""Room for deep recursion while a call is traced: sixty-four steps, each with several functions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

_DEPTH: Final = 5000
"""Python's own limit of nested calls, 1,000, is fewer than a call of 64 steps may take on top of the caller's."""


class _Limit:
    """The recursion limit of the process, raised as long as any thread needs it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = self._before = 0

    def enter(self) -> None:
        with self._lock:
            if not self._users:
                self._before = sys.getrecursionlimit()
                sys.setrecursionlimit(max(self._before, _DEPTH))
            self._users += 1

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                sys.setrecursionlimit(self._before)


_LIMIT: Final = _Limit()


@contextmanager
def deep() -> Iterator[None]:
    """Allow deep recursion within this context; the last thread to leave it restores the limit of the process.

    A limit that stayed raised would let hostile JSON and expressions, which rely on it, recurse too deep.
    """
    _LIMIT.enter()
    try:
        yield
    finally:
        _LIMIT.leave()
