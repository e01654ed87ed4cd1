"""Digests that tell credentials apart and give nothing away.

The name of a token's file depends on a secret. An unsalted digest of a weak password could be found by trial, so the
digest takes a random key, which is kept in the same private folder: who cannot read the folder cannot try.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from collections.abc import Sequence

from .folder import PrivateFolder

_FILE = "key"
_BYTES = 32
_TRIES = 200  # at the lock of the key's file
_PAUSE = 0.005  # seconds between two of them

#: Key for digests that stay in the memory of this process and its forks.
PROCESS_KEY = os.urandom(_BYTES)


def digest(key: bytes, *parts: Sequence[str]) -> str:
    """A digest of 40 hexadecimal digits.

    Parameters:
        key: the random key
        parts: what is to be told from others, secrets included
    """
    return hmac.new(key, json.dumps(parts).encode(), hashlib.sha256).hexdigest()[:40]


def known_key(folder: PrivateFolder) -> bytes | None:
    """The key of a folder; None where there is none.

    Raises:
        Distrusted, OSError: it cannot be read
    """
    found = folder.read(_FILE, 2 * _BYTES)
    return found if found is not None and len(found) == _BYTES else None


def key_of(folder: PrivateFolder) -> bytes:
    """The key of a folder, which is made when the folder is first used.

    Raises:
        Distrusted, OSError: it can neither be read nor made
    """
    for _ in range(_TRIES):
        if (found := known_key(folder)) is not None:
            return found
        if (lock := folder.lock(f"{_FILE}.lock")) is None:
            time.sleep(_PAUSE)  # once per user: another process is making it
            continue
        try:
            if (found := known_key(folder)) is not None:
                return found
            made = os.urandom(_BYTES)
            folder.write(_FILE, made)
            return made
        finally:
            folder.remove(f"{_FILE}.lock")
            lock.release()
    raise TimeoutError("the key of the folder is locked by another process")
