"""Leaving credentials out of what a task asks for: at every depth, all of them or some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.compare import ABSENT, Absent, take
from pbx_as_code.engine.compare.values import conceals

Row = Mapping[str, Any]
Items = Callable[[Property, Row, list[Row]], "Row | None"]
"""Values the PBX has for an item of a list: None where it does not have that one, empty where that is not looked for.
"""


def without_secrets(properties: tuple[Property, ...], wanted: Row, row: Row) -> dict[str, Any]:
    """The wanted properties without the credentials of what was made before (update_secrets: on_create, of an entity).

    Parameters:
        properties: of the entity
        wanted: in wire form
        row: what the PBX answered; an item of a list that is not in it is made now, such as another phone of a user
    """
    return _without(properties, wanted, row, lambda _: True, _of_the_same_key)


def without_held(properties: tuple[Property, ...], wanted: Row, row: Row) -> dict[str, Any]:
    """The wanted properties without the credentials that the PBX has, or may have (update_secrets: on_create, of
    settings).

    Parameters:
        properties: of the settings
        wanted: in wire form
        row: what the PBX answered
    """
    return _without(properties, wanted, row, lambda held: held not in (None, ""), _of_the_same_key)


def without_unseen(properties: tuple[Property, ...], wanted: Row, row: Row) -> dict[str, Any]:
    """The wanted properties without the credentials that the PBX does not show."""
    return _without(properties, wanted, row, lambda held: isinstance(held, Absent))


def _of_the_same_key(prop: Property, item: Row, current: list[Row]) -> Row | None:
    """An item that is new is to have its credentials; without a key nobody can say which one is."""
    return take(prop, item, current) if prop.item_key else {}


def _not_looked_for(_prop: Property, _item: Row, _current: list[Row]) -> Row | None:
    return {}


def _without(
    properties: tuple[Property, ...],
    wanted: Row,
    row: Row | None,
    drop: Callable[[Any], bool],
    items: Items = _not_looked_for,
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for prop in properties:
        if prop.name not in wanted:
            continue
        if (prop.secret or prop.write_only) and drop(_held(prop, row)):
            continue
        value, held = wanted[prop.name], (row or {}).get(prop.name)
        if prop.fields and isinstance(value, list):
            current = [item for item in held if isinstance(item, Mapping)] if isinstance(held, list) else []
            value = [_item(prop, item, current, drop, items) for item in value]
        elif prop.fields and isinstance(value, Mapping):
            value = _without(prop.fields, value, held if isinstance(held, Mapping) else None, drop, items)
        kept[prop.name] = value
    return kept


def _item(prop: Property, item: Any, current: list[Row], drop: Callable[[Any], bool], items: Items) -> Any:
    if not isinstance(item, Mapping):
        return item
    held = items(prop, item, current)
    return item if held is None else _without(prop.fields, item, held, drop, items)


def _held(prop: Property, row: Row | None) -> Any:
    """The credential the PBX answered; ABSENT where it keeps it to itself, None where there is not even its structure.

    A PBX that conceals a credential answers a structure that says so; builds that leave out nulls answer none for none.
    """
    if row is None:
        return None
    held = row.get(prop.name, ABSENT)
    if conceals(row) or (prop.kind == "concealed" and conceals(held)):
        return ABSENT
    if prop.kind == "concealed":
        return held.get("Value") if isinstance(held, Mapping) else None
    return held
