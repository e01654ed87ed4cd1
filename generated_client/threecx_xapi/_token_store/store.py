"""Storage of the shared token: a file that only its owner can read, or the memory of this process."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .digest import PROCESS_KEY, digest, key_of, known_key
from .folder import Distrusted, PrivateFolder
from .notes import Notes
from .record import Record, Refusal, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from threecx_xapi.tokens import Token

_log = logging.getLogger("threecx_xapi")
_warned: set[str] = set()
_LARGEST_FILE = 65536  # a token file is about 1 KB
_FILE_NAME = re.compile(r"([0-9a-f]{40})\.(json|lock|notes)")
_ABANDONED = 86400.0  # seconds after which a file is nobody's any more: a token lives for an hour
_MOST_LISTED = 2000  # files of a folder that are looked at
_MOST_ADDRESSES = 8  # at which the same credentials are used, the latest ones


class Lock(Protocol):
    """A lock that is held."""

    def release(self) -> None:
        """Let the next one in."""


class Store(Protocol):
    """Holds one record, its notes and one lock.

    Attributes:
        notes: about these credentials on this PBX
        pbx: about the PBX, for all clients
    """

    notes: Notes
    pbx: Notes

    def read(self) -> Record: ...

    def write(self, record: Record, lock: Lock | None = None) -> None:
        """Replace the record.

        Parameters:
            record: the new one
            lock: under which it was obtained; where a lock can expire, a later holder's record is not replaced
        """

    def try_lock(self) -> Lock | None:
        """The lock, or None while somebody else holds it; never waits."""

    def elsewhere(self) -> list[tuple[str, Token]]:
        """The tokens of the same credentials that were obtained at other addresses, each with its name."""

    def digest(self, parts: Sequence[str]) -> str:
        """Return a key that distinguishes credentials without revealing them."""


#: Refusals of clients that share nothing through files: a loop has several clients, and one wrong secret.
_refused: dict[str, Refusal] = {}


class MemoryStore:
    """The record of one client and its threads; refusals are those of the process.

    Parameters:
        name: digest of PBX and credentials
        pbx: digest of the PBX
    """

    def __init__(self, name: str, pbx: str) -> None:
        self.notes, self.pbx = Notes(None, name), Notes(None, pbx)
        self._name = name
        self._token: Token | None = None
        self._locks: dict[int, threading.Lock] = {}

    def read(self) -> Record:
        return Record(self._token, _refused.get(self._name))

    def write(self, record: Record, lock: Lock | None = None) -> None:  # noqa: ARG002 its locks do not expire
        self._token = record.token
        _refused.pop(self._name, None)
        if record.refusal is not None:
            _refused[self._name] = record.refusal

    def elsewhere(self) -> list[tuple[str, Token]]:
        return []

    def digest(self, parts: Sequence[str]) -> str:
        return digest(PROCESS_KEY, parts)

    def try_lock(self) -> Lock | None:
        # One per process: after a fork, the thread that held the lock may not exist here.
        lock = self._locks.setdefault(os.getpid(), threading.Lock())
        return lock if lock.acquire(blocking=False) else None


class FileStore:
    """The record in a file, shared by all processes of one user.

    Parameters:
        folder: private
        key: the folder's key for digests
        name: digest of what the token is bound to; the file says it too, so that one put in its place is not believed
        pbx: digest of the PBX
    """

    def __init__(self, folder: PrivateFolder, key: bytes, name: str, pbx: str) -> None:
        self.path = folder.path / f"{name}.json"
        self.notes, self.pbx = Notes(folder, name), Notes(folder, pbx)
        self._folder = folder
        self._key = key
        self._name = name
        self._fallback = MemoryStore(name, pbx)

    def read(self) -> Record:
        try:
            content = self._folder.read(self.path.name, _LARGEST_FILE)
        except (Distrusted, OSError) as error:
            _warn_once(f"The shared access token is not used: {_why(error, self.path)}.")
            content = None
        if content is None:
            return self._fallback.read()
        return _decoded(content, self._name)

    def write(self, record: Record, lock: Lock | None = None) -> None:  # noqa: ARG002 its locks do not expire
        self._fallback.write(record)
        try:
            self._folder.write(self.path.name, json.dumps(encode(record, self._name)).encode())
            sweep(self._folder)
        except (Distrusted, OSError) as error:
            _warn_once(f"The access token cannot be shared: {_why(error, self.path.parent)}.")

    def try_lock(self) -> Lock | None:
        try:
            return self._folder.lock(f"{self._name}.lock")
        except (Distrusted, OSError) as error:
            _warn_once(f"The access token cannot be locked: {_why(error, self.path.parent)}.")
            return self._fallback.try_lock()

    def elsewhere(self) -> list[tuple[str, Token]]:
        found: list[tuple[float, str, Token]] = []
        with contextlib.suppress(Distrusted, OSError):
            for name, changed in self._folder.listing(_MOST_LISTED):
                stem = name.removesuffix(".json")
                if not _FILE_NAME.fullmatch(name) or stem == name or stem == self._name:
                    continue
                if stem[: len(stem) // 2] != self._name[: len(stem) // 2]:
                    continue
                content = self._folder.read(name, _LARGEST_FILE)
                if content is not None and (token := _decoded(content, stem).token) is not None:
                    found.append((changed, stem, token))
        return [(stem, token) for _, stem, token in sorted(found)[: -_MOST_ADDRESSES - 1 : -1]]

    def digest(self, parts: Sequence[str]) -> str:
        return digest(self._key, parts)

    def remove(self) -> None:
        """Take the file away, and that of its lock where nobody has it."""
        with contextlib.suppress(Distrusted, OSError):
            self._folder.remove(self.path.name)
            self._folder.remove(f"{self._name}.notes")
            _remove_lock(self._folder, f"{self._name}.lock")


def open_store(identity: Sequence[str], *, shared: bool | str, notices: list[str] | None = None) -> Store:
    """The store for one PBX, grant, client id and secret.

    Parameters:
        identity: what tells this token from others; hashed, because it contains the secret
        shared: False keeps the token in memory, and removes a file an earlier run has left: the sign-in to come ends
            the token in it; True shares it through a file; the URL of a redis server shares it among machines
        notices: filled with warnings that belong into results

    Raises:
        ConfigurationError: the URL cannot be used
    """
    if isinstance(shared, str):
        from .redis_store import RedisStore

        return RedisStore(
            shared, identity, lambda: open_store(identity, shared=True), [] if notices is None else notices
        )
    base, credentials = identity[0], identity[1:]
    if not hasattr(os, "geteuid"):  # no owners and modes to judge by: do not leave secrets in files
        return MemoryStore(*_names(PROCESS_KEY, base, credentials))
    if not shared:
        for _, path in _candidates():
            if os.path.lexists(path):
                with contextlib.suppress(Distrusted, OSError):
                    folder = PrivateFolder(path)
                    if (key := known_key(folder)) is not None:
                        FileStore(folder, key, *_names(key, base, credentials)).remove()
        return MemoryStore(*_names(PROCESS_KEY, base, credentials))
    if (found := _folder()) is None:
        return MemoryStore(*_names(PROCESS_KEY, base, credentials))
    return FileStore(*found, *_names(found[1], base, credentials))


def sweep(folder: PrivateFolder) -> None:
    """Remove the files of tokens that nobody has used for a day. Looks at a bounded number of them.

    Raises:
        Distrusted, OSError: the folder cannot be looked into
    """
    listed = folder.listing(_MOST_LISTED)
    names = {name for name, _ in listed}
    for name, changed in listed:
        found = _FILE_NAME.fullmatch(name)
        if found is None or 0 <= time.time() - changed < _ABANDONED:
            continue
        if found[2] != "lock":
            folder.remove(name)
        elif f"{found[1]}.json" not in names:
            _remove_lock(folder, name)


def _remove_lock(folder: PrivateFolder, name: str) -> None:
    if (lock := folder.lock(name)) is not None:
        folder.remove(name)
        lock.release()


def _names(key: bytes, base: str, credentials: Sequence[str]) -> tuple[str, str]:
    """The name of the record: one half for the credentials, one for the PBX; and the name of the PBX's notes."""
    half = 20
    return digest(key, credentials)[:half] + digest(key, ["address", base])[:half], digest(key, ["PBX", base])


