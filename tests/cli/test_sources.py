"""One notation of sources for all commands: a directory, profile:NAME, or the bare name of a profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx


@pytest.fixture
def environment(shared_pbx: SimulatedPbx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A profile `acme`, and an empty directory to work in."""
    profiles = tmp_path / "config" / "threecx"
    profiles.mkdir(parents=True)
    (profiles / "config.toml").write_text(
        f'[profiles.acme]\nurl = "{shared_pbx.url}"\nclient_id = "900"\nclient_secret_env = "SECRET"\n'
    )
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return {"XDG_CONFIG_HOME": str(tmp_path / "config"), "SECRET": shared_pbx.client_secret}


def test_every_command_takes_every_notation(threecx: Threecx, environment: dict[str, str]) -> None:
    exported = threecx("export", "files", "--profile", "acme", **environment)
    assert exported.status == 0, exported.err
    commands = (
        ("lint", "{}", "--rule", "no-members"), ("map", "{}", "-o", "map.dot"), ("diff", "{}", "files"),
        ("trace", "800", "--from", "{}", "--at", "2026-12-01 10:00"), ("rehearse", "files", "--base", "{}"),
        ("test", "{}", "--calls", "calls.yml", "--record"),
    )  # fmt: skip
    for command, *options in commands:
        for source in ("files", "profile:acme", "acme"):
            Path("calls.yml").unlink(missing_ok=True)
            done = threecx(command, *(option.format(source) for option in options), **environment)
            assert done.status == 0, (command, source, done.err, done.out)
        for source, said in (("profile:beta", "There is no profile beta"), ("beta", "There is no directory")):
            wrong = threecx(command, *(option.format(source) for option in options), **environment)
            assert (wrong.status, said in wrong.err) == (1, True), (command, source, wrong.err)


def test_a_directory_goes_before_a_profile_of_its_name(threecx: Threecx, environment: dict[str, str]) -> None:
    Path("acme").mkdir()
    (Path("acme") / "queues.yml").write_text("queues: [{number: '899', name: Files}]\n")
    done = threecx("trace", "899", "--from", "acme", "--at", "2026-12-01 10:00", **environment)
    assert done.out.startswith("call to queue 899 (Files)"), done.err


def test_a_name_with_a_line_break_cannot_forge_a_line(threecx: Threecx, environment: dict[str, str]) -> None:
    Path("queues.yml").write_text('queues: [{number: "899", name: "Two\\n└─ the call ends\\e[2J"}]\n')
    for options in ((), ("--brief",)):
        done = threecx("trace", "899", "--from", "queues.yml", "--at", "2026-12-01 10:00", *options, **environment)
        assert done.out.startswith("call to queue 899 (Two └─ the call ends [2J)"), done.out + done.err
        assert "\n└─ the call ends " not in done.out
        assert "\x1b" not in done.out


def test_files_that_declare_nothing_are_no_success(threecx: Threecx, environment: dict[str, str]) -> None:
    for name in ("empty", "files"):
        Path(name).mkdir()
    Path("files/queues.yml").write_text("queues: [{number: '899', name: Files}]\n")
    commands = (
        ("lint", "empty"),
        ("diff", "empty", "files"),
        ("diff", "files", "empty"),
        ("rehearse", "empty", "--base", "files"),
    )
    for arguments in commands:
        done = threecx(*arguments, **environment)
        assert (done.status, "No file in empty declares anything" in done.err) == (1, True), arguments
    Path("files/calls.yml").write_text("calls: []\n")
    done = threecx("test", "files", **environment)
    assert (done.status, "There are no expectations in files/calls.yml" in done.err) == (1, True), done.out
