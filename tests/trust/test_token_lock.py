"""The lock of the shared token: planted, removed, inherited by a fork, left by a killed process."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

import pytest

from tests.trust.token_files import PLANTED, file_store, mode, planted


@pytest.mark.parametrize("how", [*PLANTED, "folder"])
def test_a_lock_that_was_planted(runtime: Path, elsewhere: Path, how: str) -> None:
    """The planted file is neither followed nor truncated, and the lock still works."""
    elsewhere.write_text("precious")
    store = file_store()
    path = store.path.with_suffix(".lock")
    if how == "folder":
        path.mkdir()
    else:
        planted(how, path, elsewhere)
    before = elsewhere.read_bytes() if elsewhere.exists() else None
    lock = store.try_lock()
    assert lock is not None
    if how not in ("folder", "huge"):  # no harm in either: the lock of a folder is kept in memory, and nobody reads one
        assert stat.S_ISREG(path.lstat().st_mode)
        assert mode(path) == 0o600
        assert path.stat().st_size == 0
        assert file_store().try_lock() is None
    lock.release()
    assert (elsewhere.read_bytes() if elsewhere.exists() else None) == before


def test_a_lock_removed_by_others_keeps_nobody_out(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that locked a replaced file tries again with the current one."""
    store = file_store()
    path = store.path.with_suffix(".lock")
    original = fcntl.flock
    removed: list[int] = []

    def quick(descriptor: int, operation: int) -> None:
        if not removed:
            path.unlink()
            removed.append(descriptor)
        original(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", quick)
    lock = store.try_lock()
    assert lock is not None
    assert removed
    assert path.exists()
    assert file_store().try_lock() is None
    lock.release()


def test_a_fork_does_not_keep_the_lock(runtime: Path) -> None:
    """A worker forked while another thread signs in has the open file too, and may live for hours."""
    store = file_store()
    lock = store.try_lock()
    assert lock is not None
    go_on, wait = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(wait)
        os.read(go_on, 1)
        lock.release()  # as the end of an inherited generator does it: the parent's lock is not touched
        os._exit(0)
    os.close(go_on)
    assert store.try_lock() is None
    os.set_inheritable(wait, False)
    lock.release()
    again = store.try_lock()
    assert again is not None, "released by its owner, although its fork is alive"
    os.close(wait)
    assert os.waitpid(pid, 0)[1] == 0
    assert store.try_lock() is None, "the fork has not released it"
    again.release()


def test_the_lock_of_a_process_that_was_killed_is_free(runtime: Path) -> None:
    store = file_store()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        lock = store.try_lock()
        grandchild = os.fork()  # outlives its parent, and does not keep its lock
        if grandchild == 0:
            os.read(reading, 1)
            os._exit(0)
        os.write(writing, b"." if lock else b"!")
        os._exit(0)
    os.waitpid(pid, 0)
    lock = store.try_lock()
    assert lock is not None
    lock.release()
    os.write(writing, b"..")
    os.close(reading)
    os.close(writing)
