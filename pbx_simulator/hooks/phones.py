"""User.Phones is the list; DeviceInfos shows each as assigned, SipDevices as registered. Either
side follows the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pbx_simulator import knowledge
from pbx_simulator.model.document import Json
from pbx_simulator.state.naming import display_name
from pbx_simulator.state.spelling import digits

from .registry import written

if TYPE_CHECKING:
    from pbx_simulator.state.store import Store


@written("Users")
def of_user(store: Store, old: Json, new: Json) -> None:
    before, after = _phones(old), _phones(new)
    if before == after or not {"DeviceInfos", "SipDevices"} <= store.routes.sets.keys():
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
        "Name": display_name("Users", user),
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


@written("DeviceInfos")
def of_device(store: Store, old: Json, new: Json) -> None:
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
