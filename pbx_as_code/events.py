"""New entries of a PBX's event log and audit log, each exactly once over restarts of the program that reads them.

The logs are read by time, from five minutes before the newest entry seen, because a PBX may write an entry late.
Entries seen within these minutes are remembered, by id and time: a purged log may begin with id 1 again.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pbx_as_code.errors import PbxError
from pbx_as_code.pbx import Pbx

LOGS: Final[Mapping[str, tuple[str, str]]] = {
    "event_log": ("time_generated", "TimeGenerated"),
    "audit_log": ("timestamp", "Timestamp"),
}
"""The logs, with the option and the property of the time of an entry."""
_LATE: Final = timedelta(minutes=5)
Entry = dict[str, Any]
"""An entry with `pbx`, `log`, `id`, `time` and what the PBX says of it. The data of changes in the audit log is left
out, since it may contain credentials.
"""


class CursorError(Exception):
    """The file with the position cannot be used; its text is one sentence."""


class Cursor:
    """The position in the logs of one PBX, kept in a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        """Read the position, if there is one.

        Parameters:
            path: of the file; its directory is created when the position is first saved

        Raises:
            CursorError: the file exists and contains something else
        """
        self.path = path
        self._logs: dict[str, dict[str, Any]] = {}
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            for log, position in kept["logs"].items():
                self._logs[log] = {
                    "newest": position["newest"],
                    "seen": {(int(number), str(time)) for number, time in position["seen"]},
                }
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise CursorError(f"The file {path} is no position in logs: {error}. Remove it to begin again.") from None

    def __contains__(self, log: str) -> bool:
        return log in self._logs

    def begin(self, log: str) -> None:
        """Begin a log with its first entry."""
        self._logs[log] = {"newest": None, "seen": set()}

    def since(self, log: str) -> datetime | None:
        """The time from which entries are to be read; None for all of them."""
        newest = self._logs[log]["newest"]
        return None if newest is None else _time(newest) - _LATE

    def seen(self, log: str, entry: Entry) -> bool:
        """Whether an entry was taken earlier."""
        return (entry["id"], entry["time"]) in self._logs[log]["seen"]

    def take(self, log: str, entry: Entry) -> None:
        """Remember an entry; see save."""
        position = self._logs[log]
        position["seen"].add((entry["id"], entry["time"]))
        if position["newest"] is None or _time(entry["time"]) > _time(position["newest"]):
            position["newest"] = entry["time"]
            oldest = _time(entry["time"]) - _LATE
            position["seen"] = {one for one in position["seen"] if _time(one[1]) >= oldest}

    def save(self) -> None:
        """Write the position, all of it or nothing."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        logs = {
            log: {"newest": position["newest"], "seen": sorted(position["seen"])}
            for log, position in self._logs.items()
        }
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"logs": logs}, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other programs from using the same file.

        Raises:
            CursorError: another one uses it
        """
        import fcntl

        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path.parent / f"{self.path.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CursorError(f"Another program uses {self.path}. Give each its own file.") from None
            yield


def new_entries(pbx: Pbx, cursor: Cursor, log: str, *, from_beginning: bool = False) -> list[Entry]:
    """The entries that were not taken yet, the oldest first. Take each when it is dealt with.

    Without a position, the entries that exist already count as taken.

    Parameters:
        pbx: to read from
        cursor: position in its logs
        log: event_log or audit_log
        from_beginning: return the entries that exist already, too

    Raises:
        PbxError: the log cannot be read
    """
    if log not in cursor and not from_beginning:
        existing = _read(pbx, log, None, newest=1000)
        cursor.begin(log)
        for entry in existing:
            cursor.take(log, entry)
        return []
    if log not in cursor:
        cursor.begin(log)
    return [entry for entry in _read(pbx, log, cursor.since(log)) if not cursor.seen(log, entry)]


def _read(pbx: Pbx, log: str, since: datetime | None, newest: int | None = None) -> list[Entry]:
    """Entries, the oldest first; only so many of the newest ones if that is given."""
    option, prop = LOGS[log]
    given: dict[str, Any] = {"order_by": prop if newest is None else f"{prop} desc", "limit": newest or 0}
    if since is not None:
        given["filter"] = f"{prop} ge {since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    found = []
    for row in pbx.info(log, **given):
        time = row.get(option)
        if time is None:
            continue
        said = {name: value for name, value in row.items() if name not in (option, "etag")}
        found.append({"pbx": pbx.url, "log": log, "id": row["id"], "time": time, **said})
    return sorted(found, key=lambda entry: (_time(entry["time"]), entry["id"]))


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


__all__ = ["LOGS", "Cursor", "CursorError", "Entry", "PbxError", "new_entries"]
