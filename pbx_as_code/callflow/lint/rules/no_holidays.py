"""Departments without holidays next year."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.departments import Department


@rule(
    "no-holidays",
    Level.WARNING,
    "A department has no holidays next year",
    why="On public holidays its calls ring as on any other day.",
    fix="Add the holidays of next year, or make them recurrent.",
)
def check(context: Context) -> Iterator[Found]:
    """Departments that have hours, and no holiday that is recurrent or in the next year."""
    year = context.today.year + 1
    for department in context.graph.of(Department):
        if not department.holidays_known or department.hours is None or not department.hours.periods:
            continue
        if not any(one.recurrent or (one.year or 0) >= year for one in department.holidays):
            yield Found(department.ref, f"It has no holiday in {year}.")
