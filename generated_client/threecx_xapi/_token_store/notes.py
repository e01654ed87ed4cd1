"""Moments that the workers on a machine tell each other: when a right was denied, how long a PBX wants to be left
alone.

Notes are hints. Two workers that write at the same moment may lose one, which costs a sign-in and nothing else; so no
lock is needed, and no token is at risk.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from .folder import Distrusted
from .record import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 64  # entries kept, the latest ones
_LARGEST_FILE = 65536
_KEPT = 3600.0  # seconds after its moment for which an entry is kept

#: Of clients that share nothing through files, by name.
_memory: dict[str, dict[str, float]] = {}


class Cabinet(Protocol):
    """A place for files of notes: a folder of this machine, or a server."""

    def read(self, name: str, limit: int) -> bytes | None: ...

    def write(self, name: str, content: bytes) -> None: ...


class Notes:
    """Named moments, in seconds of ``time.time()``.

    Parameters:
        folder: where they are kept; None keeps the notes in the memory of this process
        name: digest of what the notes are about
    """

    def __init__(self, folder: Cabinet | None, name: str) -> None:
        self._folder = folder
        self._name = name

    def read(self) -> Mapping[str, float]:
        """All entries."""
        found = dict(_memory.get(self._name, {}))
        if self._folder is None:
            return found
        try:
            content = self._folder.read(f"{self._name}.notes", _LARGEST_FILE)
            listed = json.loads(content) if content is not None else {}
            return found | {str(key): seconds(moment) for key, moment in listed.items()}
        except (Distrusted, OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            return found  # damaged, or not ours: hints, and nothing but hints

    def add(self, key: str, moment: float, now: float) -> None:
        """Note a moment, and drop the oldest ones.

        Parameters:
            key: what happened then
            moment: when it happened, or when something ends
            now: the time
        """
        self._keep({**self.read(), key: moment}, now)

    def drop(self, prefix: str, now: float) -> None:
        """Drop the entries whose key begins with a text.

        Parameters:
            prefix: the beginning of the key
            now: the time
        """
        entries = self.read()
        left = {key: moment for key, moment in entries.items() if not key.startswith(prefix)}
        if len(left) < len(entries):
            self._keep(left, now)

    def _keep(self, entries: Mapping[str, float], now: float) -> None:
        lasting = sorted((moment, key) for key, moment in entries.items() if moment > now - _KEPT)
        kept = {key: moment for moment, key in lasting[-_MOST:]}
        _memory.pop(self._name, None)
        if self._folder is not None:
            try:
                self._folder.write(f"{self._name}.notes", json.dumps(kept).encode())
            except (Distrusted, OSError):
                pass
            else:
                return
        if kept:
            _memory[self._name] = kept
