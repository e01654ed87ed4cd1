"""An object that was found: read again, and written, by its key."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pbx_as_code.engine.find.expansions import expansions
from pbx_as_code.engine.find.look_ahead import LookAgain
from pbx_as_code.engine.find.lookup import find

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row


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
    """The entity with everything that is to be compared."""
    row = find(task, names, expansions_for(task, wanted), scope, result=result)
    return None if row is None else with_large(task, row, wanted)


def expansions_for(task: EntityTask, wanted: Row) -> tuple[str, ...]:
    return expansions((p for p in task.properties if p.name in wanted), task.entities.has)


def with_large(task: EntityTask, row: Row, wanted: Row) -> Row:
    large = tuple(p.name for p in task.properties if p.large and p.name in wanted and task.entities.has(p.since))
    if large:
        row.update(task.entities.large(row, large, task.what(row)))
    return row
