"""Whether the schedule of a rule or an exception holds at a time (D4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pbx_as_code.callflow.hours.periods import inside
from pbx_as_code.callflow.hours.state import State
from pbx_as_code.callflow.model.schedule import Schedule
from pbx_as_code.callflow.reasons import Reason


@dataclass(frozen=True, slots=True)
class Holds:
    """Whether a schedule holds."""

    holds: bool | None
    """None: unknown."""
    reason: Reason
    doubt: Reason | None = None
    """The other reading within the minute after a period, if there is one."""

    @property
    def readings(self) -> tuple[tuple[bool, Reason], ...]:
        """Whether it may hold, the most likely reading first, each with its reason."""
        if self.holds is None:
            return (True, self.reason), (False, self.reason)
        return ((self.holds, self.reason), *([(not self.holds, self.doubt)] if self.doubt else []))


def holds(schedule: Schedule, local: datetime, state: State, *, holiday: bool) -> Holds:
    """Whether a schedule holds.

    Parameters:
        schedule: of a rule or an exception
        local: wall-clock time of the department, without a zone
        state: of the department, breaks left out
        holiday: whether the department has a holiday
    """
    kind = schedule.type
    if kind in (None, "AllHours"):
        return Holds(True, Reason("D4", "it counts at all hours"))
    if kind == "Never":
        return Holds(False, Reason("D4", "it never counts"))
    if kind in ("OfficeHours", "OutOfOfficeHours"):
        if state is State.UNKNOWN:
            return Holds(None, Reason("D4", "the office hours are unknown", assumed=True))
        opens = state in (State.OPEN, State.BREAK, State.OPERATOR)
        if schedule.ignore_holidays and state is State.HOLIDAY and kind == "OfficeHours":
            return Holds(None, Reason("D5", "it ignores holidays", assumed=True))
        words = "in office hours" if kind == "OfficeHours" else "outside office hours"
        return Holds(opens == (kind == "OfficeHours"), Reason("D4", f"it counts {words}"))
    if kind == "BreakTime":
        return Holds(None, Reason("D4", "a schedule of the type BreakTime is uncertain", assumed=True))
    return _specific(schedule, local, holiday)


def _specific(schedule: Schedule, local: datetime, holiday: bool) -> Holds:
    found = inside(schedule, local)
    result = {
        "SpecificHours": found.inside,
        "SpecificHoursExcludingHolidays": found.inside and not holiday,
        "OutOfSpecificHours": not found.inside or holiday,
        "OutOfSpecificHoursIncludingHolidays": not found.inside,
    }.get(schedule.type or "")
    if result is None:
        return Holds(None, Reason("D4", f"the schedule type {schedule.type} is unknown", assumed=True))
    doubt = Reason("D6", found.edge, assumed=True) if found.edge else None
    return Holds(result, Reason("D4", f"{schedule.type}: {found.words}"), doubt)
