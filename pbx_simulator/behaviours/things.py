"""Backups, parameters, rules, prompt sets, properties of numbers: actions whose effect the name makes certain."""

from __future__ import annotations

from functools import partial
from typing import Any

from pbx_simulator.checks import rules
from pbx_simulator.errors import DUPLICATE, INVALID, NOT_FOUND, REQUIRED, warning
from pbx_simulator.http.exchange import Call
from pbx_simulator.model import samples
from pbx_simulator.model.document import Json
from pbx_simulator.state.spelling import digits
from pbx_simulator.state.store import Store, datas

from .entities import named_row
from .registry import does


@does("Backups", "Backup")
def backup(call: Call, body: Json) -> None:
    """Make a backup. It is listed when it is there, not when it is asked for.

    Raises:
        Refusal: 400 with REQUIRED, or DUPLICATE for a name there is already.
    """
    name = (body.get("description") or {}).get("Name")
    if not name:
        raise warning(REQUIRED, "Name")
    file = name if name.endswith(".zip") else f"{name}.zip"
    store, work = call.store, call.store.work
    if store.get("Backups", file) is not None or file in work.under_way("Backups"):
        raise warning(DUPLICATE, "Name")
    row = {
        **store.blank("Backups"),
        "CreationTime": "2026-01-06T12:00:00Z",
        "DownloadLink": f"{call.base}/backups/{file}",
        "FileName": file,
        "Size": 1048576,
    }
    work.begin("Backups", file, call.rules.slowness, lambda: store.insert("Backups", row))


@does("Backups", "GetLocalBackupSize")
def backup_size(call: Call, _: Any) -> int:
    """The bytes all backups take."""
    return sum(row.data.get("Size") or 0 for row in call.store.rows("Backups"))


@does("Backups", "GetCanCreateBackup")
def can_back_up(call: Call, _: Any) -> bool:
    """One at a time."""
    call.store.work.look("Backups")
    return not call.store.work.under_way("Backups")


@does("Firmwares", "GetFirmwareState")
def firmware_state(call: Call, _: Any) -> Json:
    """How many firmwares there are, and their files."""
    rows = datas(call.store.rows("Firmwares"))
    return {"Count": len(rows), "FileNames": [row.get("Filename") or row["Id"] for row in rows], "TotalSize": 0}


@does("Parameters", "GetParameterByName")
def parameter(call: Call, _: Any) -> Json:
    """A parameter by its name.

    Raises:
        Refusal: 404 where there is none.
    """
    found = call.store.find("Parameters", "Name", call.arguments["name"])
    if found is None:
        raise warning(NOT_FOUND, "Name", 404)
    return found.data


@does("OutboundRules", "GetEmergencyOutboundRules")
def emergency_rules(call: Call, _: Any) -> list[Json]:
    """The outbound rules for emergency numbers."""
    return [row for row in datas(call.store.rows("OutboundRules")) if row.get("EmergencyRule")]


@does("OutboundRules", "MoveUpDown")
def move_rule(call: Call, body: Json) -> None:
    """Swap a rule's priority with its neighbour's.

    Raises:
        Refusal: 400 where there is no such rule.
    """
    ranked = sorted(datas(call.store.rows("OutboundRules")), key=lambda row: (row.get("Priority") or 0, row["Id"]))
    place = next((n for n, row in enumerate(ranked) if row["Id"] == body.get("id")), None)
    if place is None:
        raise warning(NOT_FOUND, "Id")
    other = place - 1 if body.get("up") else place + 1
    if 0 <= other < len(ranked):
        ranked[place], ranked[other] = ranked[other], ranked[place]
        for priority, row in enumerate(ranked):
            call.store.change("OutboundRules", row["Id"], {"Priority": priority})


@does("PromptSets", "GetActive")
def active_prompt_set(call: Call, _: Any) -> Json | None:
    """The prompt set in use: the one made active, else the first."""
    active = call.store.get("PromptSets", call.store.settings.get("PromptSets/active"))
    return active.data if active is not None else next(iter(datas(call.store.rows("PromptSets"))), None)


@does("PromptSets", "SetActive")
def set_active_prompt_set(call: Call, _: Any) -> None:
    """Use this prompt set from now on."""
    call.store.settings["PromptSets/active"] = named_row(call).data["Id"]


@does("PromptSets", "SetAlternatePronunciation")
def alternate_pronunciation(call: Call, body: Json) -> None:
    """Switch the other way of saying numbers on or off."""
    wanted = bool(body.get("alternatePronunciation"))
    call.store.change("PromptSets", named_row(call).data["Id"], {"UseAlternateNumberPronunciation": wanted})


@does("PromptSets", "Copy")
def copy_prompt_set(call: Call, body: Json) -> Json:
    """A copy of a prompt set, with what the caller overrides."""
    overrides = {p: v for p, v in (body.get("overrides") or {}).items() if p != "Id" and v not in (None, [])}
    row = {**named_row(call).data, **overrides, "Id": call.store.next_id("PromptSets")}
    return call.store.insert("PromptSets", row).data


