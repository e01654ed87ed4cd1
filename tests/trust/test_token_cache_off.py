"""Clients with `token_cache: false`, which remove their own token's file and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from threecx_xapi._token_store.record import Record
from threecx_xapi._token_store.store import FileStore, MemoryStore, Store, open_store

from tests.trust.token_files import IDENTITY, TOKEN, file_store, planted
from tests.trust.users import ALICE, BOB, as_user, only_root, own


def kinds() -> list[Store]:
    return [open_store(IDENTITY, shared=False) for _ in range(2)]


def test_token_cache_off_removes_the_file_and_makes_none(runtime: Path) -> None:
    assert all(isinstance(store, MemoryStore) for store in kinds())
    assert not runtime.exists(), "not even the folder"
    store, others = file_store(), open_store((*IDENTITY[:3], "another"), shared=True)
    lock = store.try_lock()
    assert lock is not None
    lock.release()
    for one in (store, others):
        one.write(Record(TOKEN))
    [memory, _] = kinds()
    assert memory.read() == Record(), "what was there is not read"
    assert isinstance(others, FileStore)
    assert {path.name for path in runtime.iterdir()} == {others.path.name, "key"}, "the others' is left alone"


@pytest.mark.parametrize("how", ["link", "hard link", "pipe", "open to all"])
def test_token_cache_off_follows_nothing(runtime: Path, elsewhere: Path, how: str) -> None:
    store = file_store()
    store.write(Record(TOKEN))
    planted(how, store.path, elsewhere)
    before = elsewhere.read_bytes() if elsewhere.exists() else None
    kinds()
    assert [path.name for path in runtime.iterdir()] == ["key"]
    assert (elsewhere.read_bytes() if elsewhere.exists() else None) == before


def test_token_cache_off_leaves_a_lock_to_who_has_it(runtime: Path) -> None:
    store = file_store()
    store.write(Record(TOKEN))
    lock = store.try_lock()
    assert lock is not None
    kinds()
    assert {path.suffix for path in runtime.iterdir() if path.name != "key"} == {".lock"}
    assert store.try_lock() is None
    lock.release()


@only_root
def test_token_cache_off_removes_nothing_of_others(shared_tmp: Path) -> None:
    environment = {"TMPDIR": str(shared_tmp), "XDG_CACHE_HOME": str(shared_tmp / "alice")}
    (shared_tmp / "alice").mkdir(mode=0o755)
    own(shared_tmp / "alice", ALICE)

    def writes() -> str:
        store = file_store()
        store.write(Record(TOKEN))
        return str(store.path)

    path = as_user(ALICE, writes, environment)
    assert as_user(BOB, lambda: len(kinds()), environment) == 2
    assert Path(path).exists()
    kinds()  # as root, whose environment names another folder
    assert Path(path).exists()
