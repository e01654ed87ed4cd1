"""Exports into one directory, again and again: only what differs is written, and nothing of others is removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbx_as_code import PbxError
from pbx_as_code.config.export_folder import LISTED, store

FILES = {"pbx.yml": "pbx: {}\n", "departments/sales.yml": "users: []\n"}


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {LISTED}


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    assert [path for path, _, _ in store(tmp_path / "a", FILES, write=False)] == sorted(FILES)
    assert not (tmp_path / "a").exists()
    assert [path for path, _, _ in store(tmp_path / "a", FILES, write=True)] == sorted(FILES)
    assert names(tmp_path / "a") == set(FILES)
    assert store(tmp_path / "a", FILES, write=True) == []
    untouched = (tmp_path / "a" / "pbx.yml").stat().st_mtime_ns
    changed = store(tmp_path / "a", {**FILES, "departments/sales.yml": "queues: []\n"}, write=True)
    assert changed == [("departments/sales.yml", "users: []\n", "queues: []\n")]
    assert (tmp_path / "a" / "pbx.yml").stat().st_mtime_ns == untouched


def test_a_file_that_has_no_content_any_more_is_removed(tmp_path: Path) -> None:
    store(tmp_path, FILES, write=True)
    (tmp_path / "vars.yml").write_text("a: b\n")
    (tmp_path / "README.md").write_text("Ours.\n")
    left = {"pbx.yml": FILES["pbx.yml"]}
    assert store(tmp_path, left, write=False) == [("departments/sales.yml", "users: []\n", "")]
    assert "departments/sales.yml" in names(tmp_path)
    store(tmp_path, left, write=True)
    assert names(tmp_path) == {"pbx.yml", "vars.yml", "README.md"}
    assert store(tmp_path, left, write=True) == []


def test_what_no_export_wrote_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("users: []\n")
    with pytest.raises(PbxError, match=r"mine\.yml, which no export wrote here"):
        store(tmp_path, FILES, write=True)
    assert names(tmp_path) == {"mine.yml"}


def test_permissions_are_kept_and_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    store(tmp_path, FILES, write=True)
    (tmp_path / "pbx.yml").chmod(0o600)
    store(tmp_path, {**FILES, "pbx.yml": "pbx: {release: a}\n"}, write=True)
    assert (tmp_path / "pbx.yml").stat().st_mode & 0o777 == 0o600
    (tmp_path / "b").write_text("no directory")
    with pytest.raises(PbxError, match="cannot be written"):
        store(tmp_path / "b", FILES, write=True)
