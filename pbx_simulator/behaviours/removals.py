"""Actions that remove: in bulk, one row, a whole set, a department."""

from __future__ import annotations

from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.checks import rules
from pbx_simulator.errors import NOT_FOUND, REQUIRED, Refusal, warning
from pbx_simulator.http.exchange import Call
from pbx_simulator.model.document import Json

from .entities import named_row
from .registry import NAMED, does


def _bulk(call: Call, body: Json) -> None:
    """Remove the rows named; all or nothing, an unknown one is refused."""
    owner = call.operation.owner
    keys = body.get(knowledge.BULK_DELETES[owner, call.operation.name]) or []
    rows = [(key, call.store.get(owner, key)) for key in dict.fromkeys(keys)]
    for _, row in rows:
        if row is None:
            raise warning(NOT_FOUND, call.store.describe(owner).key.name)
        rules.on_delete(call.store, owner, row.data)
    for key, _ in rows:
        call.store.remove(owner, key)


def _row(call: Call, _: Any) -> None:
    row = named_row(call)
    call.store.remove(call.operation.owner, row.data[call.store.describe(call.operation.owner).key.name])


def _purge(call: Call, _: Any) -> None:
    for name in knowledge.PURGES[call.operation.owner, call.operation.name]:
        key = call.store.describe(name).key.name
        for row in list(call.store.rows(name)):
            call.store.remove(name, row.data[key])


for _action in knowledge.BULK_DELETES:
    NAMED[_action] = _bulk
for _action in knowledge.ROW_REMOVERS:
    NAMED[_action] = _row
for _action in knowledge.PURGES:
    NAMED[_action] = _purge


@does("Users", "BatchDelete")
def batch_delete(call: Call, body: Json) -> list[Json]:
    """Remove users; those that cannot be removed are listed with the reason, the others are gone. 200 either way."""
    failures = []
    for key in body.get("ids") or []:
        row = call.store.get("Users", key)
        if row is None:
            failures.append({"ExtensionNumber": str(key), "Error": NOT_FOUND})
            continue
        try:
            rules.on_delete(call.store, "Users", row.data)
        except Refusal as refusal:
            failures.append({"ExtensionNumber": row.data["Number"], "Error": refusal.detail or refusal.message})
        else:
            call.store.remove("Users", key)
    return failures


@does("Groups", "DeleteCompanyById", "DeleteCompanyByNumber")
def delete_company(call: Call, body: Json) -> None:
    """Remove a department and what belongs to it alone.

    Raises:
        Refusal: 400 where there is none such, or it is the default one.
    """
    label, prop = ("id", "Id") if call.operation.name == "DeleteCompanyById" else ("number", "Number")
    if body.get(label) is None:
        raise warning(REQUIRED, label)
    group = call.store.find("Groups", prop, body[label])
    if group is None:
        raise warning(NOT_FOUND, prop)
    if group.data.get("IsDefault"):
        raise warning("WARNINGS.GROUP_CANNOT_BE_DELETED", None)
    for name, row in rules.members(call.store, group.data["Id"]):
        if len(row.get("Groups") or ()) == 1:
            call.store.remove(name, row["Id"])
    call.store.remove("Groups", group.data["Id"])


@does("Playlists", "DeletePlaylistFile")
def delete_playlist_file(call: Call, body: Json) -> None:
    """Take a file out of a playlist.

    Raises:
        Refusal: 400 where there is no such playlist or file.
    """
    playlist = call.store.get("Playlists", body.get("playlistKey"))
    files = [] if playlist is None else playlist.data.get("Files") or []
    if playlist is None or body.get("fileName") not in files:
        raise warning("WARNINGS.XAPI.FILE_NOT_FOUND", "fileName")
    left = [name for name in files if name != body["fileName"]]
    call.store.change("Playlists", playlist.data["Name"], {"Files": left})


@does("OutboundRules", "Purge")
def purge_rules(call: Call, body: Json) -> None:
    """Remove the outbound rules named."""
    for key in (body.get("purgeObject") or {}).get("Ids") or []:
        call.store.remove("OutboundRules", key)
