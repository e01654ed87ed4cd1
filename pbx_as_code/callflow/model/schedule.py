"""Hours, holidays and overrides as they are declared. `callflow.hours` says what they mean at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Part of one day of the week, from `start` up to `stop`."""

    day: int
    """0 is Monday, as in `datetime.weekday`."""
    start: timedelta
    """Since midnight."""
    stop: timedelta
    """Since midnight; 24 hours for the end of the day."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule of a department, a user or a rule. None is unknown, an empty tuple is a schedule without periods."""

    type: str | None
    """Such as OfficeHours, SpecificHours, AllHours."""
    ignore_holidays: bool | None
    periods: tuple[Period, ...] | None
    unread: tuple[str, ...] = ()
    """Periods that cannot be read, as they are written."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A holiday. Numbers are kept as they are declared: None and 0 are different spellings of "not given"."""

    name: str
    department: str | None
    """None: L, all departments (D7)."""
    recurrent: bool | None
    day: int | None
    month: int | None
    year: int | None
    start: timedelta | None
    """Time of day at which it begins; None: the whole day."""
    day_end: int | None
    month_end: int | None
    year_end: int | None
    end: timedelta | None
    """Time of day at which it ends; 24 hours, or None, for the end of the day."""
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """Manual state of a department. It is a state: read from a PBX, or declared."""

    flags: frozenset[str] | None
    """Such as ForceOpened; None: unknown."""
    expires_at: datetime | None
    """In UTC; None: it stays until it is reset."""
    on_holidays: bool | None
    """`override_holidays`, whose meaning is uncertain (D10)."""
