"""One writer at a time per object of a PBX, among all tasks of one user on one machine.

A PBX that gives no ETags cannot tell that a write is based on an old read. Tasks that are about to write an object
therefore lock it, read it again, and write what still differs. Tasks that have nothing to write never come here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from threecx_xapi import deadline, locks

from pbx_as_code.errors import PbxError

_POLL = 0.01
"""Seconds between two attempts to get a lock that another task holds."""

_this_thread = threading.local()


@contextmanager
def object_lock(pbx: str, place: str, name: object, what: str) -> Iterator[bool]:
    """Hold the lock of one object; True where another task held it first, so that what was read may be old.

    A task holds one lock at most: where it has one already, this does nothing. So no two tasks wait for each other.

    Parameters:
        pbx: the URL of the PBX
        place: where its like are in the XAPI, such as /Fax
        name: its key, or by what the task names it; spellings that differ in case or punctuation share a lock
        what: for messages

    Raises:
        PbxError: another task holds it until the deadline of this one
    """
    if getattr(_this_thread, "holds_one", False):
        yield False
        return
    waited = False
    spelling = "".join(letter for letter in str(name).casefold() if letter.isalnum())
    while (lock := locks.try_lock(pbx, place, spelling)) is None:
        left = deadline.remaining()
        if left is not None and left <= 0:
            raise PbxError(
                f"{what} on {pbx} was not written: another task on this machine has been writing it, or one that "
                "shares its lock, until the deadline of this task. Look for a task that hangs, or give this one a "
                "longer deadline. Nothing was sent."
            )
        time.sleep(_POLL)
        waited = True
    _this_thread.holds_one = True
    try:
        yield waited
    finally:
        _this_thread.holds_one = False
        lock.release()
