"""One object of a PBX: read with everything that is compared, locked, and written in the version that was read.

One writer at a time per object of a PBX, among all tasks of one user on one machine: a PBX that gives no ETags cannot
tell that a write is based on an old read. Tasks that are about to write an object therefore lock it, read it again, and
write what still differs. Tasks that have nothing to write never lock anything.

Navigation properties are absent unless they are named, at every depth, and some builds refuse to expand them. A PBX
does some things in its own time: tasks ask again and again, less and less often, and not for ever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from threecx_xapi import deadline, errors, locks
from threecx_xapi.record import Record

from pbx_as_code.description import Property
from pbx_as_code.engine.access.etags import agree, unchecked_etag
from pbx_as_code.engine.find.knowledge import LookAgain
from pbx_as_code.engine.find.lookup import find
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.errors import Conflict, PbxError

if TYPE_CHECKING:
    from threecx_xapi._token_store.store import Lock
    from threecx_xapi.errors import XapiError

    from pbx_as_code.engine.task import EntityTask, Row, Task


class Found(Record):
    """An entity that was found, by its key from now on."""

    task: EntityTask
    by_key: dict[str, Any]

    def read(self, wanted: Row) -> Row | None:
        return read_entity(self.task, self.by_key, wanted)

    def write(self, row: Row, changes: Row, etag: str | None, what: str) -> None:
        self.task.entities.change(row, changes, etag, what)

    def look_up(self, changes: Row, row: Row) -> None:
        self.task.entities.look_up(changes, row)

    def locked(self, row: Row, what: str) -> AbstractContextManager[bool]:
        if self.task.entities.looked_ahead:
            raise LookAgain
        self.task.entities.check_key(row)
        entity_set, key = self.task.description.entity_set, row[self.task.description.key.name]
        orders = any(prop.order_only and prop.option in self.task.given for prop in self.task.properties)
        held, lists = self.task.entities.locked(key, what), entity_set if orders else LISTED_IN.get(entity_set)
        if lists is None:
            return held
        from pbx_as_code.engine.access.list_locks import with_list

        return with_list(held, self.task.pbx, lists, what)


def read_entity(
    task: EntityTask,
    names: dict[str, Any],
    wanted: Row,
    scope: Mapping[str, Any] | None = None,
    *,
    result: bool = False,
) -> Row | None:
    """Read an object with every property the task compares."""
    row = find(task, names, expansions_for(task, wanted), scope, result=result)
    return None if row is None else with_large(task, row, wanted)


def expansions_for(task: EntityTask, wanted: Row) -> tuple[str, ...]:
    return expansions((p for p in task.properties if p.name in wanted), task.entities.has)


def with_large(task: EntityTask, row: Row, wanted: Row) -> Row:
    large = tuple(p.name for p in task.properties if p.large and p.name in wanted and task.entities.has(p.since))
    if large:
        row.update(task.entities.large(row, large, task.what(row)))
    return row


def check_etag(if_match: Any) -> None:
    """Refuse what cannot be an ETag.

    Raises:
        PbxError: it is empty, has a character that no header may have, or begins or ends with a space
    """
    if if_match is None:
        return
    if not isinstance(if_match, str):
        raise refused("if_match", "an ETag is a text, as an _info module returns it in etag.")
    if not if_match.strip():
        raise refused("if_match", "it is empty. Give the etag that the _info module returns, or '*' for any version.")
    if not all(" " <= letter <= "~" for letter in if_match):
        raise refused("if_match", "it contains a character that an ETag cannot contain.")
    if if_match != if_match.strip():
        raise refused("if_match", "it begins or ends with a space.")


def etag_to_send(task: Task[Any], row: Row) -> str | None:
    """The ETag for a write: the given one as it is, else the one seen on the read; None where there is none.

    In check mode nobody else will compare a given one with the entity's own, so that is done here.

    Raises:
        PbxError: in check mode, the given one is not the entity's own
    """
    seen = etag_of(row)
    given = task.if_match
    if given is None:
        return seen
    if task.check_mode and seen is not None and not agree(given, seen):
        raise Conflict(
            f"{task.what(row)} on {task.pbx} would not be written: it has changed since the ETag given as "
            f"if_match was read (412). Read it again with threecx_{task.description.name}_info, then retry. Nothing "
            "was changed.",
            status=412,
        )
    return given


def etag_of(row: Mapping[str, Any]) -> str | None:
    """ETag of an object that was read; None if the PBX gave none, and will not compare a given one either."""
    seen = row.get("@odata.etag")
    return seen if isinstance(seen, str) and seen else None


def unchecked(task: Task[Any], row: Row) -> list[str]:
    """A warning if the task gives an ETag and the PBX sends none, so that nothing compares it.

    Parameters:
        task: that is about to write
        row: the object as it was read
    """
    if task.if_match is None or task.if_match.strip() == "*" or etag_of(row) is not None:
        return []
    return [unchecked_etag(task.pbx, task.what(row))]


_POLL = 0.01
"""Seconds between two attempts to get a lock that another task holds."""

_this_thread = threading.local()

LISTED_IN: Final[Mapping[str, str]] = {"InboundRules": "Trunks"}
"""By entity set: that of the owners in whose ordered lists its objects stand."""


def object_lock(pbx: str, place: str, name: object, what: str) -> AbstractContextManager[bool]:
    """Hold the lock of one object; True where another task held it first, so that what was read may be old.

    A task holds one lock at most: where it has one already, this does nothing. So no two tasks wait for each other.

    Parameters:
        pbx: the URL of the PBX
        place: where its like are in the XAPI, such as /Fax
        name: key of the object, or the names that the task gives. Case and punctuation are ignored
        what: for messages

    Raises:
        PbxError: another task holds it until the deadline of this one
    """
    spelling = "".join(letter for letter in str(name).casefold() if letter.isalnum())
    return held_once("object", lambda: locks.try_lock(pbx, place, spelling), pbx, what)


def lists_of(pbx: str, owners: str | None, what: str) -> AbstractContextManager[bool]:
    """Hold the lock of the lists in which a PBX keeps objects in order; see list_locks.list_lock.

    Parameters:
        pbx, what: for messages
        owners: entity set of the objects with the lists, such as Trunks; None for no list
    """
    if owners is None:
        return nullcontext(False)
    from pbx_as_code.engine.access.list_locks import list_lock

    return list_lock(pbx, owners, what)


@contextmanager
def held_once(kind: str, attempt: Callable[[], Lock | None], pbx: str, what: str) -> Iterator[bool]:
    """Hold a lock, unless this thread holds one of its kind; True where another task held it first.

    Parameters:
        kind: what is locked, such as object or list
        attempt, pbx, what: see acquired

    Raises:
        PbxError: another task holds it until the deadline of this one
    """
    held: set[str] = _this_thread.__dict__.setdefault("held", set())
    if kind in held:
        yield False
        return
    lock, waited = acquired(attempt, pbx, what)
    held.add(kind)
    try:
        yield waited
    finally:
        held.discard(kind)
        lock.release()


def acquired(attempt: Callable[[], Lock | None], pbx: str, what: str) -> tuple[Lock, bool]:
    """A lock, as soon as it can be had, and whether another task held it first.

    Parameters:
        attempt: asks for it once
        pbx: the URL of the PBX
        what: is locked, for messages

    Raises:
        PbxError: another task holds it until the deadline of this one
    """
    waited = False
    while (lock := attempt()) is None:
        left = deadline.remaining()
        if left is not None and left <= 0:
            raise PbxError(
                f"{what} on {pbx} was not written: another task on this machine has been writing it, or one that "
                "shares its lock, until the deadline of this task. Look for a task that hangs, or give this one a "
                "longer deadline. Nothing was sent."
            )
        time.sleep(_POLL)
        waited = True
    return lock, waited


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
        raise refused("wait_timeout", f"{seconds} is not a valid number of seconds.")
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
                "The deadline of the task passed while it waited for the PBX. Check again later, "
                "or set a longer task_deadline."
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


#: How a PBX says that it does not expand these navigation properties at a time.
_REFUSED_TOGETHER = (400, 500, 501)
#: How it says that it does not expand one. A 500 may be gone the next time, and is no answer to the question.
_REFUSED = (400, 501)


class Has(Protocol):
    """Whether the PBX has what came with a release."""

    def __call__(self, since: str | None, /) -> bool:
        """None is what every release has."""


def expansions(properties: Iterable[Property], has: Has) -> tuple[str, ...]:
    """Return the value of $expand for these properties, such as Groups($expand=Rights); empty for plain ones.

    A PBX refuses to answer anything where it is asked for what it does not have.
    """
    return tuple(_expansion(prop, has) for prop in properties if prop.navigation and has(prop.since))


def _expansion(prop: Property, has: Has) -> str:
    inner = ",".join(expansions(prop.fields, has))
    return f"{prop.name}($expand={inner})" if inner else prop.name


def read_expanded(
    expand: tuple[str, ...], read: Callable[[dict[str, str]], list[Row]], key: Callable[[Row], Any]
) -> tuple[list[Row], dict[str, XapiError]]:
    """Read rows with their navigation properties, one property after the other where they are refused together.

    Several answers become one row: everything but the navigation properties is what the first answer says. So the ETag
    is that of the oldest answer, and a write that carries it is refused where anything changed between the answers.

    Parameters:
        expand: from expansions
        read: reads the rows with a query
        key: tells the rows of an answer apart

    Returns:
        the rows, and the names of the properties that could not be read with the refusal of each; they are absent from
        the rows

    Raises:
        XapiError: the rows cannot be read
    """
    try:
        return read({"$expand": ",".join(expand)} if expand else {}), {}
    except errors.XapiError as error:
        if not expand or error.status not in _REFUSED_TOGETHER or (len(expand) == 1 and error.status not in _REFUSED):
            raise
        refused = {_property_of(expand[0]): error} if len(expand) == 1 else {}
    rows: list[Row] | None = None
    for one in expand if len(expand) > 1 else ():
        try:
            answered = read({"$expand": one})
        except errors.XapiError as error:
            if error.status not in _REFUSED:
                raise
            refused[_property_of(one)] = error
        else:
            rows = answered if rows is None else _merged(rows, answered, _property_of(one), key)
    return read({}) if rows is None else rows, refused


def _merged(rows: list[Row], answered: list[Row], name: str, key: Callable[[Row], Any]) -> list[Row]:
    """Rows with one more navigation property. A row that is not in both answers was made or removed in between."""
    others = {key(row): row for row in answered}
    return [
        {**others[key(row)], **row, **{n: v for n, v in others[key(row)].items() if n == name}}
        for row in rows
        if key(row) in others
    ]


def _property_of(expansion: str) -> str:
    """The property of an expansion, such as Groups of Groups($expand=Rights)."""
    return expansion.partition("(")[0]


@contextmanager
def after(done: str) -> Iterator[None]:
    """Reading after a write: where that fails, the PBX has been changed all the same.

    Parameters:
        done: a sentence that says so

    Raises:
        PbxError: what became of the write cannot be read
    """
    try:
        yield
    except PbxError as failure:
        raise failure.saying(f"{done} {failure.msg}", changed=True) from None


@contextmanager
def also_done(done: str, changed: bool) -> Iterator[None]:
    """One of several writes: where it fails, those before it stay.

    Parameters:
        done: a sentence that says what they have done
        changed: whether there were any

    Raises:
        PbxError: it failed
    """
    try:
        yield
    except PbxError as failure:
        if not changed:
            raise
        msg = f"{failure.msg.removesuffix(' Nothing was changed.')} {done}"
        raise failure.saying(msg, changed=True) from None
