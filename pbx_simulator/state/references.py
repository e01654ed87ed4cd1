"""What one row says of another: what is renamed is renamed there too, what is gone is gone there too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pbx_simulator import knowledge
from pbx_simulator.model.document import Json

if TYPE_CHECKING:
    from .store import Store


def display_name(name: str, row: Json) -> str:
    """What a numbered entity is called."""
    if name == "Users":
        return " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)
    gateway = row.get("Gateway") or {}
    return str(row.get("Name") or gateway.get("Name") or "")


def reference(name: str, row: Json) -> Json:
    """How another entity names one that has a number."""
    return {
        "Id": row.get("Id"),
        "Name": display_name(name, row),
        "Number": row.get("Number"),
        "Type": knowledge.PEER_TYPES[name],
    }


def renamed(store: Store, name: str, row: Json) -> None:
    """A numbered entity is called otherwise from now on.

    Navigation properties that show its name follow without a new revision of their row: it is not their entity that
    has changed. The names an outbound rule carries are properties of its own.
    """
    called = display_name(name, row)
    if name == "Groups":
        for holder, other in list(store.numbered()):
            groups = other.data.get("Groups") or []
            if any(group.get("GroupId") == row["Id"] for group in groups):
                follow = _with(groups, "GroupId", row["Id"], {"Name": row.get("Name")})
                store.amend(holder, other.data["Id"], {"Groups": follow})
        for rule in list(store.rows("OutboundRules")):
            ids = rule.data.get("GroupIds") or []
            if row["Id"] in ids:
                names = [
                    called if key == row["Id"] else old for key, old in zip(ids, rule.data["GroupNames"], strict=False)
                ]
                store.change("OutboundRules", rule.data["Id"], {"GroupNames": names})
    elif name == "Trunks":
        _routes(store, row["Id"], {"TrunkName": called})
        _peers(store, "InboundRules", "TrunkDN", row.get("Number"), {"Name": called})
    else:
        if name == "Users":
            _peers(store, "SipDevices", "DN", row.get("Number"), {"Name": called})
        _members(
            store,
            row.get("Number"),
            lambda items: _with(items, "Number", row.get("Number"), {"Name": called}),
            store.amend,
        )


def gone(store: Store, name: str, row: Json) -> None:
    """A numbered entity is not there any more."""
    number = row.get("Number")
    if number is not None:
        _members(store, number, lambda items: [item for item in items if item.get("Number") != number], store.change)
    if name == "Trunks":
        _routes(store, row["Id"], {"TrunkId": -1, "TrunkName": ""})
        for rule in list(store.rows("InboundRules")):
            if number is not None and (rule.data.get("TrunkDN") or {}).get("Number") == number:
                store.change("InboundRules", rule.data["Id"], {"TrunkDN": None})
    if name == "Groups":
        _department_gone(store, row["Id"])


def _routes(store: Store, trunk: Any, shown: Json) -> None:
    for rule in list(store.rows("OutboundRules")):
        routes = rule.data.get("Routes") or []
        if any(route.get("TrunkId") == trunk for route in routes):
            store.change("OutboundRules", rule.data["Id"], {"Routes": _with(routes, "TrunkId", trunk, shown)})


def _peers(store: Store, name: str, prop: str, number: Any, shown: Json) -> None:
    for row in list(store.rows(name)):
        peer = row.data.get(prop) or {}
        if number is not None and peer.get("Number") == number:
            store.amend(name, row.data[store.describe(name).key.name], {prop: {**peer, **shown}})


def _members(
    store: Store, number: Any, after: Callable[[list[Json]], list[Json]], write: Callable[[str, Any, Json], object]
) -> None:
    for name, props in knowledge.MEMBER_LISTS.items():
        for holder in list(store.rows(name)):
            for prop in props:
                items = holder.data.get(prop) or []
                if any(item.get("Number") == number for item in items):
                    write(name, holder.data["Id"], {prop: after(items)})


def _department_gone(store: Store, key: Any) -> None:
    for name, holder in list(store.numbered()):
        groups = holder.data.get("Groups") or []
        if any(group.get("GroupId") == key for group in groups):
            store.change(name, holder.data["Id"], {"Groups": [g for g in groups if g.get("GroupId") != key]})
    for rule in list(store.rows("OutboundRules")):
        ids = rule.data.get("GroupIds") or []
        if key in ids:
            left = [(one, name) for one, name in zip(ids, rule.data["GroupNames"], strict=False) if one != key]
            changes = {"GroupIds": [one for one, _ in left], "GroupNames": [name for _, name in left]}
            store.change("OutboundRules", rule.data["Id"], changes)


def _with(items: list[Json], prop: str, value: Any, shown: Json) -> list[Json]:
    return [{**item, **shown} if item.get(prop) == value else item for item in items]
