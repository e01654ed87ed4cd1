"""The folder of the shared token on a machine with several users, some of them hostile.

Attacks run as another user, in a process of that user. Secrets and tokens are invented.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from threecx_xapi._token_store import store as token_store
from threecx_xapi._token_store.folder import Distrusted, PrivateFolder
from threecx_xapi._token_store.record import Record
from threecx_xapi._token_store.store import open_store

from tests.trust.token_files import IDENTITY, NEWER, TOKEN, file_store, mode
from tests.trust.users import ALICE, BOB, as_user, only_root, own

UMASKS = (0o000, 0o022, 0o077, 0o777)


@pytest.mark.parametrize("umask", UMASKS, ids="{:03o}".format)
@pytest.mark.parametrize("where", ["runtime", "cache", "home", "tmp"])
def test_modes_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int, where: str, shared_tmp: Path
) -> None:
    for name in ("XDG_RUNTIME_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "none"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(shared_tmp))
    home = tmp_path / where
    if where == "cache":
        monkeypatch.setenv("XDG_CACHE_HOME", str(home / "not" / "there"))
    elif where != "tmp":
        home.mkdir(mode=0o700)
        monkeypatch.setenv({"runtime": "XDG_RUNTIME_DIR", "home": "HOME"}[where], str(home))
    before = os.umask(umask)
    try:
        store = file_store()
        lock = store.try_lock()
        assert lock is not None
        store.write(Record(TOKEN))
        lock.release()
    finally:
        os.umask(before)
    files = [store.path, store.path.with_suffix(".lock"), store.path.with_name("key")]
    assert sorted(store.path.parent.iterdir()) == files
    assert {mode(path) for path in files} == {0o600}
    made = store.path.parent
    while made not in (home, shared_tmp, tmp_path):
        assert mode(made) == 0o700, "what was made on the way as well"
        made = made.parent
    assert open_store(IDENTITY, shared=True).read() == Record(TOKEN)


@only_root
@pytest.mark.parametrize("umask", UMASKS, ids="{:03o}".format)
def test_a_plain_user_can_use_what_it_made(shared_tmp: Path, umask: int) -> None:
    """Root may read everything: a mode without the owner's own bits does not show there."""
    home = shared_tmp / "alice"
    home.mkdir(mode=0o700)
    own(home, ALICE)

    def work() -> tuple[bool, bool, list[str]]:
        store = file_store()
        lock = store.try_lock()
        assert lock is not None
        store.write(Record(TOKEN))
        taken = open_store(IDENTITY, shared=True).try_lock() is None
        lock.release()
        again = open_store(IDENTITY, shared=True)
        return again.read() == Record(TOKEN), taken, sorted(token_store._warned)

    assert as_user(ALICE, work, {"HOME": str(home)}, umask) == (True, True, [])


@only_root
def test_two_users_of_one_machine_do_not_reach_each_others_token(shared_tmp: Path) -> None:
    """Both users have the same PBX, client id and secret, and share only the temporary folder."""
    environment = {"TMPDIR": str(shared_tmp)}

    def signs_in() -> str:
        store = file_store()
        assert store.read() == Record()
        store.write(Record(TOKEN))
        return str(store.path)

    def looks_for(path: str) -> Callable[[], list[str]]:
        folder = Path(path).parent
        attempts: dict[str, Callable[[], object]] = {
            "read": lambda: Path(path).read_bytes(),
            "list": lambda: os.listdir(folder),
            "write": lambda: Path(path).write_bytes(b"{}"),
            "lock": lambda: os.open(Path(path).with_suffix(".lock"), os.O_RDWR | os.O_CREAT),
            "ask": lambda: PrivateFolder(folder).read(Path(path).name, 1000),
            "link": lambda: os.link(path, shared_tmp / "mine"),
            "remove": lambda: os.unlink(path),
            "rename the folder": lambda: folder.rename(shared_tmp / "moved"),
        }

        def work() -> list[str]:
            worked = []
            for name, attempt in attempts.items():
                try:
                    attempt()
                except (PermissionError, Distrusted):
                    continue
                worked.append(name)
            return worked

        return work

    alices = as_user(ALICE, signs_in, environment, umask=0)
    bobs = as_user(BOB, signs_in, environment, umask=0)
    assert Path(alices).name != Path(bobs).name, "nobody can tell from the name that they have the same secret"
    assert Path(alices).parent != Path(bobs).parent
    assert as_user(BOB, looks_for(alices), environment) == []
    assert as_user(ALICE, looks_for(bobs), environment) == []
    assert len(as_user(ALICE, looks_for(alices), environment)) == 8, "its owner can do all of it"


