"""How much of a list a task wants, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from threecx_xapi.record import Record

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.compare.values import check_one
from pbx_as_code.engine.report.failures import refused

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask


class Portion(Record):
    """The options limit and order_by of a task."""

    order_by: str | None
    limit: int | None
    """None for every one."""
    by_default: bool
    """Whether the limit is the default one, so that a truncated list needs a warning."""

    @property
    def top(self) -> int | None:
        """How many to ask the PBX for: one more than wanted, where it matters whether there are more."""
        return self.limit + 1 if self.limit is not None and self.by_default else self.limit

    def taken(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows that are wanted."""
        return rows if self.limit is None else rows[: self.limit]

    def warnings(self, description: EntityDescription, rows: list[dict[str, Any]], pbx: str) -> list[str]:
        """Return the warning for more rows than are returned."""
        if self.limit is None or not self.by_default or len(rows) <= self.limit:
            return []
        label = description.plural.replace("_", " ")
        return [
            f"There are more {label} on {pbx} than the {self.limit} that are returned. Say which are meant with "
            "filter, how many are wanted with limit, or limit: 0 for every one."
        ]


def portion(task: EntityTask, *, named: bool) -> Portion:
    """Query options of the task.

    Parameters:
        description: of the list
        given: the options as they were written
        validated: the options with their defaults
        named: whether the task names what it means by its key: then nothing is left out of that by default

    Raises:
        PbxError: the limit is not a valid number of rows
    """
    check_one("int", task.given.get("limit"), "limit")
    by_default = task.given.get("limit") is None
    limit = None if by_default and named else task.validated.get("limit")
    if limit is not None and limit < 0:
        raise refused(
            "limit", f"{limit} is not a valid number of {task.description.plural.replace('_', ' ')}; 0 returns all."
        )
    return Portion(task.validated.get("order_by") or None, limit or None, by_default)
