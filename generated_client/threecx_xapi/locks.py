"""Locks that all processes of one user share on one machine, such as the forks of ansible-playbook.

A lock belongs to a name, such as one object of one PBX. There are 256 lock files, in a folder next to the shared access
token; each name has one of them, so two names may share a lock. A lock is a courtesy among those who ask for it:
nothing stops a program that does not, or another machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._token_store.folder import PrivateFolder
    from ._token_store.store import Lock

_memory: dict[str, threading.Lock] = {}
_trusted: dict[tuple[object, ...], PrivateFolder] = {}
"""Folders of lock files whose way has been checked, by the environment that leads to them. Nobody but root and their
owner can have changed that way since; the folder itself is checked on every use."""


def try_lock(*names: str) -> Lock | None:
    """The lock of what these names stand for together; None while another process or thread has it. Never waits.

    Without a trustworthy folder for lock files, the lock excludes only the threads of this process.

    Parameters:
        names: what is locked, from the outside in, such as the URL of a PBX, an entity set and a key
    """
    return _try("object", names)


def try_list_lock(*names: str) -> Lock | None:
    """The lock of a list of objects, such as the inbound rules of trunks, else as `try_lock`.

    Its files are others than those of objects, so that it may be asked for while the lock of an object is held.

    Parameters:
        names: what is locked, from the outside in, such as the URL of a PBX and a property
    """
    return _try("list", names)


def _try(family: str, names: tuple[str, ...]) -> Lock | None:
    from ._token_store.folder import Distrusted  # only for those who write

    digest = hashlib.sha256("\n".join(names).encode()).digest()
    stripe = f"{family}-{digest[0]:02x}.lock"
    if hasattr(os, "geteuid"):
        where = (os.geteuid(), *map(os.environ.get, ("XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "HOME")))
        known = _trusted.get(where)
        for folder in (known, None) if known else (None,):  # the known one may have been removed meanwhile
            with contextlib.suppress(Distrusted, OSError):
                if (found := folder or _made()) is not None:
                    _trusted[where] = found
                    return found.lock(stripe)
    lock = _memory.setdefault(stripe, threading.Lock())
    return lock if lock.acquire(blocking=False) else None


def _made() -> PrivateFolder | None:
    """The folder of lock files; None where no folder can be trusted."""
    from ._token_store.folder import PrivateFolder
    from ._token_store.store import _folder

    if (private := _folder()) is None:
        return None
    folder = PrivateFolder(private[0].path / "locks")
    folder.make(below=private[0].path)
    return folder
