"""The state of a department at a time (D3 to D10)."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from pbx_as_code.callflow.hours import holidays
from pbx_as_code.callflow.hours.periods import Inside, clock, inside, since_midnight
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.schedule import Schedule
from pbx_as_code.callflow.reasons import Reason


class State(str, Enum):
    """State of a department."""

    OPEN = "open"
    CLOSED = "closed"
    BREAK = "break"
    HOLIDAY = "holiday"
    OPERATOR = "custom operator"
    """An override sends callers to the operator of the department."""
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Standing:
    """State of a department at a time, with reasons."""

    state: State
    reasons: tuple[Reason, ...]
    others: tuple[Standing, ...] = ()
    """Other readings of uncertain rules, most likely first. A trace forks if they lead elsewhere."""


@dataclass(frozen=True, slots=True)
class Local:
    """Wall-clock time of a department."""

    time: datetime
    """Without a zone."""
    zone: str | None
    reasons: tuple[Reason, ...]
    """Empty if the zone is the department's own."""


_FORCED: Final = {
    "ForceHoliday": State.HOLIDAY,
    "ForceClosed": State.CLOSED,
    "ForceOpened": State.OPEN,
    "ForceBreak": State.BREAK,
    "ForceCustomOperator": State.OPERATOR,
}
_INSIDE: Final = frozenset({"OfficeHours", "SpecificHours", "SpecificHoursExcludingHolidays"})
_OUTSIDE: Final = frozenset({"OutOfOfficeHours", "OutOfSpecificHours", "OutOfSpecificHoursIncludingHolidays"})


def local_time(graph: CallGraph, department: Department | None, moment: datetime) -> Local:
    """Wall-clock time of a department (D3).

    Parameters:
        graph: of the department
        department: None for the PBX as a whole
        moment: with a zone; its own wall clock is used if no zone is known
    """
    zone = department.zone if department else None
    if zone is not None:
        return Local(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone, ())
    name = department.key if department else "the PBX"
    if graph.settings.zone is not None:
        zone = graph.settings.zone
        reason = Reason("D3", f"{name} has no time zone, so that of the PBX counts: {zone}", assumed=True)
        return Local(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone, (reason,))
    reason = Reason("D3", f"the time zone of {name} is unknown, so the given time is its local time", assumed=True)
    return Local(moment.replace(tzinfo=None), None, (reason,))


def standing(
    graph: CallGraph, department: Department, moment: datetime, *, ignore_state: bool = False, breaks: bool = True
) -> Standing:
    """State of a department: override, holiday, break, open, closed, in this order (D9).

    Parameters:
        graph: of the department
        department: whose hours count
        moment: with a zone
        ignore_state: leave manual overrides out (T3)
        breaks: False for inbound rules, which know no break (I7)
    """
    local = local_time(graph, department, moment)
    scheduled = _scheduled(graph, department, local.time, breaks)
    found = scheduled if ignore_state else _overridden(department, moment, local.time, scheduled, breaks)
    return _with(found, local.reasons) if local.reasons else found


def _with(found: Standing, more: tuple[Reason, ...]) -> Standing:
    others = tuple(replace(one, reasons=(*one.reasons, *more)) for one in found.others)
    return Standing(found.state, (*found.reasons, *more), others)


def _overridden(
    department: Department, moment: datetime, local: datetime, scheduled: Standing, breaks: bool
) -> Standing:
    override = department.override
    forced = next((flag for flag in _FORCED if flag in (override.flags or ())), None)
    if forced is None:
        return scheduled
    if override.expires_at is not None and override.expires_at <= moment:
        ended = Reason("D10", f"the override {forced} of {department.key} has expired")
        return _with(scheduled, (ended,))
    state = _FORCED[forced]
    until = f" until {override.expires_at.isoformat()}" if override.expires_at else ""
    reasons = [Reason("D10", f"{department.key} is overridden: {forced}{until}, as exported")]
    if state is State.BREAK and not breaks:
        state = State.OPEN
        reasons.append(Reason("I7", "a break changes no inbound rule"))
    if state is State.OPERATOR:
        reasons.append(Reason("D10", "ForceCustomOperator sends callers to the custom operator", assumed=True))
    holiday = next(iter(_holidays(department, local)), None)
    if holiday is None or state is State.HOLIDAY or override.on_holidays:
        return Standing(state, tuple(reasons))
    if scheduled.state is state:
        return Standing(state, tuple(reasons))
    doubt = Reason("D10", "an override counts on holidays too, although override_holidays is not set", assumed=True)
    other = Reason("D10", "override_holidays is not set, so the holiday counts and not the override", assumed=True)
    others = tuple(
        Standing(one.state, (*one.reasons, other)) for one in (scheduled, *scheduled.others) if one.state is not state
    )
    return Standing(state, (*reasons, doubt), others)


