"""Where the shared token lies: a file only its owner can read, or the memory of this process."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import stat
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ._secret import Secret
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
    """The record in a file, shared by all processes of one user."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.json"
        self._lock_path = folder / f"{name}.lock"
        self._fallback = MemoryStore()

    def read(self) -> Record:
        content = _read_own(self.path)
        if content is None:
            return self._fallback.read()
        try:
            return _decode(json.loads(content))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Record()  # cut off or foreign: as good as none, and replaced by the next sign-in

    def write(self, record: Record) -> None:
        self._fallback.write(record)
        try:
            _write_own(self.path, json.dumps(_encode(record)).encode())
        except OSError as error:
            _warn_once(f"The access token cannot be shared by way of {self.path.parent} ({error.strerror}).")

    def try_lock(self) -> Lock | None:
        from filelock import FileLock, Timeout  # 10 ms that only a sign-in needs

        lock = FileLock(str(self._lock_path), timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            return None
        except (OSError, NotImplementedError) as error:
            _warn_once(f"The access token cannot be locked in {self.path.parent} ({type(error).__name__}).")
            return self._fallback.try_lock()
        return lock


def open_store(identity: Sequence[str], *, shared: bool) -> Store:
    """The store for one PBX, grant, client id and secret.

    Parameters:
        identity: what tells this token from others; hashed, because it contains the secret
        shared: False keeps the token in memory
    """
    if not shared:
        return MemoryStore()
    folder = _folder()
    if folder is None:
        return MemoryStore()
    return FileStore(folder, hashlib.sha256(json.dumps(list(identity)).encode()).hexdigest()[:40])


def _folder() -> Path | None:
    if not hasattr(os, "geteuid"):  # no owners and modes to judge by: do not leave secrets in files
        return None
    complaints = []
    for base, folder in _candidates():
        try:
            if base is not None and base.stat().st_uid != os.geteuid():
                continue  # the environment of another user, as sudo leaves it
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if (problem := _distrust(folder.lstat(), stat.S_ISDIR)) is None:
                return folder
            complaints.append(f"{folder} {problem}")
        except OSError as error:
            complaints.append(f"{folder}: {error.strerror}")
    _warn_once(
        "The access token is kept in memory only, so every process signs in and ends the session of the others: "
        + "; ".join(complaints)
    )
    return None


def _candidates() -> Iterator[tuple[Path | None, Path]]:
    """Folders to try, each with the existing one above it that must be ours as well."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime):
        yield Path(runtime), Path(runtime, "threecx-xapi")
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(cache):
        yield None, Path(cache, "threecx-xapi")
    elif (home := Path(os.path.expanduser("~"))).is_dir() and os.path.isabs(home):
        yield home, home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "threecx-xapi"
    yield None, Path(tempfile.gettempdir(), f"threecx-xapi-{os.geteuid()}")


def _distrust(found: os.stat_result, is_kind: object) -> str | None:
    """Why not to trust a file or folder, or None."""
    if not (callable(is_kind) and is_kind(found.st_mode)):
        return "is not what it should be (a link, perhaps)"
    if found.st_uid != os.geteuid():
        return "belongs to somebody else"
    if found.st_mode & 0o077:
        return f"is open to others (mode {stat.S_IMODE(found.st_mode):04o}; chmod go= mends it)"
    return None


def _read_own(path: Path) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        _warn_once(f"The shared access token is not used: {path}: {error.strerror}.")
        return None
    try:
        if problem := _distrust(os.fstat(descriptor), stat.S_ISREG):
            _warn_once(f"The shared access token is not used: {path} {problem}.")
            return None
        return os.read(descriptor, _LARGEST_FILE)
    finally:
        os.close(descriptor)


def _write_own(path: Path, content: bytes) -> None:
    """Replace the file whole: a reader sees the old one or the new one; a link in its place is replaced, not followed."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.{time.monotonic_ns()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            while content:
                content = content[os.write(descriptor, content) :]
        finally:
            os.close(descriptor)
        os.replace(scratch, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(scratch)
        raise


def _encode(record: Record) -> dict[str, object]:
    token = record.token
    return {
        "version": 1,
        "token": None
        if token is None
        else {"value": token.value.reveal(), "renew_at": token.renew_at, "expires_at": token.expires_at},
        "refusal": None if record.refusal is None else record.refusal._asdict(),
    }


def _decode(data: dict[str, object]) -> Record:
    token, refusal = data["token"], data["refusal"]
    if data["version"] != 1 or not isinstance(token, dict | None) or not isinstance(refusal, dict | None):
        raise ValueError("of another version")
    return Record(
        token=None
        if token is None
        else Token(Secret(str(token["value"])), float(token["renew_at"]), float(token["expires_at"])),
        refusal=None if refusal is None else Refusal(**refusal),
    )


def _warn_once(message: str) -> None:
    if message not in _warned:
        _warned.add(message)
        _log.warning(message)
