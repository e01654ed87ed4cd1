"""The shared token's file on a machine with several users, some of them hostile.

Attacks run as another user, in a process of that user. Secrets and tokens are invented.
"""

from __future__ import annotations

import fcntl
import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from threecx_xapi._request.secret import Secret
from threecx_xapi._token_store import store as token_store
from threecx_xapi._token_store.folder import Distrusted, PrivateFolder
from threecx_xapi._token_store.record import Record
from threecx_xapi._token_store.store import FileStore, MemoryStore, Store, open_store
from threecx_xapi.tokens import Token

from tests.trust.users import ALICE, BOB, as_user, only_root, own

IDENTITY = ("https://pbx.example.com", "client_credentials", "900", "invented")
TOKEN = Token(Secret("invented-token"), 2e9, 2e9)
NEWER = Token(Secret("invented-newer-token"), 2e9, 2e9)
UMASKS = (0o000, 0o022, 0o077, 0o777)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def file_store() -> FileStore:
    store = open_store(IDENTITY, shared=True)
    assert isinstance(store, FileStore), token_store._warned
    return store


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the token, which is not made yet, in the user's own runtime folder."""
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
    return run / "threecx-xapi"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere"


# --- how it is made ---------------------------------------------------------------------------------------------------


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


# --- two users --------------------------------------------------------------------------------------------------------


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


# --- the token's file -------------------------------------------------------------------------------------------------


def planted(how: str, path: Path, elsewhere: Path) -> None:
    """Something else in the place of a file."""
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


# --- the lock ---------------------------------------------------------------------------------------------------------


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


# --- token_cache: false -----------------------------------------------------------------------------------------------


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


def test_the_warning_names_the_place_and_not_the_secret(runtime: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = file_store()
    store.write(Record(TOKEN))
    store.path.chmod(0o604)
    file_store().read()
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert str(store.path) in record.message
    assert "invented" not in caplog.text
