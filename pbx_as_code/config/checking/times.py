"""Checks of hours and holidays that need no PBX."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any, Final

from pbx_as_code.engine.compare.values import canonical

_ANY_LEAP_YEAR: Final = 2028
HOLIDAY_DATES: Final = (
    "day", "month", "year", "day_end", "month_end", "year_end", "time_of_start_date", "time_of_end_date",
    "is_recurrent",
)  # fmt: skip
"""Options of a holiday that have to fit each other."""


def period_problem(period: Mapping[str, Any]) -> str | None:
    """The problem of a period of opening hours or of a break; None if there is none.

    A period that stops at midnight lasts until the end of the day.
    """
    start, stop = (canonical("time", period.get(end)) for end in ("start", "stop"))
    if isinstance(stop, time) and stop <= (start if isinstance(start, time) else time()):
        return f"the period ends at {period['stop']}, which is not after its start at {period.get('start')}."
    return None


def holiday_problem(holiday: Mapping[str, Any]) -> tuple[str, str] | None:
    """The option of a holiday that is wrong, and the problem; None if there is none."""
    for day, month, year in (("day", "month", "year"), ("day_end", "month_end", "year_end")):
        problem = _date_problem(holiday, day, month, year)
        if problem is not None:
            return problem
    first, last = (_date(holiday, end) for end in ("", "_end"))
    if first is None or last is None or (holiday.get("is_recurrent") and last < first):
        return None  # one that recurs may last beyond the end of the year
    if first[0] and not last[0]:
        return "year", f"the holiday begins in {first[0]}, and has no year in which it ends. Set year_end, too."
    if last < first:
        return "day_end", "the holiday ends before it begins."
    begins, ends = (canonical(*pair) for pair in _times(holiday))
    known = isinstance(begins, timedelta) and isinstance(ends, timedelta)  # other values have another message
    if last == first and known and ends <= begins:
        return "time_of_end_date", "the holiday ends on the day it begins, and not after its start."
    return None


def _times(holiday: Mapping[str, Any]) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    return ("day_begin", holiday.get("time_of_start_date")), ("day_end", holiday.get("time_of_end_date"))


def _date_problem(holiday: Mapping[str, Any], day: str, month: str, year: str) -> tuple[str, str] | None:
    in_month, of_year = holiday.get(day), holiday.get(month)
    if isinstance(of_year, int) and not 1 <= of_year <= 12:
        return month, f"a month is a number from 1 to 12, not {of_year}."
    if isinstance(in_month, int) and not 1 <= in_month <= 31:
        return day, f"a day is a number from 1 to 31, not {in_month}."
    if not isinstance(in_month, int) or not isinstance(of_year, int):
        return None
    in_year = holiday.get(year) or _ANY_LEAP_YEAR
    days = monthrange(in_year, of_year)[1] if isinstance(in_year, int) and 1 <= in_year <= 9999 else 31
    if not 1 <= in_month <= days:
        return day, f"there is no day {in_month} in month {of_year}."
    return None


def _date(holiday: Mapping[str, Any], end: str) -> tuple[int, int, int] | None:
    parts = (holiday.get(f"year{end}") or 0, holiday.get(f"month{end}"), holiday.get(f"day{end}"))
    return parts if all(isinstance(part, int) for part in parts) else None  # type: ignore[return-value]
