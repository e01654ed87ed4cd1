"""Dates in days, months and years, as holidays have them: 31 February is refused by the name of the option."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from typing import Any

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.values import canonical
from pbx_as_code.engine.report.failure import refused

_FIRST = ("Day", "Month", "Year")
_LAST = ("DayEnd", "MonthEnd", "YearEnd")
_LEAP_YEAR = 2000
"""Year in which dates that repeat every year, stored with year zero, are compared."""


def check_dates(properties: tuple[Property, ...], wanted: Mapping[str, Any], row: Mapping[str, Any] | None) -> None:
    """Refuse dates that do not exist, and an end before the start.

    Parameters:
        properties: of the entity
        wanted: what a task asks for, by XAPI name, in wire form
        row: what is there; it counts for what the task leaves alone

    Raises:
        Failure: a date is impossible
    """
    for within, fields, asked, whole in _dated(properties, wanted, row or {}):
        _check(within, {prop.name: prop.option for prop in fields}, asked, whole)


def _dated(
    properties: tuple[Property, ...], wanted: Mapping[str, Any], row: Mapping[str, Any], within: str = ""
) -> Iterator[tuple[str, tuple[Property, ...], Mapping[str, Any], Mapping[str, Any]]]:
    """Everything that has a day and a month: the entity itself, or the items of a list in it."""
    if {"Day", "Month"} <= {prop.name for prop in properties}:
        yield within, properties, wanted, {**row, **wanted}
    for prop in properties:
        value = wanted.get(prop.name)
        if prop.many and prop.fields and isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, Mapping):
                    yield from _dated(prop.fields, item, {}, f"{within}{prop.option}[{number}].")


def _check(within: str, options: Mapping[str, str], asked: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    for day, month, year in (_FIRST, _LAST):
        if not asked.keys() & {day, month, year}:
            continue
        _check_one(within, options, whole, day, month, year)
    if asked.keys() & {*_FIRST, *_LAST, "TimeOfStartDate", "TimeOfEndDate"}:
        _check_order(within, options, whole)


def _check_one(
    within: str, options: Mapping[str, str], whole: Mapping[str, Any], day: str, month: str, year: str
) -> None:
    of_month, of_day, of_year = whole.get(month), whole.get(day), whole.get(year) or _LEAP_YEAR
    if of_month is not None and not 1 <= of_month <= 12:
        raise refused(f"{within}{options[month]}", f"there is no month {of_month}; give one from 1 to 12.")
    if not 1 <= of_year <= 9999:
        raise refused(f"{within}{options[year]}", f"{of_year} is no year; give 0 for every year.")
    if of_day is None:
        return
    longest = 31 if of_month is None else calendar.monthrange(of_year, of_month)[1]
    if not 1 <= of_day <= longest:
        date = f"day {of_day}" if of_month is None else f"day {of_day} in month {of_month}"
        of = f" of {whole[year]}" if whole.get(year) else ""
        raise refused(f"{within}{options[day]}", f"there is no {date}{of}; the last one is {longest}.")


def _check_order(within: str, options: Mapping[str, str], whole: Mapping[str, Any]) -> None:
    """The end comes after the start; what comes every year may go on into the next one."""
    first = [part for name in reversed(_FIRST) if isinstance(part := whole.get(name), int)]
    last = [part for name in reversed(_LAST) if isinstance(part := whole.get(name), int)]
    if len(first) < len(_FIRST) or len(last) < len(_LAST) or bool(first[0]) != bool(last[0]):
        return
    if first[0] and last < first:
        name = next(name for name, one, other in zip(reversed(_LAST), first, last, strict=True) if other < one)
        raise refused(f"{within}{options[name]}", "the holiday ends before it begins.")
    begin = canonical("day_begin", whole.get("TimeOfStartDate"))
    end = canonical("day_end", whole.get("TimeOfEndDate"))
    if first == last and begin is not None and end is not None and isinstance(begin, type(end)) and end <= begin:
        raise refused(f"{within}{options['TimeOfEndDate']}", "the holiday ends before it begins.")