def _holidays(department: Department, local: datetime) -> Iterator[holidays.Span]:
    for holiday in department.holidays:
        for span in holidays.spans(holiday, local.year):
            if span.covers(local):
                yield span


def _holiday_reason(department: Department, span: holidays.Span) -> Reason:
    start, end = f"{span.start:%Y-%m-%d %H:%M}", f"{span.end:%Y-%m-%d %H:%M}"
    return Reason("D8", f"{department.key} is on holiday: {span.holiday.name}, {start} to {end}")


def _scheduled(graph: CallGraph, department: Department, local: datetime, breaks: bool) -> Standing:
    hours, hours_reasons = _hours(graph, department)
    holiday = next(iter(_holidays(department, local)), None)
    if holiday is not None:
        if hours is None or not (hours.type == "OfficeHours" and hours.ignore_holidays):
            assumed = [Reason("D8", text, assumed=True) for text in holiday.assumed]
            if holiday.holiday.department is None:
                assumed.append(Reason("D7", "a holiday without a department counts for all of them", assumed=True))
            return Standing(State.HOLIDAY, (_holiday_reason(department, holiday), *assumed))
        hours_reasons += (Reason("D5", f"{department.key} ignores holidays: {holiday.holiday.name} does not count"),)
    hours_reasons += _leap_days(department, local)
    resting = _break(department, local) if breaks else None
    if resting is not None and resting.inside:
        reason = Reason("D9", f"{department.key} has its break: {resting.words}")
        return Standing(State.BREAK, (reason, *hours_reasons))
    found = _open(department, hours, local, hours_reasons)
    if resting is not None and resting.edge:
        other = Standing(State.BREAK, (Reason("D6", resting.edge, assumed=True),))
        return Standing(found.state, found.reasons, (*found.others, other))
    return found


def _leap_days(department: Department, local: datetime) -> tuple[Reason, ...]:
    """Holidays on 29 February that a year lacks, on the days around it."""
    if isleap(local.year) or (local.month, local.day) not in ((2, 28), (3, 1)):
        return ()
    return tuple(
        Reason("D8", f"{one.name} on 29 February does not exist in {local.year}", assumed=True)
        for one in department.holidays
        if holidays.leap_day(one)
    )


def _hours(graph: CallGraph, department: Department) -> tuple[Schedule | None, tuple[Reason, ...]]:
    if department.hours is not None:
        return department.hours, ()
    if graph.settings.hours is not None:
        text = f"{department.key} has no office hours, so those of the PBX count"
        return graph.settings.hours, (Reason("D12", text, assumed=True),)
    return None, ()


def _break(department: Department, local: datetime) -> Inside | None:
    schedule = department.break_time
    if schedule is None or schedule.type == "Never" or not schedule.periods:
        return None
    return inside(schedule, local)


def _open(department: Department, hours: Schedule | None, local: datetime, more: tuple[Reason, ...]) -> Standing:
    name = department.key
    if hours is None or hours.type == "BreakTime":
        unknown = Reason("D5", f"the office hours of {name} are unknown", assumed=True)
        both = tuple(
            Standing(state, (Reason("D5", f"{name}, whose office hours are unknown, is {state}", assumed=True),))
            for state in (State.OPEN, State.CLOSED)
        )
        return Standing(State.UNKNOWN, (unknown, *more), both)
    if hours.type == "AllHours":
        return Standing(State.OPEN, (Reason("D4", f"{name} is open at all hours"), *more))
    if hours.type == "Never":
        return Standing(State.CLOSED, (Reason("D4", f"{name} is never open"), *more))
    if hours.unread:
        text = f"hours of {name} cannot be read and are left out: {', '.join(hours.unread)}"
        more += (Reason("D6", text, assumed=True),)
    if not hours.periods:
        return Standing(State.CLOSED, (Reason("D5", f"{name} has no office hours, so it is closed"), *more))
    found = inside(hours, local)
    opens = found.inside if hours.type in _INSIDE or hours.type is None else not found.inside
    state = State.OPEN if opens else State.CLOSED
    time = clock(since_midnight(local.replace(second=0, microsecond=0)))
    reasons = (Reason("D9", f"{name} is {state} at {local:%a %Y-%m-%d} {time}: {found.words}"), *more)
    if hours.type is not None and hours.type not in _INSIDE | _OUTSIDE:
        reasons += (Reason("D4", f"the schedule type {hours.type} is unknown", assumed=True),)
    if not found.edge:
        return Standing(state, reasons)
    other = State.CLOSED if opens else State.OPEN
    return Standing(state, reasons, (Standing(other, (Reason("D6", found.edge, assumed=True),)),))