@does("Services", "Start", "Stop", "Enable", "Disable", "Restart")
def manage_services(call: Call, body: Json) -> None:
    """Start, stop, enable or disable services.

    A disabled service is stopped and cannot be started; enabling it does not start it.

    Raises:
        Refusal: 400 where there is no such service, or one that does not let itself be started, stopped or restarted.
    """
    action, store = call.operation.name, call.store
    names = (body.get("options") or {}).get("ServiceNames") or []
    rows = [store.get("Services", name) for name in names]
    if any(row is None for row in rows):
        raise warning(NOT_FOUND, "ServiceNames")
    needed = {"Start": "StartStopEnabled", "Stop": "StartStopEnabled", "Restart": "RestartEnabled"}.get(action)
    if needed and not all(row.data.get(needed) for row in rows if row is not None):
        raise warning(INVALID, "ServiceNames")
    for name in names:
        if action in ("Enable", "Disable"):
            store.change(
                "Services", name, {"StartStopEnabled": action == "Enable", "RestartEnabled": action == "Enable"}
            )
        if action == "Enable":
            continue
        stops = action in ("Stop", "Disable")
        store.change("Services", name, {"Status": "StopPending" if stops else "StartPending"})
        done = partial(_settle, store, name, "Stopped" if stops else "Running")
        store.work.begin("Services", name, call.rules.slowness, done)


def _settle(store: Store, service: str, status: str) -> None:
    if store.get("Services", service) is not None:
        store.change("Services", service, {"Status": status})


@does("DNProperties", "GetPropertiesByDn")
def dn_properties(call: Call, _: Any) -> list[Json]:
    """The properties of a number."""
    return list(call.store.dn_properties.get(call.arguments["dnNumber"], {}).values())


@does("DNProperties", "GetDNPropertyByName")
def dn_property(call: Call, _: Any) -> Json:
    """One property of a number.

    Raises:
        Refusal: 404 where there is none.
    """
    found = call.store.dn_properties.get(call.arguments["dnNumber"], {}).get(call.arguments["name"])
    if found is None:
        raise warning(NOT_FOUND, "Name", 404)
    return found


@does("DNProperties", "CreateDNProperty", "UpdateDNProperty")
def write_dn_property(call: Call, body: Json) -> None:
    """Give a number a property, or change one.

    Raises:
        Refusal: 400 with REQUIRED, NOT_FOUND or DUPLICATE.
    """
    number, given = body.get("dnNumber"), body.get("property") or {}
    if not given.get("Name"):
        raise warning(REQUIRED, "Name")
    if call.store.by_number(str(number)) is None:
        raise warning(NOT_FOUND, "dnNumber")
    held = call.store.dn_properties.setdefault(str(number), {})
    exists = given["Name"] in held
    if exists == (call.operation.name == "CreateDNProperty"):
        raise warning(DUPLICATE if exists else NOT_FOUND, "Name")
    value = call.operation.body
    assert value is not None
    assert value.type is not None
    kind = value.type.properties["property"].value.type
    assert kind is not None
    # All of it is what was given, and nothing of what was there before; only the id is the PBX's own.
    own = held[given["Name"]]["Id"] if exists else 1 + max((row["Id"] for row in held.values()), default=0)
    held[given["Name"]] = samples.filled(kind, {**given, "Id": own})


@does("DNProperties", "DeleteDNProperty")
def delete_dn_property(call: Call, body: Json) -> None:
    """Take a property from a number.

    Raises:
        Refusal: 400 where there is none such.
    """
    held = call.store.dn_properties.get(str(body.get("dnNumber")), {})
    if body.get("propertyName") not in held:
        raise warning(NOT_FOUND, "propertyName")
    del held[body["propertyName"]]


@does("DeviceInfos", "Provision")
def provision(call: Call, body: Json) -> None:
    """Give a phone the PBX has found to a user; the user's other phones stay.

    Raises:
        Refusal: 400 where there is no such user, or the phone is another user's.
    """
    device = named_row(call).data
    user = call.store.get("Users", body.get("userId"))
    if user is None:
        raise warning(NOT_FOUND, "userId")
    phones = user.data.get("Phones") or []
    kind = call.store.describe("Users").type.properties["Phones"].value.type
    assert kind is not None
    if any(digits(phone.get("MacAddress") or "") == digits(device.get("MAC")) for phone in phones):
        return
    ids = (phone["Id"] for row in call.store.rows("Users") for phone in row.data.get("Phones") or ())
    phone = {
        "Id": 1 + max(ids, default=0),
        "MacAddress": device.get("MAC"),
        "Name": " ".join(part for part in (device.get("Vendor"), device.get("Model")) if part),
        "TemplateName": device.get("TemplateName"),
    }
    changes = {"Phones": [*phones, samples.filled(kind, phone)]}
    call.store.change("Users", user.data["Id"], rules.on_update(call.store, "Users", user.data, changes))
