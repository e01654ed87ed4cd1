"""Users: what a new one has (every secret is invented), and who shows their names."""

from __future__ import annotations

from pbx_simulator import knowledge
from pbx_simulator.errors import warning
from pbx_simulator.model.document import Json
from pbx_simulator.state.naming import display_name
from pbx_simulator.state.references import named_otherwise, show_peer
from pbx_simulator.state.store import Store
from pbx_simulator.traits.storage import FAVOURITES_NUMBER

from .registry import deleting, filling, gone, renamed

_PROFILES = ("Available", "Away", "Out of office", "Custom 1", "Custom 2")
_VOICEMAIL = {"To": "VoiceMail"}


def _profile(position: int, name: str) -> Json:
    route: Json
    if knowledge.PROFILE_ROUTES[name] == "AvailableRoute":
        route = {"NoAnswerAllCalls": True, "NoAnswerInternal": _VOICEMAIL, "NoAnswerExternal": _VOICEMAIL}
    else:
        route = {"AllHoursInternal": True, "Internal": _VOICEMAIL, "External": _VOICEMAIL}
    return {"Id": position, "Name": name, "NoAnswerTimeout": 20, knowledge.PROFILE_ROUTES[name]: route}


#: A new user's; one list for all, because what a row holds is never changed in place and ten thousand have them.
PROFILES: list[Json] = [_profile(position, label) for position, label in enumerate(_PROFILES, 1)]


@filling("Users")
def fill(store: Store, row: Json, given: Json) -> Json:
    """A new user has secrets, five forwarding profiles and a primary department."""
    group = store.default_group()
    own = (one["GroupId"] for one in given.get("Groups") or () if one.get("GroupId"))
    primary = {} if group is None else {"PrimaryGroupId": next(own, group["Id"])}
    number = row["Number"]
    return {
        **primary,
        "AccessPassword": f"invented-web-{number}",
        "AuthID": f"auth{number}",
        "AuthPassword": f"invented-sip-{number}",
        "CallScreening": False,
        "CurrentProfileName": "Available",
        "DeskphonePassword": f"invented-phone-{number}",
        "DisplayName": display_name("Users", row),
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


@deleting("Users")
def refuse(store: Store, row: Json) -> None:
    """The extension a department sends its calls to stays."""
    if any((group.data.get("CustomOperator") or {}).get("Number") == row["Number"] for group in store.rows("Groups")):
        raise warning("WARNINGS.OPERATOR_CANNOT_BE_DELETED", None)


@renamed("Users")
def show_name(store: Store, row: Json, called: str) -> None:
    """Devices name their user, as do queues and ring groups."""
    show_peer(store, "SipDevices", "DN", row.get("Number"), {"Name": called})
    named_otherwise(store, row, called)


@gone("Users")
def leave(store: Store, row: Json) -> None:
    """Remove what is registered for a user, and the hidden department of their favourites."""
    number = row.get("Number")
    if "SipDevices" in store.routes.sets:
        for device in tuple(store.derived("SipDevices", "registered for", _registered_for, number)):
            store.remove("SipDevices", device)
    for sbc in list(store.rows("Sbcs")):
        if sbc.data.get("PhoneUserId") == row["Id"]:
            store.change("Sbcs", sbc.data["Name"], {"PhoneUserId": None})
    favourites = store.find("Groups", "Number", f"{FAVOURITES_NUMBER}{number}") if number else None
    if favourites is not None:
        store.remove("Groups", favourites.data["Id"])


def _registered_for(device: Json) -> list[str]:
    number = (device.get("DN") or {}).get("Number")
    return [number] if number else []
