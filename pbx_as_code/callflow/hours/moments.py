"""Local times as instants, around the changes of daylight saving time; times at which a state changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from pbx_as_code.callflow.hours import holidays
from pbx_as_code.callflow.hours.state import standing
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.graph import CallGraph

_UTC: Final = timezone.utc  # noqa: UP017 for Python 3.10
_DAY: Final = timedelta(days=1)


def instants(local: datetime, zone: str) -> tuple[datetime, ...]:
    """The instants at which clocks of a zone show a local time: one, two in the hour that comes twice, none in the hour
    that is skipped. They are in that zone.

    Parameters:
        local: without a zone
        zone: IANA name
    """
    where = ZoneInfo(zone)
    found: list[datetime] = []
    for fold in (0, 1):
        moment = local.replace(tzinfo=where, fold=fold).astimezone(_UTC)
        back = moment.astimezone(where)
        if back.replace(tzinfo=None, fold=0) == local.replace(fold=0) and moment not in found:
            found.append(moment)
    return tuple(moment.astimezone(where) for moment in found)


def after_gap(local: datetime, zone: str) -> datetime:
    """The instant that follows a skipped local time by as much as the clocks are put forward: 02:30 is 03:30.

    Parameters:
        local: without a zone, in the hour that is skipped
        zone: IANA name
    """
    where = ZoneInfo(zone)
    return local.replace(tzinfo=where, fold=0).astimezone(_UTC).astimezone(where)


def changes(
    graph: CallGraph, department: Department, start: datetime, end: datetime, *, ignore_state: bool = False
) -> tuple[datetime, ...]:
    """Instants after `start`, up to `end`, at which the state of a department changes.

    Parameters:
        graph: of the department
        department: whose hours count
        start: with a zone
        end: with a zone; at most some years later. The instants are in UTC if the department's zone is known
        ignore_state: leave manual overrides out (T3)
    """
    zone = department.zone or graph.settings.zone
    # Two times of one zone are compared by their wall clocks, which is wrong in the hour that comes twice.
    start, end = start if zone is None else start.astimezone(_UTC), end if zone is None else end.astimezone(_UTC)
    candidates: set[datetime] = set()
    for local in _edges(graph, department, start, end):
        if zone is None:
            candidates.add(local.replace(tzinfo=start.tzinfo))
        else:
            found_at = instants(local, zone) or (after_gap(local, zone),)
            candidates.update(moment.astimezone(_UTC) for moment in found_at)
    if zone is not None:
        candidates.update(_shifts(ZoneInfo(zone), start, end))
    expiry = department.override.expires_at
    if expiry is not None:
        candidates.add(expiry)
    found = []
    before = standing(graph, department, start, ignore_state=ignore_state).state
    for moment in sorted(one for one in candidates if start < one <= end):
        state = standing(graph, department, moment, ignore_state=ignore_state).state
        if state != before:
            found.append(moment)
        before = state
    return tuple(found)


def _edges(graph: CallGraph, department: Department, start: datetime, end: datetime) -> Iterator[datetime]:
    """Local times at which a period or a holiday begins or ends, and some more."""
    hours = department.hours or graph.settings.hours
    schedules = [one for one in (hours, department.break_time) if one is not None]
    first, last = start.date() - _DAY, end.date() + _DAY
    day = first
    while day <= last:
        midnight = datetime.combine(day, datetime.min.time())
        for schedule in schedules:
            for period in schedule.periods or ():
                if period.day == day.weekday():
                    yield midnight + period.start
                    yield midnight + period.stop
        day += _DAY
    for holiday in department.holidays:
        for year in range(first.year - 1, last.year + 1):
            for span in holidays.spans(holiday, year):
                yield span.start
                yield span.end


def _shifts(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """Instants at which the clocks of a zone are changed."""
    day = start.astimezone(_UTC)
    while day < end:
        following = min(day + _DAY, end.astimezone(_UTC))
        if day.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            low, high = day, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            yield high.replace(microsecond=0)
        day = following
