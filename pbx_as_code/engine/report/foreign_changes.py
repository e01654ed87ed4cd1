"""Name the changes made by somebody else, for a message."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pbx_as_code.description import Description
from pbx_as_code.engine.report.results import entity
from pbx_as_code.errors import Conflict, PbxError

if TYPE_CHECKING:
    from pbx_as_code.engine.task import Task

_LONGEST = 80


def changed_meanwhile(
    task: Task[Any], failure: PbxError, before: Mapping[str, Any], now: Mapping[str, Any]
) -> PbxError:
    """The failure of a refused ETag, or of a PBX that was busy, with what changed where that is known.

    Parameters:
        task: whose write was refused; an ETag that it was given is of a version nobody here has seen
        failure: as the PBX's answer gave it
        before: as it was read by this task
        now: as it is now
    """
    if failure.status not in (429, 503) and (failure.status != 412 or task.if_match is not None):
        return failure
    return failure.saying(
        f"{failure.msg} Changed by somebody else while this task was running: {_told(task.description, before, now)}."
    )


def overtaken_meanwhile(
    task: Task[Any],
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    options: Sequence[str],
    refusal: PbxError | None,
) -> PbxError:
    """The failure of a task that would overwrite what somebody else has changed since it read the object.

    Parameters:
        task: that would do so
        before: as it was read by this task
        now: as it is now
        options: what both want to change
        refusal: what the PBX said, where a write was refused for its ETag
    """
    if refusal is not None:
        return changed_meanwhile(task, refusal, before, now)
    return Conflict(
        f"{task.what(now)} on {task.pbx} was not changed: somebody else changed {', '.join(options)} while this task "
        f"was running: {_told(task.description, before, now)}. Read it again with "
        f"threecx_{task.description.name}_info, then run the "
        "task again. Nothing was changed.",
        status=412,
        target=options[0],
    )


def _told(description: Description, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    old, new = entity(description, before), entity(description, now)
    changes = [
        f"{option}: {_short(old.get(option))} -> {_short(new.get(option))}"
        for option in sorted(old.keys() | new.keys())
        if option != "etag" and old.get(option) != new.get(option)
    ]
    return "; ".join(changes) or "only hidden values"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
