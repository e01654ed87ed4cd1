"""Random companies, as the structures of their files, and random times."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from pbx_as_code.callflow import CallGraph, from_configuration
from pbx_as_code.config.loader import load_sources
from tests.callflow.generated_outbound import OUTSIDE, settings, trunks

UTC = timezone.utc  # noqa: UP017 for Python 3.10
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")
USERS = ("101", "102", "103")
QUEUES = ("800", "801")
RING_GROUPS = ("810", "811")
MENUS = ("820", "821")
DIDS = ("+15550100", "+15550101", "+15550102")
SERVICES = {"850": "Fax", "840": "RoutePoint"}
TO = {"101": "Extension", "800": "Queue", "810": "RingGroup", "820": "IVR", "999": "Extension"}
COMPLETE = [
    "call_flow_apps",
    "faxes",
    "groups",
    "holidays",
    "parkings",
    "queues",
    "receptionists",
    "ring_groups",
    "users",
    "outbound_rules",
]
SPANS = (
    (("09:00", "17:00"),),
    (("00:00", "06:00"), ("22:00", "00:00")),
    (("01:30", "02:30"),),
    (("00:00", "23:59"),),
)

EXPIRIES = (
    None, None, "2026-10-25T01:00:00Z", "2026-11-01T05:30:00Z", "2026-12-25T10:00:00Z", "2020-01-01T00:00:00Z"
)  # fmt: skip
_RULE_HOURS = ("AllHours", "OfficeHours", "OfficeHours", "OutOfOfficeHours", "SpecificHours")
_ALL_HOURS = {"all_hours_external": True, "all_hours_internal": True}

numbers = st.sampled_from((*USERS, *QUEUES, *RING_GROUPS, *MENUS, *USERS, *MENUS, *SERVICES, "999"))
members = st.sets(st.sampled_from(USERS)).map(lambda found: [{"number": one} for one in sorted(found)])
seconds = st.sampled_from((5, 20, 60, 600, 3600, None))
actions = st.sampled_from(("Extension", "Queue", "RingGroup", "IVR", "VoiceMail", "EndCall", "RepeatPrompt"))
groups = st.sampled_from(("A", "B", None))


def kind_of(number: str) -> str:
    """The member of a destination for a number."""
    if number in SERVICES:
        return SERVICES[number]
    return next(to for first, to in TO.items() if number[:2] == first[:2])


@st.composite
def destinations(draw: st.DrawFn) -> dict[str, Any] | None:
    """A destination: mostly an object, sometimes a mailbox, the end, or nothing."""
    chosen = draw(st.sampled_from(("object", "object", "object", "VoiceMail", "None", "External", None)))
    if chosen is None:
        return None
    if chosen == "None":
        return {"to": "None"}
    if chosen == "VoiceMail":
        return {"to": "VoiceMail", "number": draw(st.sampled_from(USERS))}
    if chosen == "External":
        return {"to": "External", "external": draw(st.sampled_from(OUTSIDE))}
    number = draw(numbers)
    return {"to": kind_of(number), "number": number}


@st.composite
def routes(draw: st.DrawFn) -> dict[str, Any] | None:
    """A route for closed hours."""
    if draw(st.booleans()):
        return {"route": {"to": "ProceedWithNoExceptions"}}
    found = draw(destinations())
    return {"route": found} if found else None


@st.composite
def periods(draw: st.DrawFn) -> list[dict[str, str]]:
    """Periods of some days."""
    found = []
    for day in draw(st.lists(st.sampled_from(DAYS), max_size=6, unique=True)):
        for start, stop in draw(st.sampled_from(SPANS)):
            found.append({"day_of_week": day, "start": start, "stop": stop})
    return found


@st.composite
def departments(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A department."""
    kind = draw(st.sampled_from(("OfficeHours", "OfficeHours", "OfficeHours", "AllHours", "Never", None)))
    rest = draw(st.sampled_from((None, "12:00", "23:00")))
    hours = {"type": kind, "ignore_holidays": draw(st.booleans()), "periods": draw(periods())} if kind else None
    force = draw(st.sampled_from(("Default", "Default", "ForceOpened", "ForceClosed", "ForceHoliday", "ForceBreak")))
    breaks = [{"day_of_week": day, "start": rest, "stop": f"{rest[:2]}:45"} for day in DAYS] if rest else []
    return {
        "name": name, "hours": hours, "break_time": {"type": "SpecificHours", "periods": breaks},
        "current_group_hours": [force], "override_holidays": draw(st.booleans()),
        "override_expires_at": draw(st.sampled_from(EXPIRIES)),
    }  # fmt: skip


