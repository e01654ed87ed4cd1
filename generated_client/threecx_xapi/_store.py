"""Where the shared token lies: a file only its owner can read, or the memory of this process."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import math
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ._folder import Distrusted, PrivateFolder
from ._secret import Secret
from .auth import is_token
from .tokens import Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_log = logging.getLogger("threecx_xapi")
_warned: set[str] = set()
_LARGEST_FILE = 65536  # a token file is about 1 KB


class Refusal(NamedTuple):
    """A sign-in that the PBX refused: whoever was waiting for its result has the same answer."""

    at: float
    message: str
    reason: str
    status: int | None


class Record(NamedTuple):
    """What the workers of one PBX and client id tell each other."""

    token: Token | None = None
    refusal: Refusal | None = None


class Lock(Protocol):
    """A lock that is held."""

    def release(self) -> None:
        """Let the next one in."""


class Store(Protocol):
    """Holds one record, and one lock."""

    def read(self) -> Record: ...

    def write(self, record: Record) -> None: ...

    def try_lock(self) -> Lock | None:
        """The lock, or None while somebody else holds it; never waits."""


class MemoryStore:
    """The record of one process and its threads."""

    def __init__(self) -> None:
        self._record = Record()
        self._locks: dict[int, threading.Lock] = {}

    def read(self) -> Record:
        return self._record

    def write(self, record: Record) -> None:
        self._record = record

    def try_lock(self) -> Lock | None:
        # By process: after a fork, whoever held the lock may not exist here.
        lock = self._locks.setdefault(os.getpid(), threading.Lock())
        return lock if lock.acquire(blocking=False) else None


class FileStore:
    """The record in a file, shared by all processes of one user.

    Parameters:
        folder: private
        name: digest of what the token is bound to; the file says it too, so that one put in its place is not believed
    """

    def __init__(self, folder: PrivateFolder, name: str) -> None:
        self.path = folder.path / f"{name}.json"
        self._folder = folder
        self._name = name
        self._fallback = MemoryStore()

    def read(self) -> Record:
        try:
            content = self._folder.read(self.path.name, _LARGEST_FILE)
        except (Distrusted, OSError) as error:
            _warn_once(f"The shared access token is not used: {_why(error, self.path)}.")
            content = None
        if content is None:
            return self._fallback.read()
        try:
            return _decode(json.loads(content), self._name)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            return Record()  # cut off or foreign: as good as none, and replaced by the next sign-in

    def write(self, record: Record) -> None:
        self._fallback.write(record)
        try:
            self._folder.write(self.path.name, json.dumps(_encode(record, self._name)).encode())
        except (Distrusted, OSError) as error:
            _warn_once(f"The access token cannot be shared: {_why(error, self.path.parent)}.")

    def try_lock(self) -> Lock | None:
        try:
            return self._folder.lock(f"{self._name}.lock")
        except (Distrusted, OSError) as error:
            _warn_once(f"The access token cannot be locked: {_why(error, self.path.parent)}.")
            return self._fallback.try_lock()

    def remove(self) -> None:
        """Take the file away, and that of its lock where nobody has it."""
        with contextlib.suppress(Distrusted, OSError):
            self._folder.remove(self.path.name)
            if (lock := self._folder.lock(f"{self._name}.lock")) is not None:
                self._folder.remove(f"{self._name}.lock")
                lock.release()


def open_store(identity: Sequence[str], *, shared: bool) -> Store:
    """The store for one PBX, grant, client id and secret.

    Parameters:
        identity: what tells this token from others; hashed, because it contains the secret
        shared: False keeps the token in memory, and removes a file an earlier run has left: the sign-in to come ends
            the token in it
    """
    name = hashlib.sha256(json.dumps(list(identity)).encode()).hexdigest()[:40]
    if not hasattr(os, "geteuid"):  # no owners and modes to judge by: do not leave secrets in files
        return MemoryStore()
    if not shared:
        for _, path in _candidates():
            if os.path.lexists(path):
                FileStore(PrivateFolder(path), name).remove()
        return MemoryStore()
    folder = _folder()
    return MemoryStore() if folder is None else FileStore(folder, name)


def _folder() -> PrivateFolder | None:
    complaints = []
    for base, path in _candidates():
        folder = PrivateFolder(path)
        try:
            folder.make(below=base)
        except (Distrusted, OSError) as error:
            complaints.append(_why(error, path))
        else:
            return folder
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


def _encode(record: Record, name: str) -> dict[str, object]:
    token = record.token
    return {
        "version": 2,
        "for": name,
        "token": None
        if token is None
        else {"value": token.value.reveal(), "renew_at": token.renew_at, "expires_at": token.expires_at},
        "refusal": None if record.refusal is None else record.refusal._asdict(),
    }


def _decode(data: dict[str, object], name: str) -> Record:
    token, refusal = data["token"], data["refusal"]
    if (data["version"], data["for"]) != (2, name):
        raise ValueError("of another version, or of another PBX, client id or secret")
    return Record(
        token=None if token is None else _token(_mapping(token)),
        refusal=None if refusal is None else _refusal(**_mapping(refusal)),
    )


def _token(data: dict[str, object]) -> Token:
    value = data["value"]
    if not (isinstance(value, str) and is_token(value)):
        raise ValueError("no token")
    return Token(Secret(value), _seconds(data["renew_at"]), _seconds(data["expires_at"]))


def _refusal(at: object, message: object, reason: object, status: object) -> Refusal:
    if not (isinstance(message, str) and isinstance(reason, str) and isinstance(status, int | None)):
        raise TypeError("no refusal")
    return Refusal(_seconds(at), message, reason, status)


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("no mapping")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("no time")
    return float(value)


def _warn_once(message: str) -> None:
    if message not in _warned:
        _warned.add(message)
        _log.warning(message)
