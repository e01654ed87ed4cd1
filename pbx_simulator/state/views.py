"""What one set shows of another and stores a row of its own for: DIDs of trunks, phones of users.

Called by the store after each write, so that every way of writing (the API, a seed, a test) keeps both sides alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pbx_simulator import knowledge
from pbx_simulator.model.document import Json

from .spelling import digits

if TYPE_CHECKING:
    from .store import Store


def follow(store: Store, name: str, old: Json | None, new: Json | None) -> None:
    """Carry a write to where else it shows. old: the row before, None where it is new; new: after, None where it is gone."""
    follower = _FOLLOWERS.get(name)
    if follower is not None:
        follower(store, old or {}, new or {})


def _has(store: Store, *names: str) -> bool:
    return all(name in store.routes.sets for name in names)


# --- DIDs: Trunk.DidNumbers is the list, DidNumbers has a row for each


def _trunk(store: Store, old: Json, new: Json) -> None:
    before, after = old.get("DidNumbers") or [], new.get("DidNumbers") or []
    if before is after or before == after or not _has(store, "DidNumbers"):
        return
    trunk = (new or old)["Id"]
    for number in before:
        row = store.get("DidNumbers", number)
        if number not in after and row is not None and row.data.get("TrunkId") == trunk:
            store.remove("DidNumbers", number)
    template = (new.get("Gateway") or {}).get("TemplateFilename")
    for number in after:
        if store.get("DidNumbers", number) is None:
            row_of = {**store.blank("DidNumbers"), "Number": number, "TrunkId": trunk, "TemplateFileName": template}
            store.insert("DidNumbers", row_of)


def _did(store: Store, old: Json, new: Json) -> None:
    for row, there in ((old, False), (new, True)):
        trunk = store.get("Trunks", row.get("TrunkId")) if row and _has(store, "Trunks") else None
        if trunk is None or (not there and new.get("TrunkId") == row.get("TrunkId")):
            continue
        numbers = trunk.data.get("DidNumbers") or []
        if there != (row["Number"] in numbers):
            changed = [*numbers, row["Number"]] if there else [one for one in numbers if one != row["Number"]]
            store.change("Trunks", trunk.data["Id"], {"DidNumbers": changed})


# --- phones: User.Phones is the list, DeviceInfos shows each as assigned, SipDevices as registered


def _user(store: Store, old: Json, new: Json) -> None:
    before, after = _phones(old), _phones(new)
    if before == after or not _has(store, "DeviceInfos", "SipDevices"):
        return
    for mac in before.keys() - after.keys():
        for row in _by_mac(store, "DeviceInfos", mac):
            store.change("DeviceInfos", row["Id"], {"Assigned": False, "AssignedUser": None})
        for row in _by_mac(store, "SipDevices", mac):
            store.remove("SipDevices", row["Id"])
    for mac in after:  # in the order of the phones
        if before.get(mac) != after[mac]:
            _assign(store, mac, after[mac], new)


def _assign(store: Store, mac: str, phone: Json, user: Json) -> None:
    shown = {"Assigned": True, "AssignedUser": user.get("Number")}
    if phone.get("TemplateName"):
        shown["TemplateName"] = phone["TemplateName"]
    devices = _by_mac(store, "DeviceInfos", mac)
    for row in devices:
        store.change("DeviceInfos", row["Id"], shown)
    if not devices:
        blank = store.blank("DeviceInfos")
        store.insert("DeviceInfos", {**blank, **shown, "Id": store.next_id("DeviceInfos"), "MAC": phone["MacAddress"]})
    number = {
        "Id": user["Id"],
        "Name": _called(user),
        "Number": user.get("Number"),
        "Type": knowledge.PEER_TYPES["Users"],
    }
    registered = _by_mac(store, "SipDevices", mac)
    for row in registered:
        store.change("SipDevices", row["Id"], {"DN": {**(row.get("DN") or {}), **number}})
    if not registered:
        blank = store.blank("SipDevices")
        made = {"DN": number, "Id": store.next_id("SipDevices"), "Registrar": {"MAC": phone["MacAddress"]}}
        store.insert("SipDevices", {**blank, **made})


def _device(store: Store, old: Json, new: Json) -> None:
    """A phone the PBX is told to forget, or that belongs to nobody any more, is no user's phone."""
    if not old or new.get("Assigned") or not old.get("Assigned"):
        return
    for key in tuple(store.derived("Users", "MAC", macs, digits(old.get("MAC") or ""))):
        user = store.get("Users", key)
        if user is not None:
            left = [p for p in user.data.get("Phones") or () if digits(p.get("MacAddress") or "") != digits(old["MAC"])]
            store.change("Users", key, {"Phones": left})


def _phones(user: Json) -> dict[str, Json]:
    return {digits(phone["MacAddress"]): phone for phone in user.get("Phones") or () if phone.get("MacAddress")}


def macs(user: Json) -> list[str]:
    """The MAC addresses of a user's phones, in the form in which they compare."""
    return list(_phones(user))


def _by_mac(store: Store, name: str, mac: str) -> list[Json]:
    read = _DEVICE_MAC[name]
    rows = (store.get(name, key) for key in tuple(store.derived(name, "device MAC", read, mac)))
    return [row.data for row in rows if row is not None]


_DEVICE_MAC: dict[str, Any] = {
    "DeviceInfos": lambda row: [digits(row["MAC"])] if row.get("MAC") else [],
    "SipDevices": lambda row: [digits(mac)] if (mac := (row.get("Registrar") or {}).get("MAC")) else [],
}


def _called(user: Json) -> str:
    return " ".join(part for part in (user.get("FirstName"), user.get("LastName")) if part)


_FOLLOWERS = {"DeviceInfos": _device, "DidNumbers": _did, "Trunks": _trunk, "Users": _user}
