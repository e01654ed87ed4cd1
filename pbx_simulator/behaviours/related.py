"""Navigation properties: stored with their row, or worked out from others."""

from __future__ import annotations

from typing import Any

from pbx_simulator import knowledge, references
from pbx_simulator.document import Json
from pbx_simulator.query import Related
from pbx_simulator.schema import Type
from pbx_simulator.store import Store, datas

_WORKED_OUT = frozenset({"Members"})


def resolver(store: Store) -> Related:
    """A function that gives the value of a navigation property of a row."""
    by_group: dict[Any, list[Json]] | None = None

    def related(kind: Type, name: str, row: Json) -> Any:
        nonlocal by_group
        if kind.name == "Pbx.Group" and name == "Members":
            if by_group is None:
                by_group = _members_by_group(store)
            return by_group.get(row.get("Id"), [])
        if kind.name == "Pbx.Peer" and name == "MemberOf":
            return _member_of(store, row)
        return row.get(name)

    return related


def worked_out(name: str) -> frozenset[str]:
    """The navigation properties of a set that are worked out from others."""
    return _WORKED_OUT if name == "Groups" else frozenset()


def complete(store: Store, name: str, rows: list[Json] | None = None) -> list[Json]:
    """Rows of a set, all where none are given, with the navigation properties that are worked out from others."""
    rows = datas(store.rows(name)) if rows is None else rows
    if name != "Groups":
        return rows
    by_group = _members_by_group(store)
    return [{**row, "Members": by_group.get(row["Id"], [])} for row in rows]


def peers(store: Store) -> list[Json]:
    """Every numbered entity, as a peer."""
    return [peer(name, row.data) for name, row in store.numbered()]


def peer(name: str, row: Json) -> Json:
    """A numbered entity, as a peer."""
    return {
        "Hidden": False,
        "Id": row["Id"],
        "Name": references.display_name(name, row),
        "Number": row.get("Number"),
        "Tags": row.get("Tags") or [],
        "Type": knowledge.PEER_TYPES[name],
    }


def _members_by_group(store: Store) -> dict[Any, list[Json]]:
    found: dict[Any, list[Json]] = {}
    for name, row in store.numbered():
        if name == "Groups":
            continue
        for group in row.data.get("Groups") or ():
            found.setdefault(group.get("GroupId"), []).append(
                {
                    "CanDelete": True,
                    "GroupId": group.get("GroupId"),
                    "Id": row.data["Id"],
                    "MemberName": references.display_name(name, row.data),
                    "Name": group.get("Name"),
                    "Number": row.data.get("Number"),
                    "Rights": group.get("Rights"),
                    "Tags": row.data.get("Tags") or [],
                    "TranscriptionMode": row.data.get("TranscriptionMode"),
                    "Type": knowledge.PEER_TYPES[name],
                }
            )
    return found


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
