"""Failures with --json are one JSON object, whatever fails; progress and completion stay out of the way."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pbx_as_code.cli.failures import as_json, wants_json
from pbx_as_code.errors import NotFound, Unreachable
from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx

_PROGRAM = "from pbx_as_code.cli.main import main; main()"
_READING = (("plan", "DIR"), ("drift", "DIR"), ("export", "NEW"), ("get", "users"), ("api", "ListUser"))


@pytest.mark.parametrize("command", _READING, ids=[command[0] for command in _READING])
def test_a_failure_is_one_json_object(threecx: Threecx, tmp_path: Path, command: tuple[str, str]) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.yml").write_text("users: [{number: '100'}]\n")
    places = {"DIR": str(tmp_path / "files"), "NEW": str(tmp_path / "new")}
    arguments = [places.get(word, word) for word in command]
    nobody = {"THREECX_CLIENT_ID": "900", "THREECX_CLIENT_SECRET": "invented"}
    error = threecx(*arguments, "--json", "--url", "http://127.0.0.1:9", **nobody).error
    assert (error["kind"], error["status"], error["in_doubt"]) == ("unreachable", None, False)
    with SimulatedPbx() as pbx:
        refused = threecx(*arguments, "--json", pbx=pbx, THREECX_CLIENT_SECRET="canary-0a1b").error
        assert refused["kind"] == "sign_in_refused"
        assert "canary-0a1b" not in str(refused)
        pbx.fail(r".*", status=403, times=None)
        assert threecx(*arguments, "--json", pbx=pbx).error["status"] == 403
    assert threecx(*arguments, "--json").error["kind"] == "usage"
    assert threecx(*arguments, "--json", "--no-such-option").error["kind"] == "usage"


def test_problems_of_files_have_places(threecx: Threecx, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("usrs: []\nusers: [{numbr: 1}]\n")
    nobody = {"THREECX_CLIENT_ID": "900", "THREECX_CLIENT_SECRET": "invented"}
    for command in ("validate", "plan", "drift"):
        given = nobody if command != "validate" else {}
        url = () if command == "validate" else ("--url", "http://127.0.0.1:9")
        error = threecx(command, str(tmp_path), "--json", *url, **given).error
        assert error["kind"] == "files"
        assert [(one["file"], one["line"], one["column"]) for one in error["problems"]][:2] == [
            ("a.yml", 1, 1), ("a.yml", 2, 9),
        ]  # fmt: skip


def test_a_file_that_cannot_be_written_is_one_line(threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = threecx("export", str(tmp_path / "file" / "acme"), "--include", "parkings", pbx=shared_pbx)
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert done.err.endswith("is a file. Name a directory.\n")
    error = threecx("export", str(tmp_path / "file" / "acme"), "--include", "parkings", "--json", pbx=shared_pbx).error
    assert error["kind"] == "bad_option"


def test_a_bug_is_json_too_and_keeps_its_traceback(threecx: Threecx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.python_version", lambda: 1 / 0)
    done = threecx("version", "--json")
    assert done.error["kind"] == "internal"
    assert "ZeroDivisionError" in done.err
    assert "Traceback" in threecx("version").err


@pytest.mark.parametrize("arguments", [("validate", "nowhere", "--json"), ("get", "nothing", "-o", "json")])
@pytest.mark.parametrize("target", ["closed", "/dev/full"])
def test_a_failure_that_cannot_be_printed_ends_the_command(arguments: tuple[str, ...], target: str) -> None:
    if target == "closed":
        reading, output = os.pipe()
        os.close(reading)
    else:
        output = os.open(target, os.O_WRONLY)
    nobody = {"THREECX_HOST": "http://127.0.0.1:9", "THREECX_CLIENT_ID": "900", "THREECX_CLIENT_SECRET": "invented"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments], stdout=output, stderr=subprocess.PIPE, text=True, timeout=60,
        env={**os.environ, **nobody}, check=False,
    )  # fmt: skip
    os.close(output)
    assert (done.returncode, done.stderr) == (1, "" if target == "closed" else "Error: No space left on device\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("apply", "DIR"), "Without a terminal, --yes is needed"),
        (("api", "UpdateUser", "-f", "Id=1", "--write", "--input", "-"), "JSON"),
    ],
)
def test_closed_standard_input_is_an_empty_one(
    simulated: SimulatedPbx, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "a.yml").write_text("users: [{number: '777', first_name: A}]\n")
    here = {
        "THREECX_HOST": simulated.url, "THREECX_CLIENT_ID": simulated.client_id,
        "THREECX_CLIENT_SECRET": simulated.client_secret,
    }  # fmt: skip
    words = [str(tmp_path) if word == "DIR" else word for word in arguments]
    command = ["sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-c", _PROGRAM, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **here}, check=False)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_kinds_of_failures_have_the_names_of_their_classes() -> None:
    assert as_json(NotFound("x", status=404))["error"]["kind"] == "not_found"
    assert as_json(Unreachable("x", in_doubt=True))["error"]["in_doubt"] is True
    for arguments, wanted in (
        (["get", "users", "-o", "json"], True), (["get", "-ojson", "users"], True), (["get", "--output=json"], True),
        (["api", "X", "--output", "json"], False), (["get", "users"], False), (["plan", "x", "--json"], True),
    ):  # fmt: skip
        assert wants_json(arguments) is wanted


def test_progress_is_shown_on_terminals_only(shared_pbx: SimulatedPbx) -> None:
    environment = {
        **os.environ, "THREECX_HOST": shared_pbx.url, "THREECX_CLIENT_ID": shared_pbx.client_id,
        "THREECX_CLIENT_SECRET": shared_pbx.client_secret, "TERM": "xterm",
    }  # fmt: skip
    command = [sys.executable, "-c", _PROGRAM, "get", "users", "--json"]
    reading, terminal = pty.openpty()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, env=environment, timeout=120, check=True)
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(reading, 4096):
            shown += piece
    except OSError:
        pass
    finally:
        os.close(reading)
    assert b"objects of 1 kind read" in shown
    assert done.stdout.startswith(b"[")
    quiet = subprocess.run(command, capture_output=True, env=environment, timeout=120, check=True)
    assert (quiet.stderr, quiet.stdout) == (b"", done.stdout)


def test_bash_completes_commands_operations_and_kinds(tmp_path: Path) -> None:
    """With the script that `threecx` writes for bash, in bash."""
    program = tmp_path / "threecx"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{_PROGRAM}' \"$@\"\n")
    program.chmod(0o700)
    script = """
        eval "$(_THREECX_COMPLETE=bash_source threecx)"
        COMP_WORDS=($1 $2 $3) COMP_CWORD=$(( $# - 1 ))
        _threecx_completion threecx
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    for words, expected in (
        (("threecx", "ap"), ["api"]),
        (("threecx", "api", "listuser"), ["ListUser"]),
        (("threecx", "get", "mail_s"), ["mail_settings"]),
    ):
        done = subprocess.run(
            ["bash", "--norc", "-c", script, "bash", *words],
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
        )
        assert set(expected) <= set(done.stdout.split()), (words, done.stdout, done.stderr)


def test_completion_of_operations_and_kinds_imports_no_client() -> None:
    code = (
        "import sys, atexit; heavy = ('httpx', 'attrs', 'rich', 'yaml'); "
        f"atexit.register(lambda: print([name for name in heavy if name in sys.modules])); {_PROGRAM}"
    )
    for words in ("threecx api List", "threecx get us", "threecx plan --include us"):
        place = str(len(words.split()) - 1)
        environment = {"_THREECX_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": place}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **environment}, timeout=60,
            check=False,
        )  # fmt: skip
        assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
        assert len(done.stdout.splitlines()) > 1


def test_files_that_declare_nothing_are_no_agreement(
    threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("")
    for command in ("plan", "drift", "validate"):
        error = threecx(command, str(tmp_path), "--json", pbx=shared_pbx).error
        assert "declares anything" in error["message"]
    (tmp_path / "standard.yml").write_text("defaults: {users: {language: EN}}\n")
    assert threecx("validate", str(tmp_path)).out == f"{tmp_path}: 0 objects and settings, no problem.\n"
