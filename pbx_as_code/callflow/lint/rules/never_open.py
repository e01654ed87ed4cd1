"""Hours that never open."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.lines import InboundRule
from pbx_as_code.callflow.model.schedule import Schedule

_BY_PERIODS = frozenset({"OfficeHours", "SpecificHours", "SpecificHoursExcludingHolidays"})


@rule(
    "never-open",
    Level.ERROR,
    "Hours never open",
    why="The department is always closed, or the rule always sends calls to its destination outside hours.",
    fix="Declare periods, or use AllHours.",
)
def check(context: Context) -> Iterator[Found]:
    """Departments and inbound rules whose hours have no period, or are of the type Never."""
    for department in context.graph.of(Department):
        if (why := _never(department.hours)) is not None:
            yield Found(department.ref, f"It never opens: {why}.", ("hours",))
    for one in context.graph.of(InboundRule):
        by_itself = one.hours is not None and one.hours.type not in ("OfficeHours", "OutOfOfficeHours")
        if by_itself and (why := _never(one.hours)) is not None:
            yield Found(one.ref, f"Its hours never hold: {why}.", ("hours",))


def _never(hours: Schedule | None) -> str | None:
    if hours is None:
        return None
    if hours.type == "Never":
        return "its hours have the type Never"
    if hours.type in _BY_PERIODS and hours.periods is not None and not hours.periods:
        unread = ", ".join(hours.unread)
        return f"its periods cannot be read: {unread}" if unread else "its hours have no periods"
    return None
