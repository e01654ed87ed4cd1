"""Facts about a PBX that need attention: licence, backups, trunks, services, disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from threecx_xapi.errors import XapiError

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

_SOON: Final = timedelta(days=30)
_OLD_BACKUP: Final = timedelta(days=7)
_FULL: Final = 90  # percent


class Alert(NamedTuple):
    """One fact.

    Attributes:
        about: licence, backup, trunks, services or disk
        text: in one sentence
    """

    about: str
    text: str


def alerts(client: XapiClient, now: datetime | None = None) -> tuple[Alert, ...]:
    """Facts that need attention, from two requests.

    Parameters:
        client: of the PBX
        now: the present, with a zone

    Raises:
        XapiError: the PBX gives no answer
    """
    moment = now or datetime.now(UTC)
    status = client.request("GET", "/SystemStatus").json()
    found = list(_of_status(status if isinstance(status, dict) else {}, moment))
    try:
        services = client.request("GET", "/Services").json()
    except XapiError as error:
        if error.status is None:
            raise
        return tuple(found)
    rows = services.get("value") if isinstance(services, dict) else None
    stopped = [str(row.get("DisplayName") or row.get("Name")) for row in rows or () if row.get("Status") == "Stopped"]
    if stopped:
        found.append(Alert("services", f"Stopped: {', '.join(sorted(stopped))}."))
    return tuple(found)


def _of_status(status: dict[str, Any], now: datetime) -> Iterator[Alert]:
    if status.get("LicenseActive") is False:
        yield Alert("licence", "The licence is not active.")
    for prop, what in (("ExpirationDate", "The licence"), ("MaintenanceExpiresAt", "Maintenance")):
        end = _moment(status.get(prop))
        if end is not None and end < now + _SOON:
            yield Alert("licence", f"{what} {'expired' if end < now else 'expires'} on {end:%Y-%m-%d}.")
    if status.get("BackupScheduled") is False:
        yield Alert("backup", "No backup is scheduled.")
    last = _moment(status.get("LastBackupDateTime"))
    if last is not None and last < now - _OLD_BACKUP:
        yield Alert("backup", f"The last backup is of {last:%Y-%m-%d}.")
    registered, total = status.get("TrunksRegistered"), status.get("TrunksTotal")
    if isinstance(registered, int) and isinstance(total, int) and registered < total:
        yield Alert("trunks", f"{registered} of {total} trunks are registered.")
    if status.get("HasNotRunningServices"):
        yield Alert("services", "A service does not run.")
    usage = status.get("DiskUsage")
    if isinstance(usage, int) and usage >= _FULL:
        yield Alert("disk", f"The disk is {usage} % full.")


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    if found is None or found.year < 2000:  # .NET's smallest date means never
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
