"""Which values of a structure go together, and which items of a list may not occur twice: two tables, read by
possible.check.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.errors import INVALID, NO_CONTACT_NAME, NON_EXISTENT_NUMBER, NOT_FOUND, OUT_OF_RANGE, REQUIRED
from pbx_simulator.model.document import Json
from pbx_simulator.odata.moments import duration, moment
from pbx_simulator.state.spelling import digits
from pbx_simulator.state.store import Store

from .value_rules import is_known_number, kinds_of

#: Property and warning code of what cannot be.
Complaint = tuple[str, str]


@dataclass(frozen=True)
class StructureRule:
    """A rule on several properties of one structure.

    properties: it is asked again where one of these changes; check: gives what is wrong, None where nothing is.
    """

    properties: tuple[str, ...]
    check: Callable[[Store, Json], Complaint | None]


_DAY = datetime.timedelta(days=1)


def _holiday_dates(_: Store, row: Json) -> Complaint | None:
    first, last = _date(row, ""), _date(row, "End")
    for found in (first, last):
        if isinstance(found, str):
            return found, OUT_OF_RANGE
    if not isinstance(first, tuple) or not isinstance(last, tuple):
        return None
    if first[0] and last[0] and not row.get("IsRecurrent"):
        return ("YearEnd" if last[0] < first[0] else "DayEnd", OUT_OF_RANGE) if last < first else None
    # A holiday of every year may go over the turn of the year, 24 December to 6 January, but not the whole year round.
    return ("DayEnd", OUT_OF_RANGE) if last[1] == first[1] and last[2] < first[2] else None


def _date(row: Json, suffix: str) -> tuple[int, int, int] | str | None:
    """A date as numbers that compare, the name of the property that makes it impossible, or None
    where there is none.
    """
    names = (f"Year{suffix}", f"Month{suffix}", f"Day{suffix}")
    year, month, day = (row.get(name) or 0 for name in names)
    if not month and not day:
        return None if not year or 1 <= year <= 9999 else names[0]
    if not 1 <= month <= 12:
        return names[1]
    if year and not 1 <= year <= 9999:
        return names[0]
    try:
        datetime.date(year or 2000, month, day)  # without a year, 29 February is a day
    except ValueError:
        return names[2]
    return year, month, day


def _holiday_times(_: Store, row: Json) -> Complaint | None:
    start, end = (duration(row.get(name)) or datetime.timedelta() for name in ("TimeOfStartDate", "TimeOfEndDate"))
    for name, time in (("TimeOfStartDate", start), ("TimeOfEndDate", end)):
        if not datetime.timedelta() <= time <= _DAY:
            return name, OUT_OF_RANGE
    one_day = all(row.get(name) == row.get(f"{name}End") for name in ("Year", "Month", "Day"))
    return ("TimeOfEndDate", OUT_OF_RANGE) if one_day and end and end < start else None


def _in_order(first: str, last: str, read: Callable[[Any], Any]) -> StructureRule:
    """The one property does not come after the other; empty ones are no bounds."""

    def check(_: Store, row: Json) -> Complaint | None:
        low, high = (None if row.get(name) in (None, "") else read(row[name]) for name in (first, last))
        return (last, OUT_OF_RANGE) if low is not None and high is not None and high < low else None

    return StructureRule((first, last), check)


def _clock(text: str) -> str | None:
    """A time of day that compares as text; midnight, which ends a day as well as it begins one, is no bound."""
    padded = text.partition(".")[0] + (":00" if text.count(":") == 1 else "")
    return None if padded == "00:00:00" else padded


def _whole(value: Any) -> int | None:
    """A number, written as such or as text; 0 stands for none."""
    return int(value) or None if str(value).isdigit() else None


#: Kinds of a destination that mean nothing without a number on this PBX, and those that may do without one.
_BY_NUMBER = ("Extension", "Queue", "RingGroup", "IVR", "Fax", "RoutePoint")
_OWN_OR_OTHER = ("VoiceMail", "Boomerang")
#: Kinds of a destination that lead outside.
_OUTSIDE = ("External", "Boomerang", "Deflect")
#: Kinds of peers that a destination of some kind may name. A fax may go to the mailbox of a user, and a script answers
#: like a menu; mailboxes of queues and ring groups are there from 20.0.9 on.
_ANSWERED_BY: dict[str, frozenset[str]] = {
    "Extension": frozenset({"Extension"}),
    "Queue": frozenset({"Queue"}),
    "RingGroup": frozenset({"RingGroup"}),
    "IVR": frozenset({"IVR", "RoutePoint"}),
    "Fax": frozenset({"Fax", "Extension"}),
    "RoutePoint": frozenset({"RoutePoint", "IVR"}),
    "VoiceMail": frozenset({"Extension", "Queue", "RingGroup"}),
    "Boomerang": frozenset({"Extension"}),
}


def _destination(store: Store, row: Json) -> Complaint | None:
    kind, number = row.get("To"), row.get("Number")
    if kind in _OUTSIDE and not row.get("External"):
        return "External", REQUIRED
    return _target(store, "Number", number, kind, _BY_NUMBER, _OWN_OR_OTHER)


def _target(
    store: Store,
    prop: str,
    number: Any,
    kind: Any,
    needed: tuple[str, ...],
    allowed: tuple[str, ...] = (),
    answered_by: Mapping[str, frozenset[str]] = _ANSWERED_BY,
) -> Complaint | None:
    if kind in needed and not number:
        return prop, REQUIRED
    if not number or kind not in needed + allowed:
        return None
    if not is_known_number(store, number):
        return prop, NON_EXISTENT_NUMBER
    held, by = kinds_of(store, number), answered_by.get(kind)
    return None if held is None or by is None or held in by else (prop, INVALID)


_KEY_KINDS = ("Extension", "RingGroup", "Queue", "IVR", "VoiceMail")


def _forward(kind: str, number: str) -> StructureRule:
    """Check the destination of a menu key or of the time-out."""
    return StructureRule(
        (kind, number), lambda store, row: _target(store, number, row.get(number), row.get(kind), _KEY_KINDS)
    )


def _parking(store: Store, row: Json) -> Complaint | None:
    kind, number = row.get("AutoPickupForwardType"), row.get("AutoPickupForwardDN")
    if kind == "ExternalNumber" and not row.get("AutoPickupForwardExternalNumber"):
        return "AutoPickupForwardExternalNumber", REQUIRED
    # Which kinds of peers may pick up, nobody has seen.
    return _target(
        store, "AutoPickupForwardDN", number, kind, ("DN", "ExtensionVoiceMail", "RoutePoint"), answered_by={}
    )


def _inbound(_: Store, row: Json) -> Complaint | None:
    if row.get("Condition") in ("BasedOnDID", "BasedOnCallerID") and not row.get("Data"):
        return "Data", REQUIRED
    return None


def _contact(_: Store, row: Json) -> Complaint | None:
    named = any(row.get(name) for name in _CONTACT_NAMES)
    return None if named else ("FirstName", NO_CONTACT_NAME)


_CONTACT_NAMES = ("FirstName", "LastName", "CompanyName")


def _current_profile(_: Store, row: Json) -> Complaint | None:
    """The profile in use is one of the user's; a new user will have the usual ones."""
    name = row.get("CurrentProfileName")
    held = {profile.get("Name") for profile in row.get("ForwardingProfiles") or ()} | knowledge.PROFILE_ROUTES.keys()
    return None if not name or name in held else ("CurrentProfileName", NOT_FOUND)


