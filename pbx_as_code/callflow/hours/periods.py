"""Whether a schedule's periods cover a time (D6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pbx_as_code.callflow.model.schedule import Period, Schedule

_MINUTE: Final = timedelta(minutes=1)
_ALMOST_MIDNIGHT: Final = timedelta(hours=23, minutes=59)
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Inside:
    """Whether a time is inside a schedule's periods."""

    inside: bool
    words: str
    """The period that covers it, or what the day has instead: Tuesday 09:00-17:00."""
    edge: str | None = None
    """The doubt about the end of a period, if the time is within the minute it is about: the other reading is the
    opposite.
    """


def since_midnight(local: datetime) -> timedelta:
    """Wall-clock time of day."""
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def clock(time: timedelta) -> str:
    """A time of day for people: 09:00; 24:00 for the end of the day."""
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def period_words(period: Period) -> str:
    """A period for people: Tuesday 09:00-17:00."""
    return f"{DAYS[period.day]} {clock(period.start)}-{clock(period.stop)}"


def inside(schedule: Schedule, local: datetime) -> Inside:
    """Whether a local time is inside the periods of a schedule.

    Parameters:
        schedule: with periods; without any, no time is inside
        local: wall-clock time of the department, without a zone
    """
    time, day = since_midnight(local), local.weekday()
    today = [period for period in schedule.periods or () if period.day == day]
    covering = next((period for period in today if period.start <= time < period.stop), None)
    if covering is not None:
        return Inside(True, period_words(covering))
    ended = next((period for period in today if period.stop <= time < period.stop + _MINUTE), None)
    words = ", ".join(f"{clock(one.start)}-{clock(one.stop)}" for one in today)
    said = f"{DAYS[day]} {words}" if today else f"nothing on {DAYS[day]}"
    if ended is None:
        return Inside(False, said)
    what = "the last minute of the day" if ended.stop == _ALMOST_MIDNIGHT else f"the minute {clock(ended.stop)}"
    return Inside(False, said, f"{what} may still belong to {period_words(ended)}")
