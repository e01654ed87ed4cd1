"""The file of the shared token: who may read it, and what it takes to be believed."""

from __future__ import annotations

import json
import logging
import os
import stat
from pathlib import Path

import pytest
from threecx_xapi._request.secret import Secret
from threecx_xapi._token_store import store as token_store
from threecx_xapi._token_store.record import Record, Refusal
from threecx_xapi._token_store.store import FileStore, MemoryStore, open_store
from threecx_xapi.tokens import Token

# No part is made of hexadecimal digits alone: a digest would contain "900" by chance, one time in a hundred.
IDENTITY = ("https://pbx.example.com", "client_credentials", "console", "invented")
TOKEN = Token(Secret("invented-token"), 2e9, 2e9)


@pytest.fixture(autouse=True)
def forget_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_store, "_warned", set())


@pytest.fixture
def store(runtime_dir: Path) -> FileStore:
    found = open_store(IDENTITY, shared=True)
    assert isinstance(found, FileStore)
    assert found.path.parent == runtime_dir
    return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_modes_whatever_the_umask(runtime_dir: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(IDENTITY, shared=True)
        store.write(Record(TOKEN))
        lock = store.try_lock()
        assert lock is not None
        assert mode(runtime_dir) == 0o700
        assert {mode(path) for path in runtime_dir.iterdir()} == {0o600}
        lock.release()
    finally:
        os.umask(before)


def test_round_trip(store: FileStore) -> None:
    assert store.read() == Record()
    for record in (Record(TOKEN), Record(refusal=Refusal(1.5, 61.5, "digest", "m", "r", 401)), Record()):
        store.write(record)
        assert open_store(IDENTITY, shared=True).read() == record


def test_nothing_is_left_lying_about(store: FileStore, runtime_dir: Path) -> None:
    for _ in range(3):
        store.write(Record(TOKEN))
    assert {path.name for path in runtime_dir.iterdir()} == {store.path.name, "key"}


def test_the_name_tells_nothing(store: FileStore) -> None:
    for part in IDENTITY:
        assert part not in store.path.name


def test_the_secret_is_not_in_the_file(store: FileStore) -> None:
    store.write(Record(TOKEN))
    assert "invented-token" in store.path.read_text()
    assert set(json.loads(store.path.read_text())) == {"version", "for", "token", "refusal"}


@pytest.mark.parametrize("one", range(4))
def test_one_file_each(store: FileStore, one: int) -> None:
    other = list(IDENTITY)
    other[one] += "x"
    found = open_store(other, shared=True)
    assert isinstance(found, FileStore)
    assert found.path != store.path


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"version": 4, "for": "NAME", "token": null, "refusal": null}',
        b'{"version": 1, "for": "NAME", "token": {"value": "x", "renew_at": 9e9, "expires_at": 9e9, "issued_at": 1}'
        b', "refusal": null}',
        b'{"version": 3, "token": {"value": "x", "renew_at": 9e9, "expires_at": 9e9, "issued_at": 1}, "refusal": null}',
        b'{"version": 3, "for": "other", "token": {"value": "x", "renew_at": 9e9, "expires_at": 9e9, "issued_at": 1}'
        b', "refusal": null}',
        b'{"version": 3, "for": "NAME"}',
        b'{"version": 3, "for": "NAME", "token": 5, "refusal": null}',
        b'{"version": 3, "for": "NAME", "token": {"value": "x"}, "refusal": null}',
        *(
            b'{"version": 3, "for": "NAME", "token": {"value": "x", "renew_at": %s, "expires_at": 1, "issued_at": 1}'
            b', "refusal": null}' % at
            for at in (b'"a"', b"true", b"null", b"NaN", b"Infinity", b"1" + b"0" * 400, b"1" * 5000)
        ),
        *(
            b'{"version": 3, "for": "NAME", "token": {"value": %s, "renew_at": 9e9, "expires_at": 9e9, "issued_at": 1}'
            b', "refusal": null}' % value
            for value in (b"5", b'""', b'"a b"', b'"a\\r\\nX-Injected: b"', b"null", b"[]")
        ),
        b'{"version": 3, "for": "NAME", "token": null, "refusal": {"no": 1}}',
        b'{"version": 3, "for": "NAME", "token": null, '
        b'"refusal": {"at": "x", "until": 1, "credentials": "", "message": "", "reason": "", "status": 1}}',
        b'{"version": 3, "for": "NAME", "token": null, '
        b'"refusal": {"at": 1, "until": 1, "credentials": "", "message": 5, "reason": "", "status": 1}}',
        b"\xff" * 100,
        b"[" * 60_000,
        b"x" * 200_000,
    ],
)
def test_a_damaged_file_is_as_good_as_none(store: FileStore, content: bytes) -> None:
    store.path.write_bytes(content.replace(b"NAME", store.path.stem.encode()))
    store.path.chmod(0o600)
    assert store.read() == Record()
    store.write(Record(TOKEN))
    assert store.read() == Record(TOKEN)


