"""Whether a holiday covers a time (D8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pbx_as_code.callflow.model.schedule import Holiday

DAY: Final = timedelta(days=1)
_LAST_MINUTE: Final = timedelta(hours=23, minutes=59)


@dataclass(frozen=True, slots=True)
class Span:
    """One occurrence of a holiday in local time, from `start` up to `end`."""

    holiday: Holiday
    start: datetime
    end: datetime
    assumed: tuple[str, ...] = ()
    """Assumptions it rests on."""

    def covers(self, local: datetime) -> bool:
        """Whether a local time without a zone is in it."""
        return self.start <= local < self.end


def spans(holiday: Holiday, year: int) -> tuple[Span, ...]:
    """Occurrences of a holiday that may touch a year, in local time.

    Parameters:
        holiday: as declared
        year: such as 2026
    """
    if holiday.recurrent:
        found = (_span(holiday, first, None) for first in (year - 1, year))
    else:
        found = (_span(holiday, holiday.year or year, holiday.year_end or None) for _ in (0,))
    return tuple(span for span in found if span is not None)


def problem(holiday: Holiday) -> str | None:
    """A fact that keeps a holiday from being understood; None if there is none."""
    if not holiday.day or not holiday.month:
        return "it has no day and month"
    if not holiday.recurrent and not holiday.year:
        return "it has no year and does not recur"
    if not holiday.recurrent and _span(holiday, holiday.year or 1, holiday.year_end or None) is None:
        return "there is no such date, or it ends before it begins"
    return None


def leap_day(holiday: Holiday) -> bool:
    """Whether a recurring holiday begins or ends on 29 February, which most years lack."""
    return bool(holiday.recurrent) and ((holiday.month, holiday.day) == (2, 29) or _last(holiday) == (2, 29))


def _last(holiday: Holiday) -> tuple[int, int]:
    """Month and day of the end; the start's if it has none."""
    return (holiday.month_end or holiday.month or 0, holiday.day_end or holiday.day or 0)


def _span(holiday: Holiday, year: int, year_end: int | None) -> Span | None:
    if not holiday.day or not holiday.month:
        return None
    assumed: list[str] = []
    month_end, day_end = _last(holiday)
    last_year = year_end if year_end and not holiday.recurrent else year
    if holiday.recurrent and (month_end, day_end) < (holiday.month, holiday.day):
        last_year += 1
        assumed.append("a recurring holiday that ends before it begins lasts over New Year")
    try:
        first, last = datetime(year, holiday.month, holiday.day), datetime(last_year, month_end, day_end)
        start = first + (holiday.start or timedelta())
        end = last + (DAY if holiday.end is None or holiday.end >= _LAST_MINUTE else holiday.end)
    except (OverflowError, ValueError):  # a PBX may hold a date that there is not, or beyond the calendar
        return None
    if holiday.end is not None and _LAST_MINUTE <= holiday.end < DAY:
        assumed.append("an end at 23:59 means the end of the day")
    return Span(holiday, start, end, tuple(assumed)) if start < end else None
