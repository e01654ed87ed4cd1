"""Users."""

from __future__ import annotations

from typing import Final

from pbx_as_code.callflow.build import values as read
from pbx_as_code.callflow.build.sources import Sources, name_of
from pbx_as_code.callflow.model.nodes import Node, Origin
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.users import AwayRoute, ForwardingException, Profile, Profiles, Split, User, UserState
from pbx_as_code.config.configuration import Definition

_EMPTY: Final[read.Values] = {}


def user(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """A user as the definition says."""
    values = definition.values
    primary = read.text(values, "primary_group")
    return User(
        ref=ref,
        name=name_of(definition),
        origin=Origin(definition),
        primary_department=Ref(Kind.DEPARTMENT, primary) if primary else None,
        departments=sources.departments(values),
        enabled=read.flag(values, "enabled"),
        mobile=read.text(values, "mobile"),
        outbound_caller_id=read.text(values, "outbound_caller_id"),
        internal=read.flag(values, "internal"),
        pin_protected=read.flag(values, "pin_protected"),
        voicemail_enabled=read.flag(values, "vm_enabled"),
        profiles=_profiles(read.items(values, "forwarding_profiles")),
        exceptions=tuple(_exception(item) for item in read.items(values, "forwarding_exceptions")),
        hours_options=read.members(values, "office_hours_props"),
        hours=read.schedule(values, "hours"),
        break_time=read.schedule(values, "break_time"),
        ai_agent=read.flag(values, "ai_agent"),
        state=UserState(
            read.text(values, "current_profile_name"),
            read.text(values, "queue_status"),
            read.flag(values, "is_registered"),
        ),
    )


def _profiles(written: list[read.Values]) -> Profiles:
    return Profiles(written, [_name(item) for item in written], _profile)


def _name(values: read.Values) -> str:
    return read.text(values, "name") or ""


def _profile(values: read.Values) -> Profile:
    available = read.structure(values, "available_route") or _EMPTY
    away = read.structure(values, "away_route") or _EMPTY
    return Profile(
        _name(values),
        read.number(values, "no_answer_timeout"),
        _split(available, "no_answer"),
        _split(available, "busy"),
        _split(available, "not_registered"),
        AwayRoute(
            read.destination(away, "internal"),
            read.destination(away, "external"),
            read.flag(away, "all_hours_internal"),
            read.flag(away, "all_hours_external"),
        ),
        read.flag(values, "ring_my_mobile"),
        read.flag(values, "accept_multiple_calls"),
        read.flag(values, "disable_ring_group_calls"),
        read.flag(values, "office_hours_auto_queue_log_out"),
    )


def _split(values: read.Values, what: str) -> Split:
    return Split(
        read.destination(values, f"{what}_internal"),
        read.destination(values, f"{what}_external"),
        read.flag(values, f"{what}_all_calls"),
    )


def _exception(values: read.Values) -> ForwardingException:
    return ForwardingException(
        read.text(values, "condition"),
        read.text(values, "data"),
        read.text(values, "call_type"),
        read.schedule(values, "hours"),
        read.destination(values, "destination"),
        read.flag(values, "enabled"),
    )