def test_a_file_open_to_others_is_not_believed(store: FileStore, caplog: pytest.LogCaptureFixture) -> None:
    store.write(Record(TOKEN))
    store.path.chmod(0o640)
    fresh = open_store(IDENTITY, shared=True)
    assert fresh.read() == Record()
    assert fresh.read() == Record()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]  # once
    assert "accessible to other users" in caplog.text
    fresh.write(Record(TOKEN))  # replaced by one of our own
    assert mode(store.path) == 0o600
    assert open_store(IDENTITY, shared=True).read() == Record(TOKEN)


def test_a_link_is_not_followed(store: FileStore, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    store.write(Record(TOKEN))
    os.replace(store.path, target)
    store.path.symlink_to(target)
    before = target.read_bytes()
    fresh = open_store(IDENTITY, shared=True)
    assert fresh.read() == Record()
    fresh.write(Record(TOKEN._replace(value=Secret("newer"))))
    assert target.read_bytes() == before
    assert not store.path.is_symlink()


def test_a_fifo_does_not_hang(store: FileStore) -> None:
    os.mkfifo(store.path, 0o600)
    assert store.read() == Record()


def test_a_foreign_file_is_not_believed(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(Record(TOKEN))
    fresh = open_store(IDENTITY, shared=True)
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert fresh.read() == Record()


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """None of the usual folders, but one below tmp_path, which the caller spoils."""
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "no-home"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    return tmp_path / f"threecx-xapi-{os.geteuid()}"


def test_the_folder_of_last_resort(nowhere: Path) -> None:
    store = open_store(IDENTITY, shared=True)
    assert isinstance(store, FileStore)
    assert store.path.parent == nowhere
    assert mode(nowhere) == 0o700


def test_the_cache_folder(nowhere: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "no-home").mkdir()
    store = open_store(IDENTITY, shared=True)
    assert isinstance(store, FileStore)
    assert tmp_path / "no-home" in store.path.parents
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = open_store(IDENTITY, shared=True)
    assert isinstance(store, FileStore)
    assert store.path.parent == tmp_path / "cache" / "threecx-xapi"


@pytest.mark.parametrize("spoil", ["open", "link", "file", "foreign"])
def test_a_folder_not_to_be_trusted(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, spoil: str
) -> None:
    if spoil == "open":
        nowhere.mkdir()
        nowhere.chmod(0o755)
    elif spoil == "link":
        (tmp_path / "target").mkdir(mode=0o700)
        nowhere.symlink_to(tmp_path / "target")
    elif spoil == "file":
        nowhere.touch()
    else:
        nowhere.mkdir(mode=0o700)
        mine = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
        nowhere.rename(tmp_path / f"threecx-xapi-{mine + 1}")
    for _ in range(2):
        assert isinstance(open_store(IDENTITY, shared=True), MemoryStore)
    assert len(caplog.records) == 1
    assert "kept in memory only" in caplog.text


def test_a_runtime_folder_of_somebody_else_is_passed_over(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As sudo leaves it: XDG_RUNTIME_DIR of the user who called."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(theirs))
    stat_of = os.lstat

    def stat_as_seen(path: Path) -> os.stat_result:
        found = list(stat_of(path))
        if path == theirs:
            found[stat.ST_UID] += 1
        return os.stat_result(found)

    monkeypatch.setattr(os, "lstat", stat_as_seen)
    store = open_store(IDENTITY, shared=True)
    assert isinstance(store, FileStore)
    assert store.path.parent == nowhere
    assert list(theirs.iterdir()) == []


def test_a_disk_that_is_full(
    store: FileStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_args: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    store.write(Record(TOKEN))
    assert "No space left" in caplog.text
    assert store.read() == Record(TOKEN)  # this process goes on with what it has
    assert [path.name for path in store.path.parent.iterdir()] == ["key"]


def test_a_file_system_that_writes_in_pieces(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that got only the beginning would be as good as none, and every process would sign in."""
    original = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: original(descriptor, content[:10]))
    store.write(Record(TOKEN))
    assert open_store(IDENTITY, shared=True).read() == Record(TOKEN)


@pytest.mark.parametrize("shared", [True, False])
def test_the_lock_holds(shared: bool) -> None:
    store = open_store(IDENTITY, shared=shared)
    lock = store.try_lock()
    assert lock is not None
    assert store.try_lock() is None
    lock.release()
    again = store.try_lock()
    assert again is not None
    again.release()


def test_a_fork_does_not_inherit_a_held_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore("name", "pbx")
    assert store.try_lock() is not None
    assert store.try_lock() is None
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert store.try_lock() is not None
