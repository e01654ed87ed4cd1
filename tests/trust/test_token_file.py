"""The shared token's file: replaced in one step, and neither believed nor followed if somebody else made it."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest
from threecx_xapi._token_store import store as token_store
from threecx_xapi._token_store.record import Record
from threecx_xapi._token_store.store import FileStore, open_store

from tests.trust.token_files import IDENTITY, NEWER, PLANTED, TOKEN, file_store, mode, planted


def test_it_is_replaced_in_one_step(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it is looked at, there is a whole record: the old one or the new one."""
    store = file_store()
    store.write(Record(TOKEN))
    seen: list[Record] = []
    write, replace = os.write, os.replace

    def in_pieces(descriptor: int, content: bytes) -> int:
        seen.append(file_store().read())
        return write(descriptor, content[:7])

    def then(old: str, new: str, **folders: int) -> None:
        seen.append(file_store().read())
        replace(old, new, **folders)
        seen.append(file_store().read())

    monkeypatch.setattr(os, "write", in_pieces)
    monkeypatch.setattr(os, "replace", then)
    store.write(Record(NEWER))
    assert len(seen) > 10
    assert seen == [Record(TOKEN)] * (len(seen) - 1) + [Record(NEWER)]


@pytest.mark.parametrize("how", PLANTED)
def test_what_is_planted_is_neither_believed_nor_followed(runtime: Path, elsewhere: Path, how: str) -> None:
    store = file_store()
    store.write(Record(TOKEN))
    planted(how, store.path, elsewhere)
    before = elsewhere.read_bytes() if elsewhere.exists() else None
    fresh = file_store()
    assert fresh.read() == Record()
    assert len(token_store._warned) == 1
    fresh.write(Record(NEWER))
    assert mode(store.path) == 0o600
    assert stat.S_ISREG(store.path.lstat().st_mode)
    assert file_store().read() == Record(NEWER), "replaced by one of our own"
    assert (elsewhere.read_bytes() if elsewhere.exists() else None) == before


def test_a_folder_of_that_name(runtime: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = file_store()
    store.path.mkdir(mode=0o700)
    assert store.read() == Record()
    store.write(Record(TOKEN))
    assert "cannot be shared" in caplog.text
    assert store.read() == Record(TOKEN), "from memory"


def test_a_token_of_another_pbx_in_its_place(runtime: Path) -> None:
    """A file says what it is bound to: renamed, it does not send one PBX's token to another."""
    other = open_store(("https://evil.example", *IDENTITY[1:]), shared=True)
    assert isinstance(other, FileStore)
    ours = file_store()
    ours.write(Record(TOKEN))
    os.link(ours.path, other.path)
    ours.path.unlink()
    assert other.read() == Record()


def test_a_file_exchanged_while_it_is_read(runtime: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at it and its opening; and between opening and reading it is the open one that counts."""
    store = file_store()
    store.write(Record(TOKEN))
    elsewhere.write_bytes(store.path.read_bytes())
    elsewhere.chmod(0o600)
    original = os.open

    def quick(path: str, flags: int, *args: int, **how: int) -> int:
        if path == store.path.name:
            store.path.unlink()
            store.path.symlink_to(elsewhere)
        return original(path, flags, *args, **how)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", quick)
        assert file_store().read() == Record()
    store.write(Record(TOKEN))
    replaced = os.read

    def replacing(descriptor: int, size: int) -> bytes:
        monkeypatch.setattr(os, "read", replaced)
        file_store().write(Record(NEWER))
        return replaced(descriptor, size)

    reader = file_store()
    monkeypatch.setattr(os, "read", replacing)
    assert reader.read() == Record(TOKEN), "the old one, whole"
    assert file_store().read() == Record(NEWER)


def test_what_a_killed_process_left_is_swept_away(runtime: Path) -> None:
    store = file_store()
    left, under_way, foreign = (
        runtime / name for name in (f".{store.path.name}.1.2.3", f".{store.path.name}.4.5.6", ".other.json.1.2.3")
    )
    for path in (left, under_way, foreign):
        path.write_text("invented-token")
        path.chmod(0o600)
    for path in (left, foreign):
        os.utime(path, (1, 1))
    store.write(Record(TOKEN))
    assert sorted(path.name for path in runtime.iterdir()) == sorted(
        [store.path.name, under_way.name, foreign.name, "key"]
    )


def test_the_warning_names_the_place_and_not_the_secret(runtime: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = file_store()
    store.write(Record(TOKEN))
    store.path.chmod(0o604)
    file_store().read()
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert str(store.path) in record.message
    assert "invented" not in caplog.text
