"""Files and texts that are asked for by name or id: there, or 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pbx_simulator.errors import FILE_NOT_FOUND, NOT_FOUND, warning
from pbx_simulator.http.exchange import Call
from pbx_simulator.state.spelling import digits

from .registry import NAMED


def _recording(call: Call) -> bool:
    return call.store.get("Recordings", call.arguments["recId"]) is not None


def _playlist_file(call: Call) -> bool:
    playlist = call.store.get("Playlists", call.arguments["playlistKey"])
    return playlist is not None and call.arguments["fileName"] in (playlist.data.get("Files") or ())


def _greeting(call: Call) -> bool:
    user = call.store.get("Users", call.arguments["userId"])
    greetings = () if user is None else user.data.get("Greetings") or ()
    return any(greeting.get("Filename") == call.arguments["fileName"] for greeting in greetings)


def _crm_template(call: Call) -> bool:
    return call.store.get("CrmTemplates", call.arguments["name"]) is not None


def _registered_phone(call: Call) -> bool:
    wanted = digits(call.arguments["mac"])
    registrars = (row.data.get("Registrar") or {} for row in call.store.rows("SipDevices"))
    return any(digits(registrar.get("MAC") or "") == wanted for registrar in registrars)


#: Whether what a function is asked for exists, what the refusal says where it does not, and which argument it names.
SOUGHT: dict[tuple[str, str], tuple[Callable[[Call], bool], str, str]] = {
    ("CrmIntegration", "GetCrmTemplateSource"): (_crm_template, NOT_FOUND, "name"),
    ("Playlists", "DownloadPlaylistFile"): (_playlist_file, FILE_NOT_FOUND, "fileName"),
    ("Recordings", "DownloadRecording"): (_recording, NOT_FOUND, "recId"),
    ("Users", "DownloadGreeting"): (_greeting, FILE_NOT_FOUND, "fileName"),
    ("Users", "GetPhoneRegistrar"): (_registered_phone, NOT_FOUND, "mac"),
}


def _find(call: Call, _: Any) -> None:
    """Answer as usual where what is asked for exists.

    Raises:
        Refusal: 404 where it does not.
    """
    exists, code, argument = SOUGHT[call.operation.owner, call.operation.name]
    if not exists(call):
        raise warning(code, argument, 404)


for _function in SOUGHT:
    NAMED[_function] = _find
