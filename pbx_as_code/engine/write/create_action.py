"""Making what an action makes in its own time: it is asked for, and waited for until it is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pbx_as_code.description import EntityDescription, Making
from pbx_as_code.engine.access.pbx import EntitySet, Row
from pbx_as_code.engine.find.look_ahead import LookAgain
from pbx_as_code.engine.find.lookup import find
from pbx_as_code.engine.options.desired import desired
from pbx_as_code.engine.report.failure import Failure, after
from pbx_as_code.engine.report.names import of_options
from pbx_as_code.engine.report.outcome import Outcome
from pbx_as_code.engine.write.wait import patience, until

_DUPLICATE = "WARNINGS.XAPI.DUPLICATE"


def make(
    entities: EntitySet,
    description: EntityDescription,
    making: Making,
    given: Mapping[str, Any],
    validated: Mapping[str, Any],
    check_mode: bool,
) -> Outcome:
    """Make the entity a task names, which was not found, and wait for it where the task says so.

    Raises:
        Failure: it cannot be made, or is not there when the time is up
    """
    key = description.key
    seconds = patience(validated)
    name = key.whole(str(validated[key.option]))
    row: Row = {key.name: name}
    what = of_options(description, {key.option: name})
    asked = {prop: value for prop, value in desired(making.properties, given, validated).items() if value is not None}
    if check_mode:
        return Outcome(changed=True, before=None, after=row, warnings=_doubts(entities, making, what))
    if entities.looked_ahead:
        raise LookAgain
    if seconds is not None:  # who does not wait leaves it to the PBX what it makes of the wish
        _wait_until_ready(entities, making, what, seconds)
    try:
        with entities.locked(name, what):
            there = find(entities, description, {key.option: name})
            if there is not None:  # another task has made it since
                return Outcome(changed=False, before=there, after=there)
            entities.act(making.action, {making.parameter: {making.name: name, **asked}}, "create", what)
    except Failure as failure:
        if failure.code != _DUPLICATE or failure.in_doubt:
            raise
        return _under_way(entities, description, row, what, seconds, failure)
    if seconds is None:
        return Outcome(changed=True, before=None, after=row)
    found = None
    with after(f"The new {what} was accepted by {entities.pbx}"):
        found = until(lambda: find(entities, description, {key.option: name}), seconds)
    if found is None:
        raise Failure(
            f"{entities.pbx} accepted the new {what}, and does not have it after {seconds:g} seconds. It may still be under "
            f"way: look with threecx_{description.name}_info, and give a longer wait_timeout.",
            changed=True,
        )
    return Outcome(changed=True, before=None, after=found)


def _under_way(
    entities: EntitySet, description: EntityDescription, row: Row, what: str, seconds: float | None, failure: Failure
) -> Outcome:
    """Somebody else asked for the same one a moment ago: it is theirs, and there is nothing to change."""
    if seconds is None:
        return Outcome(changed=False, before=row, after=row)
    key = description.key
    found = until(lambda: find(entities, description, {key.option: row[key.name]}), seconds)
    if found is None:
        raise failure.saying(
            f"{failure.msg} {entities.pbx} says that there is a {what} already, and does not have it after {seconds:g} seconds."
        )
    return Outcome(changed=False, before=found, after=found)


def _wait_until_ready(entities: EntitySet, making: Making, what: str, seconds: float) -> None:
    ready = making.ready
    if ready is None or until(lambda: entities.says(ready, what) or None, seconds):
        return
    raise Failure(
        f"{entities.pbx} says that it cannot make one now, so no {what} was asked for: another may be under way, or there is no "
        "room for it. Nothing was changed."
    )


def _doubts(entities: EntitySet, making: Making, what: str) -> list[str]:
    if making.ready is None or entities.says(making.ready, what):
        return []
    return [f"{entities.pbx} says that it cannot make one now: the {what} would have to wait."]
