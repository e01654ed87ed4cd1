"""Departments."""

from __future__ import annotations

from dataclasses import dataclass

from pbx_as_code.callflow.model.destinations import Destination, Routes
from pbx_as_code.callflow.model.nodes import Node
from pbx_as_code.callflow.model.schedule import Holiday, Override, Schedule


@dataclass(frozen=True, kw_only=True, slots=True)
class Department(Node):
    """A department: hours, holidays and overrides of the objects in it. Its key is its name."""

    number: str | None
    """Such as GRP0001; files that were exported do not have it."""
    is_default: bool | None
    zone: str | None
    """IANA name of its time zone; None: unknown, or that of the PBX (D3)."""
    hours: Schedule | None
    break_time: Schedule | None
    holidays: tuple[Holiday, ...]
    """Its own and those of all departments, by date."""
    holidays_known: bool
    """Whether the configuration declares every holiday."""
    routes: Routes
    """Of calls addressed to the department itself (D11), not of the objects in it."""
    override: Override
    custom_operator: Destination | None
