"""Facts about a PBX that need attention: licence, backups, trunks, certificates, services, disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from threecx_xapi.errors import XapiError
from threecx_xapi.paging import iterate

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

_SOON: Final = timedelta(days=30)
_OLD_BACKUP: Final = timedelta(days=7)
_FULL: Final = 90  # percent


class Alert(NamedTuple):
    """One fact.

    Attributes:
        about: licence, backup, trunks, certificate, services or disk
        text: in one sentence
    """

    about: str
    text: str


def alerts(client: XapiClient, now: datetime | None = None) -> tuple[Alert, ...]:
    """Facts that need attention, from three requests.

    Parameters:
        client: of the PBX
        now: the present, with a zone

    Raises:
        XapiError: the PBX gives no answer
    """
    moment = now or datetime.now(UTC)
    status = client.request("GET", "/SystemStatus").json()
    found = list(_of_status(status if isinstance(status, dict) else {}, moment))
    for trunk in _rows(client, "/Trunks", "Number,CertificateExpirationDate"):
        end = _moment(trunk.get("CertificateExpirationDate"))
        if end is not None and end < moment + _SOON:
            what = f"The certificate of trunk {trunk.get('Number')}"
            found.append(Alert("certificate", f"{what} {_ends(end, moment)}."))
    services = _rows(client, "/Services", None)
    stopped = [str(row.get("DisplayName") or row.get("Name")) for row in services if row.get("Status") == "Stopped"]
    if stopped:
        found.append(Alert("services", f"Stopped: {', '.join(sorted(stopped))}."))
    return tuple(found)


def _rows(client: XapiClient, path: str, select: str | None) -> list[dict[str, Any]]:
    """The rows of a list; none if the role may not read it."""
    try:
        return list(iterate(client, path, params={} if select is None else {"$select": select}))
    except XapiError as error:
        if error.status is None:
            raise
        return []


def _ends(end: datetime, now: datetime) -> str:
    return f"{'expired' if end < now else 'expires'} on {end:%Y-%m-%d}"


def _of_status(status: dict[str, Any], now: datetime) -> Iterator[Alert]:
    if status.get("LicenseActive") is False:
        yield Alert("licence", "The licence is not active.")
    for prop, what in (("ExpirationDate", "The licence"), ("MaintenanceExpiresAt", "Maintenance")):
        end = _moment(status.get(prop))
        if end is not None and end < now + _SOON:
            yield Alert("licence", f"{what} {_ends(end, now)}.")
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
