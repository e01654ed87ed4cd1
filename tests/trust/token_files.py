"""The shared token's file in tests: its tokens, and what an attacker may put in its place. Tokens are invented."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from threecx_xapi._request.secret import Secret
from threecx_xapi._token_store import store as token_store
from threecx_xapi._token_store.store import FileStore, open_store
from threecx_xapi.tokens import Token

from tests.trust.users import BOB, only_root, own

IDENTITY = ("https://pbx.example.com", "client_credentials", "900", "invented")
TOKEN = Token(Secret("invented-token"), 2e9, 2e9)
NEWER = Token(Secret("invented-newer-token"), 2e9, 2e9)


def mode(path: Path) -> int:
    """The permission bits of a file, a folder or a symbolic link itself."""
    return stat.S_IMODE(path.lstat().st_mode)


def file_store() -> FileStore:
    """A store of the shared token as each process opens it."""
    store = open_store(IDENTITY, shared=True)
    assert isinstance(store, FileStore), token_store._warned
    return store


def planted(how: str, path: Path, elsewhere: Path) -> None:
    """Put something else in the place of a file."""
    content = path.read_bytes() if path.exists() else b""
    path.unlink(missing_ok=True)
    if how == "link":
        elsewhere.write_bytes(content)
        elsewhere.chmod(0o600)
        path.symlink_to(elsewhere)
    elif how == "link to nothing":
        path.symlink_to(elsewhere)
    elif how == "hard link":
        elsewhere.write_bytes(content)
        elsewhere.chmod(0o600)
        os.link(elsewhere, path)
    elif how == "pipe":
        os.mkfifo(path, 0o600)
    elif how == "device":
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero: it has no end
    elif how == "socket":
        os.mknod(path, 0o600 | stat.S_IFSOCK)
    elif how == "huge":
        path.write_bytes(content)
        path.chmod(0o600)
        os.truncate(path, 1 << 40)
    elif how == "somebody else's":
        path.write_bytes(content)
        path.chmod(0o600)
        own(path, BOB)
    else:
        path.write_bytes(content)
        path.chmod({"open to all": 0o644, "open to the group": 0o640, "writable by the group": 0o620}[how])


PLANTED = [
    "link",
    "link to nothing",
    "hard link",
    "pipe",
    "huge",
    "open to all",
    "open to the group",
    "writable by the group",
    pytest.param("socket", marks=only_root),
    pytest.param("device", marks=only_root),
    pytest.param("somebody else's", marks=only_root),
]
