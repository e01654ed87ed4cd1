"""Being somebody else for a moment: what a test does as another user of the machine, it does in a fork that becomes
that one.
"""

from __future__ import annotations

import os
import pickle
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

#: Two users that own nothing here; neither has to have a name.
ALICE, BOB = 54321, 54322

only_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="only root can become another user; in a container, or with sudo, these tests run",
)


def as_user(uid: int, work: Callable[[], Any], environment: dict[str, str] | None = None, umask: int = 0o022) -> Any:
    """Run `work` in a fork that has switched to a user with all ids and without root's groups; return its result.

    Parameters:
        uid: user id, also used as group id
        work: function whose result or exception is pickled
        environment: that user's own, instead of ours
        umask: of that user
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.umask(umask)
            os.environ.clear()
            os.environ.update({"HOME": "/nonexistent", "PATH": os.defpath, **(environment or {})})
            tempfile.tempdir = None
            outcome: tuple[bool, Any] = True, work()
        except BaseException:
            outcome = False, traceback.format_exc()
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(outcome, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        done = pipe.read()
    os.waitpid(pid, 0)
    worked, value = pickle.loads(done)
    assert worked, value
    return value


def own(path: Path, uid: int) -> Path:
    """Give a file, folder or link to a user."""
    os.chown(path, uid, uid, follow_symlinks=False)
    return path
