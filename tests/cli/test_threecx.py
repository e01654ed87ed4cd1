"""The command `threecx` as people run it: its exit statuses, its output, where the connection comes from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedPbx]:
    with SimulatedPbx() as running:
        yield running


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("THREECX_")}
    return subprocess.run(
        [sys.executable, "-c", "from pbx_as_code.cli.main import main; main()", *arguments],
        capture_output=True,
        text=True,
        env={**kept, "COLUMNS": "120", **environment},
        timeout=120,
        check=False,
    )


def connection(simulated: SimulatedPbx) -> dict[str, str]:
    return {
        "THREECX_HOST": simulated.url,
        "THREECX_CLIENT_ID": simulated.client_id,
        "THREECX_CLIENT_SECRET": simulated.client_secret,
    }


def test_help_and_completion_import_neither_the_client_nor_a_command() -> None:
    checks = (
        "import sys; from pbx_as_code.cli import main as m; "
        "import atexit; atexit.register(lambda: print([n for n in sys.modules if n in ('httpx', 'rich', 'yaml') "
        "or n.startswith('pbx_as_code.cli.commands')])); m.main()"
    )
    for arguments, environment in (
        (["--help"], {}),
        ([], {"_THREECX_COMPLETE": "bash_complete", "COMP_WORDS": "threecx ex", "COMP_CWORD": "1"}),
    ):
        done = subprocess.run(
            [sys.executable, "-c", checks.replace("m.main()", f"m.main({arguments or None})")],
            capture_output=True, text=True, env={**os.environ, **environment}, check=False,
        )  # fmt: skip
        assert "export" in done.stdout, done.stderr
        assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_has_help() -> None:
    for command in ("api", "drift", "export", "get", "plan", "schema", "validate", "version"):
        done = run(command, "--help")
        assert done.returncode == 0
        assert command in run("--help").stdout


def test_an_export_validates_and_a_second_one_changes_nothing(simulated: SimulatedPbx, tmp_path: Path) -> None:
    directory = tmp_path / "acme"
    done = run("export", str(directory), **connection(simulated))
    assert done.returncode == 0
    assert all(line.startswith("Left out, because") for line in done.stderr.splitlines())
    assert (directory / "departments" / "sales.yml").is_file()
    assert simulated.client_secret not in "".join(path.read_text() for path in directory.rglob("*.yml"))
    assert run("validate", str(directory)).returncode == 0
    again = run("export", str(directory), **connection(simulated))
    assert again.returncode == 0
    assert "0 values adopted, 0 objects added, 0 removed" in again.stdout


def test_plan_and_drift_say_by_their_status_whether_anything_differs(simulated: SimulatedPbx, tmp_path: Path) -> None:
    directory, given = tmp_path / "acme", connection(simulated)
    run("export", str(directory), **given)
    for command in ("plan", "drift"):
        done = run(command, str(directory), **given)
        assert (done.returncode, done.stderr) == (0, "")
        assert "0 to create, 0 to change, 0 to remove, 0 impossible" in done.stdout
    (directory / "more.yml").write_text("groups:\n- {name: Warehouse}\n")
    assert run("plan", str(directory), **given).returncode == 2
    reports = {name: tmp_path / f"drift.{name}" for name in ("html", "junit", "markdown")}
    options = [part for name, path in reports.items() for part in (f"--{name}", str(path))]
    done = run("drift", str(directory), "--json", *options, **given)
    assert done.returncode == 2
    assert [one["identity"] for one in json.loads(done.stdout)["operations"]] == [["Warehouse"]]
    for path in reports.values():
        assert "Warehouse" in path.read_text()
    (directory / "more.yml").write_text("users:\n- {number: '100', primary_group: Nowhere}\n")
    assert run("plan", str(directory), **given).returncode == 1
    (directory / "more.yml").write_text("usrs: []\n")
    done = run("plan", str(directory), **given)
    assert (done.returncode, "more.yml:1:1" in done.stderr) == (1, True)


def test_validation_names_places(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("users:\n- numbr: 100\n")
    done = run("validate", str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.startswith("a.yml:2:3: ")
    listed = json.loads(run("validate", str(tmp_path), "--json").stdout)["error"]["problems"]
    assert {"file": "a.yml", "line": 2, "column": 3}.items() <= listed[0].items()


def test_objects_are_shown_in_four_ways(simulated: SimulatedPbx) -> None:
    given = connection(simulated)
    assert "Moreno" in run("get", "users", **given).stdout
    assert len(json.loads(run("get", "users", "--filter", "Number eq '100'", "--json", **given).stdout)) == 1
    assert run("get", "user", "-o", "csv", "--limit", "1", **given).stdout.count("\n") == 2
    assert 'number: "100"' in run("get", "users", "-o", "yaml", **given).stdout
    assert "mail_address" in run("get", "mail_settings", **given).stdout
    wrong = run("get", "usrs", **given)
    assert (wrong.returncode, "did you mean users or user?" in wrong.stderr) == (1, True)


def test_a_profile_names_a_pbx_and_a_command_that_prints_the_secret(simulated: SimulatedPbx, tmp_path: Path) -> None:
    (tmp_path / "threecx").mkdir()
    command = json.dumps([sys.executable, "-c", f"print({simulated.client_secret!r})"])
    (tmp_path / "threecx" / "config.toml").write_text(
        f'[profiles.acme]\nurl = "{simulated.url}"\nclient_id = "{simulated.client_id}"\nclient_secret_command = '
        f"{command}\n"
        "[profiles.wrong]\nclient_secret = 'invented'\n"
    )
    done = run("get", "users", "--json", "--profile", "acme", XDG_CONFIG_HOME=str(tmp_path))
    assert len(json.loads(done.stdout)) == 9
    refused = run("get", "users", "--profile", "wrong", XDG_CONFIG_HOME=str(tmp_path))
    assert refused.returncode == 1
    assert "takes no client_secret" in refused.stderr
    assert "invented" not in refused.stderr


def test_a_failure_is_one_line_and_status_1(simulated: SimulatedPbx) -> None:
    assert run("get", "users").stderr.startswith("Error: No PBX is named.")
    given = {**connection(simulated), "THREECX_CLIENT_SECRET": "invented"}
    done = run("get", "users", **given)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert run("no-such-command").returncode == 1