@only_root
def test_root_does_not_use_what_a_user_has_left(shared_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As sudo leaves the environment: the folders of the user who called."""
    for name, variable in (("run", "XDG_RUNTIME_DIR"), ("home", "HOME")):
        (shared_tmp / name).mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(own(shared_tmp / name, ALICE)))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(shared_tmp))
    store = file_store()
    assert store.path.parent == shared_tmp / "threecx-xapi-0"
    assert [list((shared_tmp / name).iterdir()) for name in ("run", "home")] == [[], []]


def hostile_folder(tmp: Path) -> Path:
    return tmp / f"threecx-xapi-{ALICE}"


def a_folder(tmp: Path) -> None:
    hostile_folder(tmp).mkdir(mode=0o777)
    hostile_folder(tmp).chmod(0o777)


def a_private_folder(tmp: Path) -> None:
    hostile_folder(tmp).mkdir(mode=0o700)


def a_link_to_their_own(tmp: Path) -> None:
    (tmp / "theirs").mkdir(mode=0o777)
    hostile_folder(tmp).symlink_to(tmp / "theirs")


def a_link_to_one_of_the_victims(tmp: Path) -> None:
    hostile_folder(tmp).symlink_to(tmp / "victim")


def a_link_to_nothing(tmp: Path) -> None:
    hostile_folder(tmp).symlink_to(tmp / "nothing")


def a_file(tmp: Path) -> None:
    hostile_folder(tmp).touch(0o666)


def a_pipe(tmp: Path) -> None:
    os.mkfifo(hostile_folder(tmp), 0o666)


@only_root
@pytest.mark.parametrize(
    "plant",
    [
        a_folder,
        a_private_folder,
        a_link_to_their_own,
        a_link_to_one_of_the_victims,
        a_link_to_nothing,
        a_file,
        a_pipe,
    ],
)
def test_a_hostile_user_was_here_first(shared_tmp: Path, plant: Callable[[Path], None]) -> None:
    """A planted folder or file is not used: the token stays in memory, and a warning says why."""
    victims = shared_tmp / "victim"
    victims.mkdir(mode=0o700)
    own(victims, ALICE)
    as_user(BOB, lambda: plant(shared_tmp))
    before = sorted(path.name for path in shared_tmp.iterdir())

    def work() -> tuple[str, list[str]]:
        store = open_store(IDENTITY, shared=True)
        store.write(Record(TOKEN))
        lock = store.try_lock()
        assert lock is not None
        lock.release()
        assert store.read() == Record(TOKEN), "this process goes on with what it has"
        return type(store).__name__, sorted(token_store._warned)

    kind, warnings = as_user(ALICE, work, {"TMPDIR": str(shared_tmp)})
    assert kind == "MemoryStore"
    assert len(warnings) == 1
    assert "kept in memory only" in warnings[0]
    assert str(hostile_folder(shared_tmp)) in warnings[0]
    assert sorted(path.name for path in shared_tmp.iterdir()) == before
    assert list(shared_tmp.glob("**/*.json")) == []


@only_root
@pytest.mark.parametrize("how", ["theirs", "everybody's", "the group's", "a link of theirs"])
def test_a_way_that_somebody_else_can_turn(shared_tmp: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder above ours that others may write to: they could put another in its place at any time."""
    above = shared_tmp / "above"
    above.mkdir()
    if how == "a link of theirs":
        above.rmdir()
        (shared_tmp / "real").mkdir(mode=0o755)
        own(shared_tmp / "real", ALICE)
        as_user(BOB, lambda: above.symlink_to(shared_tmp / "real"))
    else:
        own(above, BOB if how == "theirs" else ALICE)
        above.chmod({"theirs": 0o777, "everybody's": 0o777, "the group's": 0o770}[how])
    home = above / "home"
    if how != "theirs":
        home.mkdir(mode=0o700)
        own(home, ALICE)

    def work() -> tuple[str, list[str]]:
        store = open_store(IDENTITY, shared=True)
        return str(getattr(store, "path", "")), sorted(token_store._warned)

    environment = {"XDG_CACHE_HOME": str(home), "TMPDIR": str(shared_tmp)}
    path, warnings = as_user(ALICE, work, environment)
    assert Path(path).parent == hostile_folder(shared_tmp), "the next place is taken"
    assert warnings == []
    assert not list(shared_tmp.glob("**/home/*"))


def test_a_link_of_our_own_on_the_way_is_ours_to_set(runtime: Path, tmp_path: Path) -> None:
    """A cache that its owner has moved to a larger disk."""
    (tmp_path / "disk").mkdir(mode=0o700)
    runtime.parent.rmdir()
    runtime.parent.symlink_to("disk")
    file_store().write(Record(TOKEN))
    assert list((tmp_path / "disk" / "threecx-xapi").glob("*.json"))


def test_links_in_a_circle(runtime: Path, tmp_path: Path) -> None:
    runtime.parent.rmdir()
    runtime.parent.symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(runtime.parent)
    with pytest.raises((OSError, Distrusted)):
        PrivateFolder(runtime).make(below=runtime.parent)


def test_a_folder_put_in_the_place_of_ours_later(runtime: Path, tmp_path: Path) -> None:
    """It was right when it was made; each time it is looked at again."""
    store = file_store()
    store.write(Record(TOKEN))
    runtime.rename(tmp_path / "away")
    (tmp_path / "trap").mkdir(mode=0o700)
    runtime.symlink_to(tmp_path / "trap")
    store.write(Record(NEWER))
    lock = store.try_lock()
    assert lock is not None
    lock.release()
    assert list((tmp_path / "trap").iterdir()) == []
    assert store.read() == Record(NEWER), "from memory"
