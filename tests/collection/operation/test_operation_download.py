"""A download is stored completely, and only at the given path."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path

import pytest

from pbx_as_code.engine.operation import download as _download
from pbx_as_code.errors import PbxError

NEW = b"new bytes\x00\xff"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def store(dest: Path | str, suggested: str | None = None, permissions: int | None = None) -> _download.Stored:
    return _download.store(str(dest), suggested, io.BytesIO(NEW), permissions, write=True)


@pytest.mark.parametrize(
    ("suggested", "name"),
    [
        ("users.csv", "users.csv"),
        ("Aufnahme \u00e4.wav", "Aufnahme \u00e4.wav"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", None),
        (".", None),
        ("", None),
        (None, None),
        ("a/", None),
        (".bashrc", "bashrc"),
        ("a\0b\nc\x1b[1m.txt", "a_b_c_[1m.txt"),
        ("C:evil?*.txt", "C_evil__.txt"),
        ("x" * 300 + ".zip", "x" * 196 + ".zip"),
        ("\u00e4" * 300, "\u00e4" * 100),
    ],
)
def test_a_suggested_name_is_a_plain_one(suggested: str | None, name: str | None) -> None:
    assert _download.safe_name(suggested) == name


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    stored = store(tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == NEW
    assert mode(tmp_path / "f") == 0o600
    assert (stored.changed, stored.before, stored.size) == (True, None, len(NEW))
    assert stored.checksum == hashlib.sha256(NEW).hexdigest()


def test_an_older_file_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    (tmp_path / "f").chmod(0o644)
    store(tmp_path / "f")
    assert ((tmp_path / "f").read_bytes(), mode(tmp_path / "f")) == (NEW, 0o644)


def test_permissions_alone_are_a_change(tmp_path: Path) -> None:
    store(tmp_path / "f", permissions=0o640)
    before = (tmp_path / "f").stat()
    assert mode(tmp_path / "f") == 0o640
    assert not store(tmp_path / "f", permissions=0o640).changed
    assert not store(tmp_path / "f").changed
    only_told = _download.store(str(tmp_path / "f"), None, io.BytesIO(NEW), 0o600, write=False)
    assert (only_told.changed, mode(tmp_path / "f")) == (True, 0o640)
    assert store(tmp_path / "f", permissions=0o600).changed
    assert mode(tmp_path / "f") == 0o600
    assert (tmp_path / "f").stat().st_ino == before.st_ino, "the bytes stayed where they were"


def test_the_same_bytes_are_not_written(tmp_path: Path) -> None:
    store(tmp_path / "f")
    os.utime(tmp_path / "f", (1, 1))
    assert not store(tmp_path / "f").changed
    assert (tmp_path / "f").stat().st_mtime == 1


def test_a_folder_gets_the_suggested_name(tmp_path: Path) -> None:
    assert store(tmp_path, "../../users.csv").path == str(tmp_path.resolve() / "users.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["users.csv"]
    with pytest.raises(PbxError, match="suggests no name"):
        store(tmp_path, "..")


def test_a_link_of_the_suggested_name_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.write_bytes(NEW)
    outside.chmod(0o644)
    folder.mkdir()
    (folder / "users.csv").symlink_to(outside)
    stored = store(folder, "users.csv")
    assert (stored.changed, stored.before) == (True, None), "what it leads to is not looked at"
    assert not (folder / "users.csv").is_symlink()
    assert mode(folder / "users.csv") == 0o600
    (folder / "users.csv").write_text("mine")
    assert outside.read_bytes() == NEW


def test_a_link_that_was_given_is_followed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert store(tmp_path / "link").path == str((tmp_path / "file").resolve())
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == NEW
    (tmp_path / "folder").mkdir()
    (tmp_path / "to-folder").symlink_to(tmp_path / "folder")
    assert store(tmp_path / "to-folder", "f").path == str((tmp_path / "folder" / "f").resolve())


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PbxError, match="No space left on device") as raised:
        store(tmp_path / "f")
    assert raised.value.target == "dest"
    assert (tmp_path / "f").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"], "nothing is left behind"


def test_a_folder_of_the_suggested_name(tmp_path: Path) -> None:
    (tmp_path / "users.csv").mkdir()
    with pytest.raises(PbxError, match="is a folder"):
        store(tmp_path, "users.csv")


def test_what_is_refused_beforehand(tmp_path: Path) -> None:
    for dest in ("", "a\0b", f"{tmp_path}/missing/", f"{tmp_path}/missing/f"):
        with pytest.raises(PbxError) as raised:
            _download.check(dest, None)
        assert raised.value.target == "dest"
    for wrong in ("u=rw", "0999", "", True, 1.5, -1, 0o10000, [6]):
        with pytest.raises(PbxError) as raised:
            _download.check(str(tmp_path), wrong)
        assert raised.value.target == "mode"
    assert [_download.check(str(tmp_path), given) for given in ("0640", "640", 0o640, None)] == [
        0o640,
        0o640,
        0o640,
        None,
    ]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(PbxError, match="is no file"):
        _download.store(str(pipe), None, io.BytesIO(b"x"), None, write=True)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