def _decoded(content: bytes, name: str) -> Record:
    try:
        return decode(json.loads(content), name)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return Record()  # cut off or foreign: as good as none, and replaced by the next sign-in


def _folder() -> tuple[PrivateFolder, bytes] | None:
    """The first folder that can be trusted, and its key for digests."""
    complaints = []
    for base, path in _candidates():
        folder = PrivateFolder(path)
        try:
            folder.make(below=base)
            return folder, key_of(folder)
        except (Distrusted, OSError) as error:
            complaints.append(_why(error, path))
    _warn_once(
        "The access token is kept in memory only, so every process signs in and ends the session of the others: "
        + "; ".join(complaints)
    )
    return None


def _candidates() -> Iterator[tuple[Path | None, Path]]:
    """Folders to try, each with the one above it that has to be there already.

    One in the environment of another user, as sudo leaves it, is refused for its owner, like any other.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime):
        yield Path(runtime), Path(runtime, "threecx-xapi")
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(cache):
        yield None, Path(cache, "threecx-xapi")
    elif (home := Path(os.path.expanduser("~"))).is_dir() and os.path.isabs(home):
        yield home, home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "threecx-xapi"
    temporary = Path(tempfile.gettempdir()).absolute()
    yield temporary, temporary / f"threecx-xapi-{os.geteuid()}"


def _why(error: Exception, path: Path) -> str:
    return f"{path}: {error.strerror or type(error).__name__}" if isinstance(error, OSError) else str(error)


def _warn_once(message: str) -> None:
    if message not in _warned:
        _warned.add(message)
        _log.warning(message)
