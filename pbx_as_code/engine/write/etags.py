"""Which ETag goes with a write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pbx_as_code.engine.report.failure import refused
from pbx_as_code.errors import Conflict

if TYPE_CHECKING:
    from pbx_as_code.engine.task import Row, Task

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def check(if_match: Any) -> None:
    """Refuse what cannot be an ETag.

    Raises:
        Failure: it is empty, or has a character that no header may have
    """
    if if_match is None:
        return
    if not isinstance(if_match, str):
        raise refused("if_match", "a text is needed, as an _info module returns it in etag.")
    if not if_match.strip():
        raise refused(
            "if_match", "it is empty; an etag as an _info module returns it is needed, or '*' for any version."
        )
    if not all(" " <= letter <= "~" for letter in if_match):
        raise refused("if_match", "it has a character in it that an ETag cannot have.")


def etag_to_send(task: Task[Any], row: Row) -> str | None:
    """The ETag for a write: the given one as it is, else the one seen on the read; None where there is none.

    In check mode nobody else will compare a given one with the entity's own, so that is done here.

    Raises:
        Failure: in check mode, the given one is not the entity's own
    """
    seen = row.get("@odata.etag")
    seen = seen if isinstance(seen, str) and seen else None
    given = task.if_match
    if given is None:
        return seen
    if task.check_mode and seen is not None and not agree(given, seen):
        raise Conflict(
            f"{task.what(row)} on {task.pbx} would not be written: it has changed since the ETag given as "
            f"if_match was read (412). Read it again with threecx_{task.description.name}_info and decide anew. Nothing was changed.",
            status=412,
        )
    return given


def agree(given: str, seen: str) -> bool:
    """Whether an ETag that was given allows a write of the version that was seen."""
    return given.strip() == "*" or not _opaque(seen).isdisjoint(_opaque(given))


def _opaque(etags: str) -> set[str]:
    """The quoted parts, without the mark of weakness; the whole where nothing is quoted."""
    return set(_TAG.findall(etags)) or {etags.strip()}
