"""Typed values of a definition's options. An option that is absent or null is None: unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from pbx_as_code.callflow.model.destinations import Destination, Route, Routes
from pbx_as_code.callflow.model.schedule import Period, Schedule
from pbx_as_code.description import Kind
from pbx_as_code.engine.compare.values import canonical, flags

Values = Mapping[str, Any]

_DAYS: Final = {
    name: number
    for number, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
}
_DAY: Final = timedelta(days=1)
FAVORITES: Final = "___FAVORITES___"
"""A department that is none: it holds the favourites of a user."""


def text(values: Values, option: str) -> str | None:
    """A text; an empty one is None."""
    found = values.get(option)
    return str(found) if found not in (None, "") else None


def number(values: Values, option: str) -> int | None:
    """A whole number."""
    found = values.get(option)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def flag(values: Values, option: str) -> bool | None:
    """A truth value."""
    found = values.get(option)
    return found if found is True or found is False else None


def structure(values: Values, option: str) -> Values | None:
    """A structure."""
    found = values.get(option)
    return found if isinstance(found, dict) else None  # a dict: ten thousand users make a check of Mapping felt


def items(values: Values, option: str) -> list[Values]:
    """The structures of a list."""
    found = values.get(option)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def texts(values: Values, option: str) -> tuple[str, ...]:
    """The texts of a list."""
    found = values.get(option)
    return tuple(str(item) for item in found if item not in (None, "")) if isinstance(found, list) else ()


def members(values: Values, option: str) -> frozenset[str] | None:
    """Members of flags, or of a list of them; None if there is no such option."""
    found = values.get(option)
    return None if found is None else flags(found)


def moment(values: Values, option: str) -> datetime | None:
    """A moment; in UTC if it has no offset."""
    found = canonical("datetime", values.get(option))
    return found if isinstance(found, datetime) else None


def time_of_day(values: Values, option: str, *, kind: Kind = "day_begin") -> timedelta | None:
    """A time of day as a duration since midnight; None for midnight, and if it is absent.

    Parameters:
        values: options
        option: of the time
        kind: "time" for hours, "day_begin" for holidays

    Raises:
        ValueError: it cannot be read
    """
    found = canonical(kind, values.get(option))
    if isinstance(found, time):
        return timedelta(hours=found.hour, minutes=found.minute, seconds=found.second)
    if found is None or isinstance(found, timedelta):
        return found
    raise ValueError(f"{option} is no time of day: {found}")


def schedule(values: Values, option: str) -> Schedule | None:
    """A schedule; None if it is absent."""
    found = structure(values, option)
    if found is None:
        return None
    periods: list[Period] = []
    unread: list[str] = []
    for item in items(found, "periods"):
        period = _period(item)
        if period is None:
            unread.append(f"{item.get('day_of_week')} {item.get('start')}-{item.get('stop')}")
        else:
            periods.append(period)
    listed = isinstance(found.get("periods"), list)
    return Schedule(
        text(found, "type"), flag(found, "ignore_holidays"), tuple(periods) if listed else None, tuple(unread)
    )


def _period(item: Values) -> Period | None:
    day = _DAYS.get(str(item.get("day_of_week")))
    try:
        start = time_of_day(item, "start", kind="time") or timedelta()
        stop = time_of_day(item, "stop", kind="time") or _DAY  # midnight is the end of the day
    except ValueError:
        return None
    return Period(day, start, stop) if day is not None and start < stop <= _DAY else None


def destination(values: Values, option: str) -> Destination | None:
    """A destination; None if it is absent."""
    found = values.get(option)
    if not isinstance(found, dict):
        return None
    to = found.get("to")
    return Destination(to, found.get("number") or None, found.get("external") or None) if to else None


def route(values: Values, option: str) -> Route | None:
    """A destination with a prompt; None if it is absent."""
    found = structure(values, option)
    if found is None:
        return None
    return Route(destination(found, "route"), flag(found, "is_prompt_enabled"), text(found, "prompt"))


def routes(values: Values) -> Routes:
    """The routes of an object for closed hours, breaks and holidays."""
    return Routes(
        route(values, "out_of_office_route"),
        route(values, "break_route"),
        route(values, "holidays_route"),
        route(values, "office_route"),
    )


def department_names(values: Values, option: str = "groups") -> tuple[str, ...]:
    """Names of the departments an object belongs to."""
    named = [item.get("group") for item in items(values, option)] or list(texts(values, option))
    return tuple(str(name) for name in named if name and name != FAVORITES)
