"""The option lists: what a list that is given does to the one that is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.compare import ABSENT, Absent, has_item, take
from pbx_as_code.engine.compare.values import sent_back
from pbx_as_code.engine.report.failure import Failure

REPLACE, ADD, REMOVE = "replace", "add", "remove"

Row = dict[str, Any]


def taken_out(mode: str, properties: tuple[Property, ...]) -> list[str]:
    """The options of the lists from which a task takes out what it gives."""
    return [prop.option for prop in properties if prop.many] if mode == REMOVE else []


def combined(mode: str, properties: tuple[Property, ...], wanted: Row, row: Row, *, new: bool = False) -> Row:
    """What a task asks for, with every list as it is to be as a whole.

    Parameters:
        mode: the option lists
        properties: of the entity; lists in its structures are always replaced
        wanted: from desired, with names instead of ids
        row: what is there, or what one that is made starts from
        new: it is made, so that it has nothing but that; what it has no list of, nothing is taken out of

    Raises:
        Failure: the PBX does not answer a list, so nobody can say what is in it
    """
    if mode == REPLACE:
        return wanted
    whole = dict(wanted)
    for prop in properties:
        if prop.name not in wanted or not prop.many or prop.read_only:
            continue
        if prop.order_only and mode == ADD:  # what is not given stays in any case
            continue
        if (prop.standing or prop.order_only) and mode == REMOVE:
            raise Failure(
                f"{prop.option}: nothing can be removed from this list, each can only be changed. Nothing was changed.",
                target=prop.option,
            )
        current = row.get(prop.name, ABSENT)
        if new and isinstance(current, Absent):
            if mode == REMOVE:
                del whole[prop.name]
            continue
        if isinstance(current, Absent):
            raise Failure(
                f"{prop.option}: the PBX does not answer this list, so nothing can be added to it or removed from it. "
                f"Give all of it, with lists: replace. Nothing was changed.",
                target=prop.option,
            )
        items = [sent_back(prop.fields, item) if isinstance(item, Mapping) else item for item in current or []]
        whole[prop.name] = (_added if mode == ADD else _left)(prop, items, wanted[prop.name] or [])
    return whole


def _added(prop: Property, items: list[Any], wanted: list[Any]) -> list[Any]:
    """The items that are there, those that are given in their place or after them."""
    pool = [item for item in wanted if isinstance(item, Mapping)] if prop.item_key else []
    kept = [take(prop, item, pool) or item for item in items] if prop.item_key else items
    new = pool if prop.item_key else [item for item in wanted if not has_item(prop, items, item)]
    return [*kept, *new]


def _left(prop: Property, items: list[Any], wanted: list[Any]) -> list[Any]:
    if not prop.item_key:
        return [item for item in items if not any(has_item(prop, [item], one) for one in wanted)]
    pool = [item for item in items if isinstance(item, Mapping)]
    for one in wanted:
        while take(prop, one, pool) is not None:  # in an order it may be there more than once
            pass
    return pool
