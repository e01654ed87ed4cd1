"""The lock and the journal of files when the disk or its permissions are in the way."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from pbx_as_code.config.applying import files
from pbx_as_code.config.applying.journal import interrupted
from pbx_as_code.config.lock import JOURNAL_FILE, LOCK_FILE, Lock, read_lock, write_lock
from pbx_as_code.config.nodes import ConfigError
from tests.config.applying import Site

OWNED = {("contact", ("One", None, None))}


@pytest.mark.parametrize("name", [LOCK_FILE, JOURNAL_FILE])
def test_nobody_is_told_to_delete_what_only_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    read_text = Path.read_text

    def refused(path: Path, *args: str, **options: str) -> str:
        if path.name == name:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read_text(path, *args, **options)

    write_lock(tmp_path, Lock("pbx.example.com", OWNED))
    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(ConfigError) as error:
        read_lock(tmp_path)
    (problem,) = error.value.problems
    assert str(problem) == f"{name}:1:1: It cannot be read: Permission denied."


def test_a_lock_that_cannot_be_replaced_stays_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_lock(tmp_path, Lock("pbx.example.com", OWNED))

    def full(path: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path), None, str(target))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left") as error:
        write_lock(tmp_path, Lock("pbx.example.com", set()))
    assert error.value.filename == str(tmp_path / LOCK_FILE)
    assert error.value.filename2 is None
    assert read_lock(tmp_path).owned == OWNED
    assert [path.name for path in tmp_path.iterdir()] == [LOCK_FILE]


def test_what_was_created_is_owned_even_if_the_lock_cannot_be_written_after_it(
    at: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Lock] = []

    def full(directory: Path, lock: Lock) -> None:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device", str(directory / LOCK_FILE))
        write_lock(directory, lock)
        written.append(lock)

    monkeypatch.setattr(files, "write_lock", full)
    with pytest.raises(OSError, match="No space left"):
        at.apply("contacts: [{last_name: One}]\n", tmp_path)
    assert read_lock(tmp_path).owned == OWNED
    assert interrupted(tmp_path)


def test_a_damaged_journal_counts_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    (tmp_path / JOURNAL_FILE).write_bytes(
        b'{"apply": {}}\n5\n{"begun": 1}\n\xff\xfe\n'
        b'{"begun": 2, "doing": "create", "kind": "contact", "identity": ["One", null, null]}\n{"begun": 3, "do'
    )
    assert read_lock(tmp_path).owned == OWNED
    assert interrupted(tmp_path) == ["create contact One / None / None"]