STRUCTURE_RULES: dict[str, tuple[StructureRule, ...]] = {
    "Pbx.CallParkingSettings": (
        StructureRule(("AutoPickupForwardType", "AutoPickupForwardDN", "AutoPickupForwardExternalNumber"), _parking),
    ),
    "Pbx.Contact": (StructureRule(_CONTACT_NAMES, _contact),),
    "Pbx.DNRange": (_in_order("From", "To", _whole),),
    "Pbx.Destination": (StructureRule(("To", "Number", "External"), _destination),),
    "Pbx.ENL": (_in_order("From", "To", _whole),),
    "Pbx.FxsProvisioning": (_in_order("LocalAudioPortStart", "LocalAudioPortEnd", _whole),),
    "Pbx.GroupProps": tuple(
        _in_order(f"{kind}NumberFrom", f"{kind}NumberTo", _whole) for kind in ("System", "Trunk", "User")
    ),
    "Pbx.Holiday": (
        StructureRule(("Year", "Month", "Day", "YearEnd", "MonthEnd", "DayEnd"), _holiday_dates),
        StructureRule(
            ("Year", "Month", "Day", "YearEnd", "MonthEnd", "DayEnd", "TimeOfStartDate", "TimeOfEndDate"),
            _holiday_times,
        ),
    ),
    "Pbx.InboundRule": (StructureRule(("Condition", "Data"), _inbound),),
    "Pbx.Period": (_in_order("Start", "Stop", _clock),),
    "Pbx.PhoneSettings": (_in_order("LocalRTPPortStart", "LocalRTPPortEnd", _whole),),
    "Pbx.PurgeSettings": (_in_order("Start", "Stop", moment),),
    "Pbx.Receptionist": (_forward("TimeoutForwardType", "TimeoutForwardDN"),),
    "Pbx.ReceptionistForward": (_forward("ForwardType", "ForwardDN"),),
    "Pbx.User": (StructureRule(("CurrentProfileName",), _current_profile),),
}


def _named(prop: str) -> Callable[[Any], Any]:
    return lambda item: item.get(prop) if isinstance(item, dict) else None


_WITH_GROUPS = (
    "CallFlowApp",
    "Fax",
    "Parking",
    "Queue",
    "Receptionist",
    "RingGroup",
    "ServicePrincipal",
    "Trunk",
    "User",
)
#: Properties that identify the items of a list: two items must not share them. None never counts.
DISTINCT: dict[tuple[str, str], Callable[[Any], Any]] = {
    **{(f"Pbx.{kind}", "Groups"): _named("GroupId") for kind in _WITH_GROUPS},
    ("Pbx.Fxs", "FxsLines"): _named("Key"),
    ("Pbx.Group", "Members"): _named("Number"),
    ("Pbx.Group", "Rights"): _named("RoleName"),
    ("Pbx.OutboundRule", "GroupIds"): lambda item: item,
    ("Pbx.Queue", "Agents"): _named("Number"),
    ("Pbx.Queue", "Managers"): _named("Number"),
    ("Pbx.Receptionist", "Forwards"): _named("Input"),
    ("Pbx.RingGroup", "Members"): _named("Number"),
    ("Pbx.Trunk", "DidNumbers"): digits,
    ("Pbx.User", "ForwardingProfiles"): _named("Name"),
    ("Pbx.User", "Phones"): lambda item: digits(item.get("MacAddress") or "") or None,
}
