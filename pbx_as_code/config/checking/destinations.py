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


def destination_problem(structure: Mapping[str, Any], numbers: Mapping[str, Definition]) -> tuple[str, str] | None:
    """The option of a destination that does not fit, and why; None if it fits or nobody knows.

    Parameters:
        structure: any structure of an object
        numbers: see dialled
    """
    for type_option, option in _PAIRS:
        kinds = _LEADS_TO.get(str(structure.get(type_option)))
        target = numbers.get(str(structure.get(option)))
        if kinds is not None and target is not None and target.kind.name not in kinds:
            why = (
                f"{structure[option]} is the {target.kind.label} at {target.place}, and {type_option} is "
                f"{structure[type_option]}."
            )
            return option, why
    return None
