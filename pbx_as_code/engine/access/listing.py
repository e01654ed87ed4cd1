"""Run an _info module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from threecx_xapi import odata

from pbx_as_code.description import DEPARTMENTS, Description
from pbx_as_code.engine.access.target import expansions
from pbx_as_code.engine.compare.answered_nulls import AnsweredNulls
from pbx_as_code.engine.compare.favourites import VISIBLE, is_hidden
from pbx_as_code.engine.compare.values import check_length, check_one
from pbx_as_code.engine.find.lookup import conditions, matches, named_by, selects_more
from pbx_as_code.engine.options.history import window_condition
from pbx_as_code.engine.options.option_specs import expandable
from pbx_as_code.engine.options.selection import portion
from pbx_as_code.engine.report.results import entity, showable

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask

_LONGEST = 4000
"""Characters of a part of the query; a server refuses an address that is much longer."""


def listing(task: EntityTask, nulls: AnsweredNulls | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """The entities a task names, or every one there is, and what to warn of; none is no failure.

    Parameters:
        task: that reads
        nulls: learns from every object

    Raises:
        PbxError: they cannot be read, or an option cannot be meant
    """
    for option in ("filter", "search", "order_by"):
        check_one("str", task.given.get(option), option)
        check_length(_LONGEST, task.given.get(option), option)
    wanted = named_by(task)
    reveal = bool(task.validated.get("reveal_secrets"))
    asked = {option: task.validated[option] for option in ("filter", "search") if task.validated.get(option)}
    what = task.named(wanted) if wanted else f"{task.description.plural.replace('_', ' ')}"
    part = portion(task, named=bool(wanted))
    by_function = task.description.listed_by is not None
    condition = asked.get("filter")
    window = window_condition(task.description.entity_set, task.validated)
    if window is not None:
        condition = " and ".join(f"({term})" for term in (window, condition) if term)
    departments = task.description.entity_set == DEPARTMENTS
    hiding = departments or task.description.entity_set == "Peers"
    show = _show(task, nulls, reveal=reveal)
    at_once = None if wanted or hiding or by_function else show
    if departments and not wanted:
        condition = odata.and_(condition, VISIBLE) if condition else VISIBLE
    rows = task.entities.every(
        what,
        condition if by_function else conditions(task.description, wanted, condition),
        asked.get("search"),
        order_by=part.order_by,
        limit=None if (by_function and wanted) or selects_more(task.description.keys, wanted) else part.top,
        expand=_expanded(task, wanted),
        each=at_once,
    )
    if at_once is not None:
        return part.taken(rows), part.warnings(task.description, rows, task.pbx)
    if hiding:
        rows = [row for row in rows if not is_hidden(row)]
    # A filter that was not obeyed must not make others of what was asked for.
    chosen = part.taken(
        [
            row
            for row in rows
            if all(matches(k, wanted[k.option], row) for k in task.description.keys if k.option in wanted)
        ]
    )
    large = tuple(prop.name for prop in task.properties if prop.large and task.entities.has(prop.since))
    if wanted and large:
        for row in chosen:
            row.update(task.entities.large(row, large, task.what(row)))
    return [show(row) for row in chosen], part.warnings(task.description, rows, task.pbx)


def _show(task: EntityTask, nulls: AnsweredNulls | None, *, reveal: bool) -> Callable[[dict[str, Any]], Any]:
    """A function that makes of a row what the task returns of it."""
    found: list[Description] = []

    def show(row: dict[str, Any]) -> Any:
        if not found:  # the release of a PBX is known from its first answer
            found.append(showable(task.description, task.client.release))
        if not task.description.changeable:
            row.pop("@odata.etag", None)  # there is nothing to give it to
        if nulls is not None:
            nulls.look_at(row)
        shown = entity(found[0], row, reveal=reveal)
        return shown if task.each is None else task.each(shown)

    return show


def _expanded(task: EntityTask, wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the properties to expand: the requested ones; by default all for a single object, none for a list.

    Every property of a read-only list is worth expanding.
    """
    if not task.description.changeable:
        return expansions(task.properties, task.entities.has)
    asked = task.validated.get("expand")
    if asked is None:
        return expansions(expandable(task.description), task.entities.has) if wanted else ()
    return expansions((prop for prop in expandable(task.description) if prop.option in asked), task.entities.has)
