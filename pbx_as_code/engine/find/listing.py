"""What an _info module does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from threecx_xapi import odata

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.access.pbx import EntitySet
from pbx_as_code.engine.compare.favourites import DEPARTMENTS, VISIBLE, is_hidden
from pbx_as_code.engine.compare.values import check_length, check_one
from pbx_as_code.engine.find.expansions import expansions
from pbx_as_code.engine.find.history import window_condition
from pbx_as_code.engine.find.lookup import conditions, matches, named_by, selects_more
from pbx_as_code.engine.options.option_specs import expandable, keys
from pbx_as_code.engine.options.selection import portion
from pbx_as_code.engine.report.names import of_options, of_row
from pbx_as_code.engine.report.results import entity

_LONGEST = 4000
"""Characters of a part of the query; a server refuses an address that is much longer."""


def listing(
    entities: EntitySet, description: EntityDescription, given: Mapping[str, Any], validated: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The entities a task names, or every one there is, and what to warn of; none is no failure.

    Raises:
        Failure: they cannot be read, or an option cannot be meant
    """
    for option in ("filter", "search", "order_by"):
        check_one("str", given.get(option), option)
        check_length(_LONGEST, given.get(option), option)
    wanted = named_by(description, given, validated)
    reveal = bool(validated.get("reveal_secrets"))
    asked = {option: validated[option] for option in ("filter", "search") if validated.get(option)}
    what = of_options(description, wanted) if wanted else f"{description.plural.replace('_', ' ')}"
    part = portion(description, given, validated, named=bool(wanted))
    by_function = description.listed_by is not None
    condition = asked.get("filter")
    window = window_condition(description.entity_set, validated)
    if window is not None:
        condition = " and ".join(f"({term})" for term in (window, condition) if term)
    departments = description.entity_set == DEPARTMENTS
    if departments and not wanted:
        condition = odata.and_(condition, VISIBLE) if condition else VISIBLE
    rows = entities.every(
        what,
        condition if by_function else conditions(description, wanted, condition),
        asked.get("search"),
        order_by=part.order_by,
        limit=None if (by_function and wanted) or selects_more(keys(description), wanted) else part.top,
        expand=_expanded(entities, description, wanted, validated),
    )
    if departments:
        rows = [row for row in rows if not is_hidden(row)]
    # A filter that was not obeyed must not make others of what was asked for.
    chosen = part.taken(
        [row for row in rows if all(matches(k, wanted[k.option], row) for k in keys(description) if k.option in wanted)]
    )
    large = tuple(prop.name for prop in description.properties if prop.large and entities.has(prop.since))
    if wanted and large:
        for row in chosen:
            row.update(entities.large(row, large, of_row(description, row)))
    if not description.changeable:
        for row in chosen:
            row.pop("@odata.etag", None)  # there is nothing to give it to
    shown = entities.showable(description)
    return [entity(shown, row, reveal=reveal) for row in chosen], part.warnings(description, rows, entities.pbx)


def _expanded(
    entities: EntitySet, description: EntityDescription, wanted: Mapping[str, Any], validated: Mapping[str, Any]
) -> tuple[str, ...]:
    """What is brought along: what is asked for; of one that is named, everything; of a list, nothing.

    What can only be looked at has nothing in it that is not worth it.
    """
    if not description.changeable:
        return expansions(description.properties, entities.has)
    asked = validated.get("expand")
    if asked is None:
        return expansions(expandable(description), entities.has) if wanted else ()
    return expansions((prop for prop in expandable(description) if prop.option in asked), entities.has)
