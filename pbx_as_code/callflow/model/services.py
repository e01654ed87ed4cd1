"""Parking, fax, call flow apps, and the settings of a whole PBX that decide about calls."""

from __future__ import annotations

from dataclasses import dataclass

from pbx_as_code.callflow.model.nodes import Node
from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.model.schedule import Schedule


@dataclass(frozen=True, kw_only=True, slots=True)
class Parking(Node):
    """A parking place."""

    departments: tuple[Ref, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fax(Node):
    """A fax extension."""

    departments: tuple[Ref, ...]
    outbound_caller_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallFlowApp(Node):
    """A call flow app: its script decides at run time."""

    departments: tuple[Ref, ...]
    routing_type: str | None
    trunk: Ref | None
    script_numbers: tuple[str, ...] | None
    """Numbers of this PBX that the script names; None: the script is not at hand."""
    invalid: bool | None
    """State: the script is invalid, does not compile or is not running."""


@dataclass(frozen=True, slots=True)
class E164:
    """Rewriting of dialled numbers that begin with + (O3)."""

    enabled: bool | None
    country_code: str | None
    area_code: str | None
    international_code: str | None
    national_code: str | None
    prefix: str | None
    remove_country_code: bool | None
    remove_area_code: bool | None


@dataclass(frozen=True, slots=True)
class ParkingSettings:
    """Forwarding of calls that stay parked too long."""

    enabled: bool | None
    timeout: int | None
    """Seconds."""
    type: str | None
    number: str | None
    external: str | None


@dataclass(frozen=True, slots=True)
class PbxSettings:
    """Settings of the PBX as a whole. None: the configuration does not have them."""

    zone: str | None
    """IANA name of the time zone of the PBX."""
    hours: Schedule | None
    break_time: Schedule | None
    forward_outside: bool | None
    """`allow_forward_to_external`."""
    no_outbound_when_closed: bool | None
    operator: str | None
    e164: E164 | None
    countries: tuple[str, ...] | None
    parking: ParkingSettings | None
    dial_codes: tuple[tuple[str, str], ...] | None
    """Pairs of option and code, such as ("dial_code_park", "*0")."""
