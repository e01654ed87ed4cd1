"""What somebody else has changed, for a message."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pbx_as_code.description import Description
from pbx_as_code.engine.report.failure import Failure
from pbx_as_code.engine.report.names import of_row
from pbx_as_code.engine.report.results import entity
from pbx_as_code.errors import Conflict

_LONGEST = 80


def changed_meanwhile(
    failure: Failure, description: Description, before: Mapping[str, Any], now: Mapping[str, Any], *, own: bool
) -> Failure:
    """The failure of a refused ETag, with what changed where that is known.

    Parameters:
        failure: as the PBX's answer gave it
        description: of the entity
        before: as it was read by this task
        now: as it is now
        own: whether the ETag was the one this task had read; a given one is of a version nobody here has seen
    """
    if failure.status != 412 or not own:
        return failure
    return failure.saying(
        f"{failure.msg} Changed by somebody else while this task was running: {_told(description, before, now)}."
    )


def overtaken_meanwhile(
    pbx: str,
    description: Description,
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    options: Sequence[str],
    refusal: Failure | None,
) -> Failure:
    """The failure of a task that would overwrite what somebody else has changed since it read the object.

    Parameters:
        pbx: its URL
        description: of the object
        before: as it was read by this task
        now: as it is now
        options: what both want to change
        refusal: what the PBX said, where a write was refused for its ETag
    """
    if refusal is not None:
        return changed_meanwhile(refusal, description, before, now, own=True)
    return Conflict(
        f"{of_row(description, dict(now))} on {pbx} was not changed: somebody else changed {', '.join(options)} while this task "
        f"was running: {_told(description, before, now)}. Read it again with threecx_{description.name}_info, then run the "
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
    return "; ".join(changes) or "nothing that can be shown"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
