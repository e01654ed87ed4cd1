"""Races between two steps: another worker signs in, a file is replaced, a process dies."""

from __future__ import annotations

import fcntl
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from threecx_xapi import errors
from threecx_xapi._token_store.folder import Distrusted, PrivateFolder
from threecx_xapi._token_store.record import Record
from threecx_xapi.auth import is_token
from threecx_xapi.deadline import time_limit
from threecx_xapi.tokens import issued

from tests.client.fake_pbx import FakePbx, Make


class CutOff(httpx.SyncByteStream):
    """A body that is cut off after a few bytes."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"the beginning of a long one"
        raise httpx.ReadError("cut off")


def test_a_download_sent_again_leaves_nothing_of_the_first_one(make: Make, fake: FakePbx, naps: list[float]) -> None:
    fake.answers = [httpx.Response(200, stream=CutOff()), httpx.Response(200, content=b"short")]
    into = io.BytesIO(b"head:")
    into.seek(5)
    make().download("/Recordings", into)
    assert into.getvalue() == b"head:short"
    assert len(naps) == 1


def test_four_refused_tokens_are_enough(make: Make, fake: FakePbx) -> None:
    """Each of them is a newer one of another worker, which a stranger ends at once."""
    client = make()
    client.request("GET", "/Users")
    store = client._session.sign_in.store

    def refuse(_request: httpx.Request) -> httpx.Response:
        fake.live = f"newer-{len(fake.requests)}"
        store.write(Record(token=issued(fake.live, lifetime=3600, now=time.time())))
        return httpx.Response(401)

    fake.answers = [refuse] * 9
    with pytest.raises(errors.SignInFailed, match="Another program has probably signed in with the same client id"):
        client.request("GET", "/Defs")
    assert len([line for line in fake.lines if line == "GET /Defs"]) == 4
    assert fake.sign_ins == 1


def test_a_token_that_came_just_before_the_lock_is_used(
    make: Make, fake: FakePbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, client = make(), make()
    store = client._session.sign_in.store
    lock = store.try_lock

    def late() -> Any:
        other.request("GET", "/Defs")
        return lock()

    monkeypatch.setattr(store, "try_lock", late)
    client.request("GET", "/Defs")
    assert fake.sign_ins == 1


def test_a_token_that_came_while_waiting_for_the_lock_is_used(
    make: Make, fake: FakePbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, client = make(), make()
    held = client._session.sign_in.store.try_lock()
    assert held is not None

    def nap(_seconds: float) -> None:
        held.release()
        other.request("GET", "/Defs")

    monkeypatch.setattr(client, "_sleep", nap)
    client.request("GET", "/Defs")
    assert fake.sign_ins == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_of_the_sign_in_beyond_the_deadline_is_not_begun(
    make: Make, fake: FakePbx, naps: list[float], status: int
) -> None:
    fake.sign_in_answers = [httpx.Response(status, headers={"Retry-After": "50"})]
    with time_limit(10), pytest.raises(errors.XapiError, match="throttled for another 50 s"):
        make().request("GET", "/Defs")
    assert naps == []
    assert len(fake.requests) == 1


@pytest.fixture
def folder(tmp_path: Path) -> PrivateFolder:
    made = PrivateFolder(tmp_path / "private")
    made.make()
    return made


def at_open(monkeypatch: pytest.MonkeyPatch, name: str, act: Any) -> None:
    """Do something between the look at a file and its opening, once."""
    original = os.open
    done: list[Any] = []

    def opening(path: Any, flags: int, *args: Any, **options: Any) -> int:
        if path == name and not flags & os.O_EXCL and not done:
            done.append(path)
            act()
        return original(path, flags, *args, **options)

    monkeypatch.setattr(os, "open", opening)


@pytest.mark.parametrize("change", ["opened to others", "linked"])
def test_a_file_changed_between_the_look_and_the_opening(
    folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: str
) -> None:
    folder.write("file", b"content")
    path = folder.path / "file"
    at_open(
        monkeypatch,
        "file",
        lambda: path.chmod(0o644) if change == "opened to others" else os.link(path, tmp_path / "other"),
    )
    with pytest.raises(Distrusted):
        folder.read("file", 100)


def test_a_lock_changed_between_the_look_and_the_opening(
    folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = folder.lock("lock")
    assert first is not None
    first.release()
    path = folder.path / "lock"
    at_open(monkeypatch, "lock", lambda: path.chmod(0o666))
    held = folder.lock("lock")
    assert held is not None
    assert path.stat().st_mode & 0o777 == 0o600, "it is another file"
    held.release()


def test_a_lock_removed_while_it_was_obtained_keeps_nobody_out(
    folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = fcntl.flock
    done: list[int] = []

    def removed(descriptor: int, operation: int) -> None:
        if not done:
            done.append(descriptor)
            (folder.path / "lock").unlink()
        original(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", removed)
    held = folder.lock("lock")
    assert held is not None
    assert os.fstat(held._descriptor).st_ino == (folder.path / "lock").stat().st_ino
    assert folder.lock("lock") is None
    held.release()


def test_a_fork_of_a_fork_closes_no_file_of_its_own(folder: PrivateFolder) -> None:
    """After the fork released the lock, the descriptor of its parent's lock belongs to another file."""
    lock = folder.lock("lock")
    assert lock is not None
    fork = os.fork()
    if fork == 0:
        status = 1
        try:
            os.dup2(os.open(os.devnull, os.O_RDONLY), lock._descriptor)
            second = os.fork()
            if second == 0:
                status = 0 if os.fstat(lock._descriptor) else 1
            else:
                status = os.waitstatus_to_exitcode(os.waitpid(second, 0)[1])
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
    lock.release()


def test_a_lock_does_not_outlive_its_process_in_a_fork(folder: PrivateFolder) -> None:
    """The process that holds it dies, and a fork of it lives on."""
    ready, end = os.pipe(), os.pipe()
    holder = os.fork()
    if holder == 0:
        if folder.lock("lock") is not None and os.fork() == 0:  # the fork: lives until it is told to end
            os.close(end[1])
            os.write(ready[1], b"x")
            os.read(end[0], 1)
        os._exit(0)
    os.close(end[0])
    try:
        assert os.read(ready[0], 1) == b"x"
        os.waitpid(holder, 0)
        held = folder.lock("lock")
        assert held is not None
        held.release()
    finally:
        os.close(end[1])
        for descriptor in ready:
            os.close(descriptor)


@pytest.mark.parametrize("text", ["", "a b", " a", "a\n", "a\r\nX: y", "a\tb", "\u00fc", "a\x7f", "\x00"])
def test_what_is_no_token(text: str) -> None:
    assert not is_token(text)
    assert is_token("a.b-c_d~e+f/g=")
