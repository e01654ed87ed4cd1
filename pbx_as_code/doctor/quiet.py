"""Whether a PBX is at rest, so that objects may be created and removed on it."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pbx_as_code.doctor.wire import Wire

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def busy(wire: Wire, now: datetime | None = None) -> list[str]:
    """Return sentences about why this is not an empty hour: calls, or a department that is open by its hours.

    Parameters:
        wire: to the PBX
        now: with a time zone; the present if this is None

    Raises:
        XapiError: the PBX gives no answer
    """
    found = []
    calls = wire.get("/ActiveCalls", top="1")
    if not calls.good:
        found.append(f"It is not known whether there are calls: the PBX answered {calls.status}.")
    elif calls.rows:
        found.append("There are calls.")
    moment = now or datetime.now(UTC)
    zones = {str(row.get("Id")): _zone(row.get("IanaName")) for row in wire.get("/Defs/TimeZones").rows}
    own = wire.get("/OfficeHours").body
    usual = zones.get(str(own.get("TimeZoneId"))) if isinstance(own, dict) else None
    departments = list(wire.all("/Groups"))
    if any(_open(row, moment, zones.get(str(row.get("TimeZoneId"))) or usual or UTC) for row in departments):
        found.append("A department is open now.")
    return found


def _open(department: dict[str, Any], moment: datetime, zone: tzinfo) -> bool:
    """Whether one of the department's periods holds the moment; hours that never end say nothing about a quiet hour."""
    hours = department.get("Hours") or {}
    local = moment.astimezone(zone)
    time = local.strftime("%H:%M:%S")
    return any(
        period.get("DayOfWeek") == _DAYS[local.weekday()]
        and str(period.get("Start") or "") <= time < str(period.get("Stop") or "")
        for period in hours.get("Periods") or ()
    )


def _zone(name: Any) -> tzinfo | None:
    try:
        return ZoneInfo(str(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
