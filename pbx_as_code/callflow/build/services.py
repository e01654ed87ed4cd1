"""Parking, fax, call flow apps, system extensions, and settings of the whole PBX."""

from __future__ import annotations

import re

from pbx_as_code.callflow.build import values as read
from pbx_as_code.callflow.build.sources import Sources, name_of, zone_name
from pbx_as_code.callflow.model.nodes import Node, Origin
from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.model.services import E164, CallFlowApp, Fax, Parking, ParkingSettings, PbxSettings
from pbx_as_code.config.configuration import Definition

_QUOTED = re.compile(r"""["'>]\s*([0-9]{2,8})\s*["'<]""")


def parking(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """A parking place as its definition says."""
    return Parking(ref=ref, origin=Origin(definition), departments=sources.departments(definition.values))


def fax(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """A fax extension as its definition says."""
    values = definition.values
    return Fax(
        ref=ref,
        origin=Origin(definition),
        departments=sources.departments(values),
        outbound_caller_id=read.text(values, "outbound_caller_id"),
    )


def call_flow_app(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """A call flow app as its definition says."""
    values = definition.values
    script = values.get("script_code")
    return CallFlowApp(
        ref=ref,
        name=name_of(definition),
        origin=Origin(definition),
        departments=sources.departments(values),
        routing_type=read.text(values, "routing_type"),
        trunk=sources.trunk(read.text(values, "trunk")),
        script_numbers=_named(sources, script, ref.key) if isinstance(script, str) and script else None,
        invalid=_invalid(values),
    )


def _named(sources: Sources, script: str, own: str) -> tuple[str, ...]:
    quoted = dict.fromkeys(_QUOTED.findall(script))
    return tuple(number for number in quoted if number in sources.numbers and number != own)


def _invalid(values: read.Values) -> bool | None:
    states = (
        read.flag(values, "invalid_script"),
        _not(read.flag(values, "compilation_succeeded")),
        _not(read.flag(values, "is_registered")),
    )
    return True if True in states else False if states[0] is False else None


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def settings(sources: Sources) -> PbxSettings:
    """Settings of the PBX that decide about calls."""
    general = sources.settings("general_settings_for_pbx") or {}
    hours = sources.settings("office_hours") or {}
    countries = sources.settings("country_codes")
    parked = sources.settings("call_parking_settings")
    codes = sources.settings("dial_code_settings")
    e164 = sources.settings("e164_settings")
    return PbxSettings(
        zone=zone_name(sources.configuration.pbx.get("time_zone")) or zone_name(hours.get("time_zone_id")),
        hours=read.schedule(hours, "hours"),
        break_time=read.schedule(hours, "break_time"),
        forward_outside=read.flag(general, "allow_forward_to_external"),
        no_outbound_when_closed=read.flag(general, "disable_outbound_calls_out_office_hours"),
        operator=read.text(general, "operator_extension"),
        e164=None if e164 is None else _e164(e164),
        countries=None if countries is None else read.texts(countries, "country_codes"),
        parking=None if parked is None else _parking(parked),
        dial_codes=None if codes is None else _codes(codes),
    )


def _codes(values: read.Values) -> tuple[tuple[str, str], ...]:
    return tuple((option, str(code)) for option, code in values.items() if code and option.startswith("dial_code"))


def _parking(values: read.Values) -> ParkingSettings:
    return ParkingSettings(
        read.flag(values, "auto_pickup_enabled"),
        read.number(values, "auto_pickup_timeout"),
        read.text(values, "auto_pickup_forward_type"),
        read.text(values, "auto_pickup_forward_dn"),
        read.text(values, "auto_pickup_forward_external_number"),
    )


def _e164(values: read.Values) -> E164:
    return E164(
        read.flag(values, "enabled"),
        read.text(values, "country_code"),
        read.text(values, "area_code"),
        read.text(values, "international_code"),
        read.text(values, "national_code"),
        read.text(values, "prefix"),
        read.flag(values, "remove_country_code"),
        read.flag(values, "remove_area_code"),
    )
