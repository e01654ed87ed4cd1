"""An existing object: read and written by its key, with the ETag for each write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pbx_as_code.engine.find.expansions import expansions
from pbx_as_code.engine.find.knowledge import LookAgain
from pbx_as_code.engine.find.lookup import find
from pbx_as_code.engine.report.failure import refused
from pbx_as_code.errors import Conflict

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row, Task


@dataclass(frozen=True)
class Found:
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
        return self.task.entities.locked(row[self.task.description.key.name], what)


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


_TAG = re.compile(r'(?:W/)?("[^"]*")')


def check_etag(if_match: Any) -> None:
    """Refuse what cannot be an ETag.

    Raises:
        PbxError: it is empty, or has a character that no header may have
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
        PbxError: in check mode, the given one is not the entity's own
    """
    seen = row.get("@odata.etag")
    seen = seen if isinstance(seen, str) and seen else None
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


def agree(given: str, seen: str) -> bool:
    """Whether an ETag that was given allows a write of the version that was seen."""
    return given.strip() == "*" or not _opaque(seen).isdisjoint(_opaque(given))


def _opaque(etags: str) -> set[str]:
    """The quoted parts, without the mark of weakness; the whole where nothing is quoted."""
    return set(_TAG.findall(etags)) or {etags.strip()}
