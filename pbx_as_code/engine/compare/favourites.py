"""Hidden departments: a PBX keeps the favourites of each user in one, named ___FAVORITES___ and the user's number.

They are in every list of departments. The admin console shows none of them, and nobody says whether a PATCH that omits
one removes it. They are therefore removed from the row, kept separately, and sent back unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.values import without_control
from pbx_as_code.engine.report.failures import refused

Row = dict[str, Any]

VISIBLE = "not startswith(Name,'___FAVORITES___')"
"""The $filter by which the admin console leaves them out."""
#: Key of a row for the departments removed from its lists. It is no property, so it is neither compared nor shown.
_KEPT = "@hidden departments"
_HIDDEN = re.compile(r"\s*(___FAVORITES___.*|FGRP[0-9]+)\s*", re.DOTALL | re.IGNORECASE)


def hides(text: Any) -> bool:
    """Whether this is the name or number of a hidden department."""
    return isinstance(text, str) and _HIDDEN.fullmatch(text) is not None


def is_hidden(department: Mapping[str, Any]) -> bool:
    """Whether a department, or the membership in one, is hidden."""
    return hides(department.get("Name")) or hides(department.get("Number"))


def taken_out(lists: tuple[Property, ...], answered: Row, named: Row) -> Row:
    """A row without its hidden departments, which it keeps separately from its properties.

    Parameters:
        lists: of departments, that the row has
        answered: the row as the PBX answered it
        named: the same with names in the place of ids
    """
    shown, kept = dict(named), {}
    for prop in lists:
        items, names = answered.get(prop.name), named.get(prop.name)
        if not isinstance(items, list) or not isinstance(names, list):
            continue
        fields = _departments_of(prop)
        hidden = {n for n, item in enumerate(items) if _hidden_item(fields, item, names[n])}
        if hidden:
            kept[prop.name] = [items[n] for n in sorted(hidden)]
            shown[prop.name] = [name for n, name in enumerate(names) if n not in hidden]
    return {**shown, _KEPT: kept} if kept else named


def _departments_of(prop: Property) -> list[str]:
    """Fields of an item that stand for a department."""
    return [field.name for field in prop.fields if field.is_department]


def _hidden_item(fields: list[str], item: Any, named: Any) -> bool:
    if not isinstance(item, Mapping):
        return hides(named) or hides(item)
    return is_hidden(item) or (isinstance(named, Mapping) and any(hides(named.get(name)) for name in fields))


def put_back(body: Row, stored: Row, row: Mapping[str, Any]) -> Row:
    """Return the body with the hidden departments of its lists unchanged.

    Parameters:
        body: with names; what is in it is sent
        stored: the same with ids
        row: what was read, which is to be changed
    """
    kept = row.get(_KEPT) or body.get(_KEPT) or {}
    sent = {name: value for name, value in stored.items() if name != _KEPT}
    for name, items in kept.items():
        if isinstance(sent.get(name), list):
            sent[name] = [*sent[name], *(without_control(i) if isinstance(i, Mapping) else i for i in items)]
    return sent


def without_hidden(lists: tuple[Property, ...], wanted: Row) -> Row:
    """Return the desired values without hidden departments that an older result may contain.

    Parameters:
        lists: of departments
        wanted: from desired
    """
    visible = dict(wanted)
    for prop in lists:
        items = wanted.get(prop.name)
        if isinstance(items, list):
            fields = _departments_of(prop)
            visible[prop.name] = [item for item in items if not _hidden_item(fields, item, item)]
    return visible


def refuse_hidden(option: str, value: Any) -> None:
    """Refuse to manage a hidden department.

    Raises:
        PbxError: it is one
    """
    if hides(value):
        raise refused(
            option,
            f"{value} is a hidden department in which the PBX keeps the favourites of a user. It cannot be managed; "
            "name another department.",
        )