@st.composite
def holidays(draw: st.DrawFn) -> dict[str, Any]:
    """A holiday near the times that are drawn."""
    day, month = draw(st.sampled_from(((24, 10), (25, 10), (1, 11), (24, 12), (31, 12), (1, 1))))
    recurrent = draw(st.booleans())
    length = draw(st.sampled_from((0, 1, 2)))
    first = datetime(2026 if month > 1 else 2027, month, day)
    last = first + timedelta(days=length)
    begin, end = draw(st.sampled_from(((None, None), ("PT12H", None), ("PT12H", "P1D"), ("PT6H", "PT18H"))))
    return {
        "name": f"H{draw(st.integers(0, 99999))}", "group": draw(groups), "is_recurrent": recurrent,
        "day": first.day, "month": first.month, "year": first.year, "day_end": last.day, "month_end": last.month,
        "year_end": last.year, "time_of_start_date": begin, "time_of_end_date": end,
    }  # fmt: skip


@st.composite
def users(draw: st.DrawFn, number: str) -> dict[str, Any]:
    """A user with two profiles and exceptions."""
    route: dict[str, Any] = {}
    for what in ("no_answer", "busy", "not_registered"):
        external = draw(destinations())
        internal = draw(destinations()) if draw(st.booleans()) else external
        route |= {f"{what}_internal": internal, f"{what}_external": external, f"{what}_all_calls": draw(st.booleans())}
    away, own = draw(destinations()), draw(destinations())
    return {
        "number": number, "primary_group": draw(groups), "enabled": draw(st.sampled_from((True, True, True, False))),
        "vm_enabled": True, "current_profile_name": draw(st.sampled_from(("Available", "Away"))),
        "queue_status": draw(st.sampled_from(("LoggedIn", "LoggedOut"))),
        "outbound_caller_id": draw(st.sampled_from((None, "+15550003"))),
        "internal": draw(st.sampled_from((False, False, True))),
        "forwarding_exceptions": draw(st.lists(exceptions(), min_size=1, max_size=3)),
        "forwarding_profiles": [
            {"name": "Available", "no_answer_timeout": draw(seconds), "available_route": route,
             "disable_ring_group_calls": draw(st.booleans())},
            {"name": "Away", "away_route": {"internal": own, "external": away, **_ALL_HOURS},
             "office_hours_auto_queue_log_out": draw(st.booleans())},
        ],
    }  # fmt: skip


@st.composite
def exceptions(draw: st.DrawFn) -> dict[str, Any]:
    """A forwarding exception."""
    condition, data = draw(st.sampled_from((
        ("BasedOnCallerID", "*234"), ("BasedOnCallerID", "+4940"), ("BasedOnCallerID", "101"), ("BasedOnDID", "*0101"),
        ("ForwardAll", None), ("ForwardAll", None), ("NoAnswer", None),
    )))  # fmt: skip
    kind = draw(st.sampled_from((None, "AllHours", "OfficeHours", "OutOfOfficeHours", "SpecificHours")))
    return {
        "condition": condition, "data": data, "enabled": draw(st.sampled_from((True, True, False))),
        "call_type": draw(st.sampled_from(("AllCalls", "ExternalCallsOnly", "InternalCallsOnly"))),
        "hours": {"type": kind, "periods": draw(periods())} if kind else None, "destination": draw(destinations()),
    }  # fmt: skip


