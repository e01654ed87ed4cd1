"""Navigation properties: stored with their row, or worked out from others."""

from __future__ import annotations

from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Type
from pbx_simulator.odata.query import Related
from pbx_simulator.state import links
from pbx_simulator.state.naming import display_name
from pbx_simulator.state.spelling import digits
from pbx_simulator.state.store import Store, datas

#: By entity set, the navigation properties that are worked out from other sets.
_WORKED_OUT: dict[str, frozenset[str]] = {
    "Groups": frozenset({"Members", "OfficeHolidays"}),
    "Trunks": frozenset({"RoutingRules"}),
    "DidNumbers": frozenset({"RoutingRule"}),
}
_LINKED = {(f"Pbx.{name[:-1]}", prop): name for name, props in links.LINKS.items() for prop in props}


def resolver(store: Store) -> Related:
    """A function that gives the value of a navigation property of a row."""
    by_group: dict[Any, list[Json]] | None = None

    def related(kind: Type, name: str, row: Json) -> Any:
        nonlocal by_group
        if kind.name == "Pbx.Group" and name == "Members":
            if by_group is None:
                by_group = _members_by_group(store)
            return by_group.get(row.get("Id"), [])
        owner = _LINKED.get((kind.name, name))
        if owner is not None and name in links.linked(store, owner):
            return links.items(store, owner, name, row)
        if kind.name == "Pbx.OfficeHours" and name in links.linked(store, "Groups"):
            return links.items(store, "Groups", name, store.default_group() or {})
        if kind.name == "Pbx.DidNumber" and name == "RoutingRule":
            return _rule_of(store, row)
        if name == "Groups" and "membership-rows" in store.traits:
            return memberships(store, row)
        if kind.name == "Pbx.Peer" and name == "MemberOf":
            return _member_of(store, row)
        return row.get(name)

    return related


def worked_out(store: Store, name: str) -> frozenset[str]:
    """The navigation properties of a set that are worked out from others."""
    if name != "Groups" and "membership-rows" in store.traits and name in knowledge.PEER_TYPES:
        return _WORKED_OUT.get(name, frozenset()) | {"Groups"}
    return _WORKED_OUT.get(name, frozenset())


def memberships(store: Store, row: Json) -> list[Json]:
    """The departments of a numbered entity as rows about its membership, each with its own id."""
    found = store.by_number(str(row.get("Number")))
    groups = row.get("Groups") or []
    return [_membership(found[0], row, group) for group in groups] if found is not None else groups


def _membership(name: str, member: Json, group: Json) -> Json:
    return {
        **group,
        "CanDelete": True,
        "Id": _membership_id(group, member),
        "MemberName": display_name(name, member),
        "Number": member.get("Number"),
        "Type": knowledge.PEER_TYPES[name],
    }


def _membership_id(group: Json, member: Json) -> int:
    return int(group.get("GroupId") or 0) * 100_000 + int(member["Id"])


def complete(store: Store, name: str, rows: list[Json] | None = None) -> list[Json]:
    """Rows of a set with the navigation properties that are worked out from others. Where none are given: all, and
    memberships as they are stored.
    """
    props = _WORKED_OUT.get(name, frozenset()) if rows is None else worked_out(store, name)
    rows = datas(store.rows(name)) if rows is None else rows
    if not props:
        return rows
    kind, related = store.describe(name).type, resolver(store)
    found = [prop for prop in kind.properties if prop in props]
    return [{**row, **{prop: related(kind, prop, row) for prop in found}} for row in rows]


def peers(store: Store) -> list[Json]:
    """Every numbered entity, as a peer."""
    return [peer(name, row.data) for name, row in store.numbered()]


def peer(name: str, row: Json) -> Json:
    """A numbered entity, as a peer."""
    return {
        "Hidden": False,
        "Id": row["Id"],
        "Name": display_name(name, row),
        "Number": row.get("Number"),
        "Tags": row.get("Tags") or [],
        "Type": knowledge.PEER_TYPES[name],
    }


def _members_by_group(store: Store) -> dict[Any, list[Json]]:
    found: dict[Any, list[Json]] = {}
    of_its_own = "membership-rows" in store.traits
    for name, row in store.numbered():
        if name == "Groups":
            continue
        for group in row.data.get("Groups") or ():
            found.setdefault(group.get("GroupId"), []).append(
                {
                    "CanDelete": True,
                    "GroupId": group.get("GroupId"),
                    "Id": _membership_id(group, row.data) if of_its_own else row.data["Id"],
                    "MemberName": display_name(name, row.data),
                    "Name": group.get("Name"),
                    "Number": row.data.get("Number"),
                    "Rights": group.get("Rights"),
                    "Tags": row.data.get("Tags") or [],
                    "TranscriptionMode": row.data.get("TranscriptionMode"),
                    "Type": knowledge.PEER_TYPES[name],
                }
            )
    return found


def _rule_of(store: Store, did: Json) -> Json | None:
    """The inbound rule for a DID: one of its trunk, or of none, for the same digits."""
    keys = store.derived("InboundRules", "digits", _digits_of, digits(did.get("Number") or ""))
    rows = (store.get("InboundRules", key) for key in sorted(keys))
    trunk = store.get("Trunks", did.get("TrunkId"))
    of_trunk = {None} if trunk is None else {None, trunk.data.get("Number")}
    return next((row.data for row in rows if row and (row.data.get("TrunkDN") or {}).get("Number") in of_trunk), None)


def _digits_of(rule: Json) -> list[str]:
    return [digits(rule["Data"])] if rule.get("Condition") == "BasedOnDID" and rule.get("Data") else []


def _member_of(store: Store, peer: Json) -> list[Json]:
    found = store.by_number(str(peer.get("Number")))
    if found is None:
        return []
    groups = found[1].data.get("Groups") or ()
    return [
        {
            "GroupID": group.get("GroupId") or 0,
            "IsPrimary": position == 0,
            "Name": group.get("Name"),
            "Number": group.get("Number"),
            "RoleName": (group.get("Rights") or {}).get("RoleName"),
        }
        for position, group in enumerate(groups)
    ]
