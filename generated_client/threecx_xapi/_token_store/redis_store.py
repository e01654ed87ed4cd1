"""Storage of the shared token in a redis server, for programs on several machines.

Records are encrypted with a key derived from the client secret, and names of keys are digests. Read access to the
server reveals no token to anybody who could not sign in anyway. A record lives as long as its token.

A lock expires after some seconds, so that a killed holder does not keep the others out. A holder that was only slow may
then return: the record takes what it stores only while nobody has held the lock after it.

While the server does not answer, the file of this machine is used: machines end each other's sessions then, which is
slower and not wrong.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from threecx_xapi.errors import ConfigurationError

from . import redis_server
from .digest import digest
from .notes import Notes
from .record import Record, decode, encode

if TYPE_CHECKING:
    from threecx_xapi.tokens import Token

    from .store import Lock, Store

_PREFIX = "threecx-xapi:1:"
LOCK_SECONDS = 20.0
"""How long a lock lasts whose holder was killed. A sign-in takes a second or two."""
_FENCES_SECONDS = 7 * 86400.0
_REFUSAL_SECONDS = 3600.0
_NOTES_SECONDS = 3600.0
_RETRY_SECONDS = 5.0
"""After which a server that did not answer is asked again."""
_MOST_ADDRESSES = 8
_CLIENT_GRANT = "client_credentials"
_Answer = TypeVar("_Answer")


class RedisStore:
    """The record in a redis server.

    Parameters:
        url: of the server
        identity: the PBX's base URL, the grant, and who signs in, the secret last
        fallback: makes the store that is used while the server does not answer
        notices: where a warning about that is put, once
    """

    def __init__(self, url: str, identity: Sequence[str], fallback: Callable[[], Store], notices: list[str]) -> None:
        self._server = redis_server.server(redis_server.checked_url(url))
        base, credentials = identity[0], identity[1:]
        self._key = _secret_key(credentials)
        self._seal = _seal(self._key)
        self._same = digest(self._key, credentials)
        self._name = digest(self._key, credentials, ["address", base])
        self._notices, self._make_fallback = notices, fallback
        self._fallback: Store | None = None
        self._down_until = 0.0
        cabinet = _Cabinet(self)
        self.notes: Notes = Notes(cabinet, self._name)
        self.pbx: Notes = Notes(cabinet, hashlib.sha256(f"PBX {base}".encode()).hexdigest()[:40])

    def read(self) -> Record:
        return self._tried(self._read, lambda store: store.read())

    def write(self, record: Record, lock: Lock | None = None) -> None:
        self._tried(lambda: self._write(record, lock), lambda store: store.write(record))

    def try_lock(self) -> Lock | None:
        return self._tried(self._try_lock, lambda store: store.try_lock())

    def elsewhere(self) -> list[tuple[str, Token]]:
        return self._tried(self._elsewhere, lambda store: store.elsewhere())

    def digest(self, parts: Sequence[str]) -> str:
        return digest(self._key, parts)

    # -- in the server

    def call(self, command: str, *arguments: Any) -> Any:
        """Send one command; see Server.call. A server that did not answer is left alone for some seconds."""
        if time.monotonic() < self._down_until:
            raise redis_server.Unreachable(f"{self._server.name} did not answer a moment ago")
        try:
            return self._server.call(command, *arguments)
        except redis_server.Unreachable:
            self._down_until = time.monotonic() + _RETRY_SECONDS
            raise

    def run(self, script: str, keys: list[str], *arguments: Any) -> int:
        """Run a script; its number. See call."""
        answer = self.call("EVAL", script, len(keys), *keys, *arguments)
        return answer if isinstance(answer, int) else 0

    def _read(self) -> Record:
        return self._opened(self.call("GET", _key("token", self._name)), self._name)

    def _write(self, record: Record, lock: Lock | None) -> None:
        now = time.time()
        ends = [record.token.expires_at] if record.token is not None else []
        ends += [record.refusal.until] if record.refusal is not None else []
        seconds = min(max(0.001, max(ends, default=now) - now), 86400.0)
        self.run(
            redis_server.PUT,
            [_key("token", self._name), _key("fences", self._name)],
            lock.fence if isinstance(lock, _HeldLock) else 0,
            self._seal.encrypt(json.dumps(encode(record, self._name)).encode()),
            int(seconds * 1000) or 1,
            int(_FENCES_SECONDS * 1000),
        )
        same = _key("same", self._same)
        self.call("ZADD", same, now, self._name)
        self.call("ZREMRANGEBYRANK", same, 0, -_MOST_ADDRESSES - 2)
        self.call("EXPIRE", same, int(_FENCES_SECONDS))

    def _try_lock(self) -> Lock | None:
        owner = os.urandom(16).hex()
        lock = _key("lock", self._name)
        fence = self.run(
            redis_server.ACQUIRE,
            [lock, _key("fences", self._name)],
            owner,
            int(LOCK_SECONDS * 1000),
            int(_FENCES_SECONDS * 1000),
        )
        if not fence:
            return None
        return _HeldLock(self, lock, owner, fence)

    def release(self, lock: str, owner: str) -> None:
        """Give a lock back, if it is still its owner's."""
        with contextlib.suppress(redis_server.Unreachable, ConfigurationError):  # it expires
            self.run(redis_server.RELEASE, [lock], owner)

    def _elsewhere(self) -> list[tuple[str, Token]]:
        names = self.call("ZREVRANGE", _key("same", self._same), 0, _MOST_ADDRESSES)
        found = []
        for name in (one.decode("ascii", "replace") for one in names or () if isinstance(one, bytes)):
            if name != self._name:
                token = self._opened(self.call("GET", _key("token", name)), name).token
                if token is not None:
                    found.append((name, token))
        return found

    def _opened(self, sealed: Any, name: str) -> Record:
        from cryptography.fernet import InvalidToken

        if not isinstance(sealed, bytes):
            return Record()
        try:
            return decode(json.loads(self._seal.decrypt(sealed)), name)
        except (InvalidToken, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            return Record()  # foreign or damaged: as good as none, and replaced by the next sign-in

    # -- without the server

    def _tried(self, ask: Callable[[], _Answer], instead: Callable[[Store], _Answer]) -> _Answer:
        try:
            return ask()
        except redis_server.Unreachable as error:
            if self._fallback is None:
                self._fallback = self._make_fallback()
                self._notices.append(
                    f"The shared token store {error}. The access token is shared through a file on this machine until "
                    "it answers. Until then, machines end each other's sessions."
                )
        return instead(self._fallback)


class _HeldLock:
    """A lock that is held until it is released or expires."""

    def __init__(self, store: RedisStore, lock: str, owner: str, fence: int) -> None:
        self._store, self._lock, self._owner = store, lock, owner
        self.fence = fence

    def release(self) -> None:
        """Let the next one in."""
        self._store.release(self._lock, self._owner)


class _Cabinet:
    """Notes in the server, in the place of a folder."""

    def __init__(self, store: RedisStore) -> None:
        self._store = store

    def read(self, name: str, limit: int) -> bytes | None:
        """The content of a note; None where there is none."""
        found = self._store.call("GET", _key("notes", name))
        return found if isinstance(found, bytes) and len(found) <= limit else None

    def write(self, name: str, content: bytes) -> None:
        """Replace a note."""
        self._store.call("SET", _key("notes", name), content, "EX", int(_NOTES_SECONDS))


def _key(kind: str, name: str) -> str:
    # Braces: a cluster keeps what one script touches on one node.
    return f"{_PREFIX}{kind}:{{{name}}}"


def _secret_key(credentials: Sequence[str]) -> bytes:
    """A key that only those have who have the secret.

    The secret of a service principal is random and long. A person's password may be guessed from what is encrypted with
    it, so each guess has to take its time.
    """
    text = json.dumps(["threecx-xapi token store", *credentials]).encode()
    if credentials and credentials[0] == _CLIENT_GRANT:
        return hmac.new(b"threecx-xapi", text, hashlib.sha256).digest()
    salt = hashlib.sha256(json.dumps(credentials[:-1]).encode()).digest()
    return hashlib.scrypt(text, salt=salt, n=1 << 14, r=8, p=1, dklen=32)


def _seal(key: bytes) -> Any:
    try:
        from cryptography.fernet import Fernet
    except ImportError:
        raise ConfigurationError(
            "The package cryptography is missing, which token_cache needs: pip install 'threecx-xapi[redis]'.",
            reason="the package cryptography is missing",
        ) from None
    return Fernet(base64.urlsafe_b64encode(hmac.new(key, b"records", hashlib.sha256).digest()))