@st.composite
def distributors(draw: st.DrawFn, number: str) -> dict[str, Any]:
    """The common part of queues, ring groups and menus."""
    group = draw(groups)
    return {
        "number": number, "groups": [{"group": group}] if group else [], "out_of_office_route": draw(routes()),
        "break_route": draw(routes()), "holidays_route": draw(routes()),
    }  # fmt: skip


@st.composite
def rules(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """An inbound rule."""
    condition, data = draw(st.sampled_from((
        ("BasedOnDID", "+15550100"), ("BasedOnDID", "*0101"), ("BasedOnCallerID", "*234"), ("BasedOnCallerID", "*99"),
        ("ForwardAll", None),
    )))  # fmt: skip
    return {
        "trunk": "10000", "rule_name": f"rule {number}", "condition": condition, "data": data,
        "call_type": f"{'AllCalls' if number % 2 else 'ExternalCallsOnly'}",
        "hours": {"type": draw(st.sampled_from(_RULE_HOURS)), "periods": draw(periods())},
        "office_hours_destination": draw(destinations()),
        "alter_destination_during_out_of_office_hours": draw(st.booleans()),
        "out_of_office_hours_destination": draw(destinations()),
        "alter_destination_during_holidays": draw(st.booleans()), "holidays_destination": draw(destinations()),
    }  # fmt: skip


@st.composite
def companies(draw: st.DrawFn) -> dict[str, Any]:
    """A whole company."""
    inbound, seen = [], set()
    for position in range(draw(st.integers(1, 5))):
        rule = draw(rules(position))
        key = (rule["condition"], rule["data"], rule["call_type"])
        if key not in seen:
            seen.add(key)
            inbound.append(rule)
    order = [{key: rule[key] for key in ("rule_name", "condition", "data", "call_type")} for rule in inbound]
    return {
        "pbx": {
            "default_department": "A", "complete": COMPLETE,
            "time_zones": {"A": draw(st.sampled_from(ZONES)), "B": draw(st.sampled_from(ZONES))},
        },
        "groups": [draw(departments(name)) for name in ("A", "B")],
        "holidays": _distinct(draw(st.lists(holidays(), max_size=3))),
        "users": [draw(users(number)) for number in USERS],
        "queues": [
            draw(distributors(number)) | {
                "polling_strategy": "RingAll", "agents": draw(members),
                "master_timeout": draw(seconds), "forward_no_answer": draw(destinations()),
            } for number in QUEUES
        ],
        "ring_groups": [
            draw(distributors(number)) | {
                "ring_strategy": draw(st.sampled_from(("RingAll", "Hunt"))), "ring_time": draw(seconds),
                "members": draw(members),
                "forward_no_answer": draw(destinations()),
            } for number in RING_GROUPS
        ],
        "receptionists": [
            draw(distributors(number)) | {
                "ivr_type": "Default", "transfer_enable": False, "timeout": draw(seconds),
                "timeout_forward_type": draw(actions), "timeout_forward_dn": draw(numbers),
                "forwards": [
                    {"input": f"{key}", "forward_type": draw(actions), "forward_dn": draw(numbers)}
                    for key in range(draw(st.integers(0, 3)))
                ],
            } for number in MENUS
        ],
        "trunks": trunks(list(DIDS), order), "faxes": [{"number": "850"}],
        "call_flow_apps": [{"number": "840", "name": "App"}], "inbound_rules": inbound,
    } | draw(settings())  # fmt: skip


def _distinct(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({(one["group"], one["name"], one["year"]): one for one in found}.values())


times = st.one_of(
    st.datetimes(datetime(2026, 10, 23), datetime(2026, 11, 3)),
    st.datetimes(datetime(2026, 12, 23), datetime(2027, 1, 3)),
).map(lambda time: time.replace(second=0, microsecond=0, tzinfo=UTC))


def graph_of(company: dict[str, Any]) -> CallGraph:
    """The graph of a company's files."""
    return from_configuration(
        load_sources(
            [("all.yml", json.dumps({key: value for key, value in company.items() if value is not None}).encode())]
        )
    )
