"""What a PBX fills in when something new is stored and the caller left it out. Every secret here is invented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.model.document import Json

from .store import Store

_PROFILES = ("Available", "Away", "Out of office", "Custom 1", "Custom 2")
_VOICEMAIL = {"To": "VoiceMail"}


def complete(store: Store, name: str, row: Json, given: Json) -> Json:
    """Fill what `given` leaves out of a new row; key and number are there already."""
    fill = _FILL.get(name)
    found = {} if fill is None else fill(row)
    if name in knowledge.PEER_TYPES and name not in ("Groups", "Trunks"):
        group = store.default_group()
        if group is not None:
            found.setdefault("Groups", [_membership(group)])
            if name == "Users":
                groups = given.get("Groups") or ()
                found["PrimaryGroupId"] = next((g["GroupId"] for g in groups if g.get("GroupId")), group["Id"])
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


def _user(row: Json) -> Json:
    number = row["Number"]
    name = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)
    return {
        "AccessPassword": f"invented-web-{number}",
        "AuthID": f"auth{number}",
        "AuthPassword": f"invented-sip-{number}",
        "CallScreening": False,
        "CurrentProfileName": "Available",
        "DeskphonePassword": f"invented-phone-{number}",
        "DisplayName": name,
        "Enabled": True,
        "Enable2FA": False,
        "ForwardingProfiles": PROFILES,
        "Internal": False,
        "IsRegistered": False,
        "Language": "EN",
        "QueueStatus": "LoggedIn",
        "Require2FA": False,
        "SRTPMode": "SRTPDisabled",
        "VMEnabled": True,
        "VMPIN": f"{number}",
    }


def _profile(position: int, name: str) -> Json:
    route: Json
    if knowledge.PROFILE_ROUTES[name] == "AvailableRoute":
        route = {"NoAnswerAllCalls": True, "NoAnswerInternal": _VOICEMAIL, "NoAnswerExternal": _VOICEMAIL}
    else:
        route = {"AllHoursInternal": True, "Internal": _VOICEMAIL, "External": _VOICEMAIL}
    return {"Id": position, "Name": name, "NoAnswerTimeout": 20, knowledge.PROFILE_ROUTES[name]: route}


#: A new user's; one list for all, because what a row holds is never changed in place and ten thousand have them.
PROFILES: list[Json] = [_profile(position, label) for position, label in enumerate(_PROFILES, 1)]


def _fax(row: Json) -> Json:
    number = row["Number"]
    return {"AuthID": f"fax{number}", "AuthPassword": f"invented-fax-{number}", "FaxServer": False}


def _fxs(row: Json) -> Json:
    mac = row["MacAddress"]
    return {"Password": f"invented-web-{mac}", "Secret": f"invented-secret-{mac}"}


def _sbc(row: Json) -> Json:
    name = row["Name"]
    return {"Password": f"invented-sbc-{name}", "ProvisionLink": f"https://pbx.example.com/sbc/invented-{name}"}


def _trunk(row: Json) -> Json:
    return {
        "AuthPassword": {"Value": f"invented-trunk-{row['Number']}", "Concealed": False},
        "Direction": "Both",
        "EnableInboundCalls": True,
        "EnableOutboundCalls": True,
        "IsOnline": False,
    }


def _call_flow_app(_: Json) -> Json:
    return {"CompilationSucceeded": True, "InvalidScript": False, "IsRegistered": False, "RoutingType": "DialCode"}


def _group(_: Json) -> Json:
    return {"IsDefault": False, "Language": "EN", "Rights": [{"RoleName": role} for role in knowledge.ROLES]}


_FILL: dict[str, Callable[[Json], dict[str, Any]]] = {
    "CallFlowApps": _call_flow_app,
    "Fax": _fax,
    "Fxs": _fxs,
    "Groups": _group,
    "Sbcs": _sbc,
    "Trunks": _trunk,
    "Users": _user,
}
