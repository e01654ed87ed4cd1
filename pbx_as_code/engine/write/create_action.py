"""Making what an action makes in its own time: it is asked for, and waited for until it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbx_as_code.description import Making
from pbx_as_code.engine.access.target import after, patience, until
from pbx_as_code.engine.find.knowledge import LookAgain
from pbx_as_code.engine.find.lookup import find
from pbx_as_code.engine.options.desired import desired
from pbx_as_code.engine.report.results import Outcome
from pbx_as_code.errors import PbxError

if TYPE_CHECKING:
    from pbx_as_code.engine.access.pbx import EntitySet
    from pbx_as_code.engine.task import EntityTask, Row

_DUPLICATE = "WARNINGS.XAPI.DUPLICATE"


def make(task: EntityTask, making: Making) -> Outcome:
    """Make the entity a task names, which was not found, and wait for it where the task says so.

    Raises:
        PbxError: it cannot be made, or is not there when the time is up
    """
    key = task.description.key
    seconds = patience(task.validated)
    name = key.whole(str(task.validated[key.option]))
    row: Row = {key.name: name}
    what = task.named({key.option: name})
    asked = {
        prop: value
        for prop, value in desired(making.properties, task.given, task.validated).items()
        if value is not None
    }
    if task.check_mode:
        return Outcome(changed=True, before=None, after=row, warnings=_doubts(task.entities, making, what))
    if task.entities.looked_ahead:
        raise LookAgain
    if seconds is not None:  # who does not wait leaves it to the PBX what it makes of the wish
        _wait_until_ready(task.entities, making, what, seconds)
    try:
        with task.entities.locked(name, what):
            there = find(task, {key.option: name})
            if there is not None:  # another task has made it since
                return Outcome(changed=False, before=there, after=there)
            task.entities.act(making.action, {making.parameter: {making.name: name, **asked}}, "create", what)
    except PbxError as failure:
        if failure.code != _DUPLICATE or failure.in_doubt:
            raise
        return _under_way(task, row, what, seconds, failure)
    if seconds is None:
        return Outcome(changed=True, before=None, after=row)
    found = None
    with after(f"The new {what} was accepted by {task.pbx}, but the result could not be read."):
        found = until(lambda: find(task, {key.option: name}), seconds)
    if found is None:
        raise PbxError(
            f"{task.pbx} accepted the new {what}, but does not have it after {seconds:g} seconds. It may still be "
            f"under way: look with threecx_{task.description.name}_info, and give a longer wait_timeout.",
            changed=True,
        )
    return Outcome(changed=True, before=None, after=found)


def _under_way(task: EntityTask, row: Row, what: str, seconds: float | None, failure: PbxError) -> Outcome:
    """Somebody else asked for the same one a moment ago: it is theirs, and there is nothing to change."""
    if seconds is None:
        return Outcome(changed=False, before=row, after=row)
    key = task.description.key
    found = until(lambda: find(task, {key.option: row[key.name]}), seconds)
    if found is None:
        raise failure.saying(
            f"{failure.msg} {task.pbx} says that the new {what} exists already, and does not have it after {seconds:g} "
            "seconds."
        )
    return Outcome(changed=False, before=found, after=found)


def _wait_until_ready(entities: EntitySet, making: Making, what: str, seconds: float) -> None:
    ready = making.ready
    if ready is None or until(lambda: entities.says(ready, what) or None, seconds):
        return
    raise PbxError(
        f"{entities.pbx} says that it cannot make one now, so no {what} was asked for: another may be under way, or "
        "there is no room for it. Nothing was changed."
    )


def _doubts(entities: EntitySet, making: Making, what: str) -> list[str]:
    if making.ready is None or entities.says(making.ready, what):
        return []
    return [f"{entities.pbx} says that it cannot make one now: the {what} would have to wait."]
