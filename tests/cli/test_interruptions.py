"""Readers that end, directories that cannot be written, disks that are full: one message, and nothing half done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.cli import applying
from pbx_as_code.config.lock import JOURNAL_FILE, LOCK_FILE
from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx

USERS = "users:\n" + "".join(f'- {{number: "390{n}", first_name: A, last_name: B}}\n' for n in range(4))
_FULL = OSError(28, "No space left on device", "acme")


def _users(simulated: SimulatedPbx) -> int:
    return sum(str(row["Number"]).startswith("390") for row in simulated.entities("Users"))


@pytest.mark.parametrize("failure", [BrokenPipeError(), OSError(28, "No space left on device")])
def test_an_apply_goes_on_if_nobody_reads_about_it(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: OSError
) -> None:
    (tmp_path / "a.yml").write_text(USERS)
    dropped: list[bool] = []

    def ended(_fate: object) -> None:
        if not dropped:
            raise failure

    monkeypatch.setattr(applying, "_said", ended)
    monkeypatch.setattr(applying, "without_reader", lambda: dropped.append(True))
    assert threecx("apply", str(tmp_path), "--yes", pbx=simulated).status == 0
    assert _users(simulated) == 4
    assert dropped == [True]
    assert not (tmp_path / JOURNAL_FILE).exists()


def test_a_reader_that_ends_before_the_first_write_prevents_it(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yml").write_text(USERS)

    def ended(_plan: object) -> str:
        raise BrokenPipeError

    monkeypatch.setattr("pbx_as_code.config.reporting.report.text", ended)
    monkeypatch.setattr("pbx_as_code.cli.output.without_reader", lambda: None)
    done = threecx("apply", str(tmp_path), "--yes", pbx=simulated)
    assert done.status == 1
    assert done.err == "Nothing was written to the PBX: the reader of the plan has ended.\n"
    assert _users(simulated) == 0


def test_a_reader_that_ends_is_no_failure_of_ours(shared_pbx: SimulatedPbx) -> None:
    account = {"THREECX_HOST": shared_pbx.url, "THREECX_CLIENT_ID": shared_pbx.client_id}
    environment = {**os.environ, **account, "THREECX_CLIENT_SECRET": shared_pbx.client_secret}
    reading, writing = os.pipe()
    os.close(reading)
    command = [str(Path(sys.executable).with_name("threecx")), "get", "users"]
    done = subprocess.run(command, env=environment, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_file_that_finds_no_room_is_named(threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(USERS)
    for option in ("--out", "--markdown"):
        done = threecx("plan", str(tmp_path), option, "/dev/full", pbx=shared_pbx)
        assert (done.status, done.err) == (1, "Error: /dev/full: No space left on device\n")
    done = threecx("drift", str(tmp_path), "--html", "/dev/full", "--json", pbx=shared_pbx)
    assert done.error["message"] == "/dev/full: No space left on device"


def test_a_command_without_standard_output_has_a_status_only(
    threecx: Threecx, shared_pbx: SimulatedPbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", None)  # as Python sets it for `threecx get users >&-`
    assert threecx("get", "users", pbx=shared_pbx).status == 0


def test_a_full_disk_ends_an_apply_with_what_was_done(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yml").write_text(USERS)
    written: list[object] = []

    def sync(_handle: int) -> None:
        written.append(_handle)
        if len(written) == 4:  # the plan, an operation that began and ended, and the next one
            raise _FULL

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", sync)
        done = threecx("apply", str(tmp_path), "--yes", "--parallel", "1", pbx=simulated)
    assert done.status == 1
    assert "acme: No space left on device: 1 of 4 operations are done" in done.err
    assert "Run the same command again" in done.err
    assert _users(simulated) == 1
    assert threecx("apply", str(tmp_path), "--yes", pbx=simulated).status == 0
    assert _users(simulated) == 4


def test_a_directory_that_cannot_be_recorded_in_is_told_before_the_first_write(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path
) -> None:
    (tmp_path / "a.yml").write_text(USERS)
    (tmp_path / LOCK_FILE).mkdir()
    done = threecx("apply", str(tmp_path), "--yes", "--json", pbx=simulated)
    assert done.error["kind"] in ("file", "files", "usage")
    assert "Traceback" not in done.err
    assert _users(simulated) == 0


def test_an_export_that_cannot_be_written_leaves_nothing(
    threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    shared_pbx.clear_log()
    done = threecx("export", str(tmp_path / "file" / "acme"), "--json", pbx=shared_pbx)
    assert "file is a file. Name a directory." in done.error["message"]
    assert not [one for one in shared_pbx.requests if "/Users" in one.path], "it is refused before the PBX is read"

    write = Path.write_bytes

    def full(self: Path, content: bytes) -> int:
        if self.name == "trunks.yml":
            raise OSError(28, "No space left on device", str(self))
        return write(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    done = threecx("export", str(tmp_path / "new" / "acme"), pbx=shared_pbx)
    assert done.status == 1
    [line] = done.err.splitlines()
    assert "trunks.yml cannot be written: No space left on device. No file was kept." in line
    assert not (tmp_path / "new").exists()


def test_parts_of_a_directory_that_cannot_be_read_do_not_pass_for_deleted_ones(
    threecx: Threecx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yml").write_text(USERS)
    (tmp_path / "departments").mkdir()
    (tmp_path / "sales.yml").symlink_to(tmp_path / "nowhere.yml")
    access = os.access

    def denied(path: Any, mode: int, **more: Any) -> bool:
        return Path(path).name != "departments" and access(path, mode, **more)

    monkeypatch.setattr(os, "access", denied)
    done = threecx("validate", str(tmp_path), "--json")
    assert [(one["file"], one["message"]) for one in done.error["problems"]] == [
        ("departments", "This directory cannot be read."),
        ("sales.yml", "This is a link to a file that is missing."),
    ]
