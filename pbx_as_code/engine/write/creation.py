"""Creating an object exactly once: after an answer that leaves it open, and where another machine
creates it as well.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from threecx_xapi import deadline, errors, retry
from threecx_xapi.record import Record

from pbx_as_code.engine.access.target import CLOCK, etag_to_send, until
from pbx_as_code.engine.report.failures import IN_USE
from pbx_as_code.errors import Ambiguous, PbxError

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row

_OPEN = (429, 500, 503)
#: Seconds to wait at most until another task has removed the duplicate it has created.
_YIELDING = 5.0


def post(create: Callable[[], Row], look: Callable[[], Row | None], what: str, pbx: str) -> tuple[Row, list[str]]:
    """Send a request that creates something, again only where the first one has surely created nothing.

    A PBX that fails (500), or a proxy in front of it that says it is busy (429, 503), may have carried the request out
    all the same. So the object is looked for before the request is repeated.

    Parameters:
        create: sends the request; what the PBX stored
        look: the object, None where there is none
        what: for the warning
        pbx: the URL of the PBX

    Returns:
        what the PBX stored, and warnings

    Raises:
        PbxError: it was not created, or nobody can know
    """
    for attempt in count(1):
        try:
            return create(), []
        except PbxError as failure:
            if not failure.in_doubt or failure.status not in _OPEN:
                raise
            cause = failure.__cause__
            # It is looked for first, so sending it again does no harm.
            wait = (
                retry.decide(retry.RetryPolicy(), attempt, cause, repeatable=False, idempotent=True)
                if isinstance(cause, errors.XapiError)
                else None
            )
            try:
                found = look()
            except PbxError:  # what the write met with is what matters
                raise failure from None
            if found is not None:
                return found, [f"{pbx} answered the creation of {what} with {failure.status}, but created it."]
            left = deadline.remaining()
            if wait is None or (left is not None and left <= wait):
                raise
            if wait > 0:
                CLOCK.sleep(wait)
    raise AssertionError("never reached")


def created_meanwhile(refusal: PbxError, look: Callable[[], Row | None]) -> Row:
    """Return the object that another machine created between the last look and a creation that was refused for it.

    Parameters:
        refusal: of the creation
        look: finds the object by the names of the task

    Raises:
        PbxError: the refusal, unless it is for an object of that name
    """
    if refusal.code not in IN_USE or refusal.changed:
        raise refusal
    try:
        found = look()
    except PbxError:  # the refusal is what matters
        found = None
    if found is None:
        raise refusal
    return found


class Duplicates(Record):
    """Find other objects with the same name as an object that a task has just created.

    Nothing but the client's own manners keeps two machines from creating two contacts of one name at the same moment.
    The object with the lowest id stays; a task that has created another one removes it.
    """

    task: EntityTask
    alike: Callable[[], list[Row]]
    """Every object of that name."""

    def settled(self, mine: Row) -> Row | None:
        """The object that stays in the place of the created one; None where that one stays.

        Raises:
            PbxError: several are left
        """
        key = self.task.description.key.name
        others = self._others(mine, self.alike())
        if not others:
            return None
        first = min(others, key=lambda row: rank(row[key]))
        if rank(mine[key]) < rank(first[key]):
            if until(lambda: not self._others(mine, self.alike()) or None, _YIELDING) is None:
                raise self._several(mine, others)
            return None
        if not self.task.description.can_delete:
            raise self._several(mine, others)
        try:
            self.task.entities.remove(mine, etag_to_send(self.task, mine), self._of(mine))
        except PbxError as failure:
            if failure.status != 404:
                raise self._several(mine, others) from None
        return first

    def _others(self, mine: Row, rows: list[Row]) -> list[Row]:
        key = self.task.description.key.name
        return [row for row in rows if row[key] != mine[key]]

    def _several(self, mine: Row, others: list[Row]) -> PbxError:
        those = "; ".join(self._of(row) for row in others)
        return Ambiguous(
            f"{self._of(mine)} was created on {self.task.pbx}, and somebody else created {those} of the same name at "
            "the same moment. Remove one of them: as long as there are several, no task can tell which one it means.",
            changed=True,
        )

    def _of(self, row: Row) -> str:
        return self.task.what(row)


def rank(key: Any) -> tuple[int, Any]:
    """Order of the keys of a PBX: of objects that were created at the same moment, the first one stays."""
    return (0, key) if isinstance(key, int) else (1, str(key))
