"""Whether the order of a list means something: who rings first does, unless all ring together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pbx_as_code.description import Property


def in_order(prop: Property, wanted: Mapping[str, Any], current: Mapping[str, Any]) -> Property:
    """The property, ordered where what is beside it says so.

    Parameters:
        prop: of the entity
        wanted: what a task asks for, by XAPI name, in wire form
        current: what the PBX has; it counts for what the task leaves alone
    """
    if prop.ordered_when is None:
        return prop
    name, values = prop.ordered_when
    return replace(prop, ordered=wanted.get(name, current.get(name)) in values)
