"""Defaults of a PBX for properties that a new object omits; those specific to a set are hooks."""

from __future__ import annotations

from pbx_simulator import knowledge
from pbx_simulator.hooks.registry import filling
from pbx_simulator.model.document import Json

from .store import Store


def complete(store: Store, name: str, row: Json, given: Json) -> Json:
    """Fill what `given` leaves out of a new row; key and number are there already."""
    fill = filling.of(name)
    found = {} if fill is None else fill(store, row, given)
    if name in knowledge.PEER_TYPES and name not in ("Groups", "Trunks"):
        group = store.default_group()
        if group is not None:
            found.setdefault("Groups", [_membership(group)])
    for prop, value in found.items():
        if prop not in given and prop in row:
            row[prop] = value
    return row


def _membership(group: Json) -> Json:
    return {
        "GroupId": group["Id"],
        "Id": group["Id"],
        "Name": group.get("Name"),
        "Number": group.get("Number"),
        "Rights": {"RoleName": "users"},
        "Type": "Group",
    }
