"""Values that only one object of a PBX can have: they are given up before another object takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pbx_as_code.config.kinds import DIALLED

Claim = tuple[str, str]
"""The kind of value, such as DID, and the value in a form that can be compared."""

_CLAIMING: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "fax": (("auth_id", "fax AuthID"),),
    "fxs": (("mac_address", "MAC address"),),
    "trunk": (("did_numbers", "DID"),),
    "user": (
        ("auth_id", "AuthID"),
        ("email_address", "e-mail address"),
        ("phones.mac_address", "MAC address"),
        ("web_meeting_friendly_name", "meeting name"),
    ),
}
"""By kind: the options whose values no other object may have, and what they are called."""
NUMBER: Final = "number"


def claims(kind: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Claim]]:
    """Each value that an object has for itself alone: the option it stands in, and the claim.

    Parameters:
        kind: of the object
        values: its options, be they declared or read from a PBX
    """
    if kind in DIALLED and values.get("number") not in (None, ""):
        yield "number", (NUMBER, str(values["number"]))
    for path, label in _CLAIMING.get(kind, ()):
        option, _, within = path.partition(".")
        held = values.get(option)
        for item in held if isinstance(held, list) else [held]:
            value = item.get(within) if within and isinstance(item, Mapping) else item
            if isinstance(value, str) and value:
                yield option, (label, _comparable(label, value))


def without(kind: str, option: str, value: Any, given_up: set[Claim]) -> Any:
    """The value of an option without what is given up.

    Parameters:
        kind: of the object
        option: that holds the claims
        value: of it, as the PBX has it
        given_up: claims that other objects take
    """
    if not isinstance(value, list):
        return None
    return [item for item in value if not any(one in given_up for _, one in claims(kind, {option: [item]}))]


def _comparable(label: str, value: str) -> str:
    if label == "DID":
        return "".join(letter for letter in value if letter.isdigit()) or value
    if label == "MAC address":
        return "".join(letter for letter in value.lower() if letter.isalnum())
    return value.casefold()
