"""Destinations whose type does not fit the object that has their number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration, Definition
from pbx_as_code.config.kinds import DIALLED

_LEADS_TO: Final[Mapping[str, tuple[str, ...]]] = {
    "Extension": ("user",),
    "Fax": ("fax", "user"),
    "IVR": ("receptionist", "call_flow_app"),
    "Queue": ("queue",),
    "RingGroup": ("ring_group",),
    "RoutePoint": ("call_flow_app", "receptionist"),
    "VoiceMail": ("user", "queue", "ring_group"),
}
"""By type of a destination: the kinds that it may lead to. Types that are not listed need no number, or any."""
_PAIRS: Final = (("to", "number"), ("forward_type", "forward_dn"))
"""Options of a structure that are a type and a number."""


def dialled(configuration: Configuration) -> dict[str, Definition]:
    """The declared objects by their numbers."""
    return {
        str(one.values["number"]): one
        for kind in DIALLED
        for one in configuration.of(kind)
        if one.values.get("number") is not None
    }


def leads_elsewhere(structure: Mapping[str, Any], kinds: Mapping[str, str]) -> tuple[str, str] | None:
    """The options with the type and the number of a destination that do not fit; None if they fit or nobody knows.

    Parameters:
        structure: any structure of an object
        kinds: name of the kind by number
    """
    for type_option, option in _PAIRS:
        if option in structure:
            fitting = _LEADS_TO.get(str(structure.get(type_option)))
            kind = kinds.get(str(structure[option]))
            if fitting is not None and kind is not None and kind not in fitting:
                return type_option, option
    return None


def destination_problem(
    structure: Mapping[str, Any], numbers: Mapping[str, Definition], kinds: Mapping[str, str]
) -> tuple[str, str] | None:
    """The option of a destination that does not fit, and why; None if it fits or nobody knows.

    Parameters:
        structure: any structure of an object
        numbers: see dialled
        kinds: name of the kind of each
    """
    found = leads_elsewhere(structure, kinds)
    if found is None:
        return None
    type_option, option = found
    target = numbers[str(structure[option])]
    return option, (
        f"{structure[option]} is the {target.kind.label} at {target.place}, and {type_option} is "
        f"{structure[type_option]}."
    )
