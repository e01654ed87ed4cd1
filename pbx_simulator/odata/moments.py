"""Points in time, as texts stand for them."""

from __future__ import annotations

import datetime
import re
from typing import Any

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,12})?)S)?)?"
)


def moment(text: Any) -> datetime.datetime | None:
    """Return the point in time of an ISO date and time, in UTC if it has no zone; None if it is malformed."""
    try:
        found = datetime.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def duration(text: Any) -> datetime.timedelta | None:
    """Return the length of an ISO duration of days, hours, minutes and seconds; None if it is malformed."""
    found = _DURATION.fullmatch(str(text))
    if found is None:
        return None
    parts = {name: float(value) for name, value in found.groupdict().items() if name != "sign" and value}
    try:
        length = datetime.timedelta(**parts)
    except OverflowError:
        return None
    return -length if found["sign"] else length
