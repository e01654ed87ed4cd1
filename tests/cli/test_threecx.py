"""The command `threecx`: its exit statuses, its output, where the connection comes from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from pbx_as_code.cli.main import _COMMANDS
from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx


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


def test_every_command_has_help(threecx: Threecx) -> None:
    listed = threecx("--help").out
    for command in _COMMANDS:
        assert (threecx(command, "--help").status, command in listed) == (0, True)


def test_an_export_validates_and_a_second_one_changes_nothing(
    shared_pbx: SimulatedPbx, threecx: Threecx, tmp_path: Path
) -> None:
    directory = tmp_path / "acme"
    done = threecx("export", str(directory), pbx=shared_pbx)
    assert done.status == 0
    assert all(line.startswith("Left out, because") for line in done.err.splitlines())
    assert (directory / "departments" / "sales.yml").is_file()
    assert shared_pbx.client_secret not in "".join(path.read_text() for path in directory.rglob("*.yml"))
    assert threecx("validate", str(directory)).status == 0
    again = threecx("export", str(directory), pbx=shared_pbx)
    assert again.status == 0
    assert "0 values adopted, 0 objects added, 0 removed" in again.out


def test_variables_alone_are_no_files_to_adopt_into(shared_pbx: SimulatedPbx, threecx: Threecx, tmp_path: Path) -> None:
    (tmp_path / "vars.yml").write_text("site: Berlin\n")
    done = threecx("export", str(tmp_path), pbx=shared_pbx)
    assert (done.status, "files." in done.out, "adopted" in done.out) == (0, True, False)
    assert "identity: " in (tmp_path / "pbx.yml").read_text()
    assert (tmp_path / "defaults.yml").is_file()
    assert (tmp_path / "vars.yml").read_text() == "site: Berlin\n"


def test_plan_and_drift_say_by_their_status_whether_anything_differs(
    shared_pbx: SimulatedPbx, threecx: Threecx, tmp_path: Path
) -> None:
    directory = tmp_path / "acme"
    threecx("export", str(directory), pbx=shared_pbx)
    for command in ("plan", "drift"):
        done = threecx(command, str(directory), pbx=shared_pbx)
        assert (done.status, done.err) == (0, "")
        assert "0 to create, 0 to change, 0 to remove, 0 impossible" in done.out
    (directory / "more.yml").write_text("groups:\n- {name: Warehouse}\n")
    assert threecx("plan", str(directory), pbx=shared_pbx).status == 2
    reports = {name: tmp_path / f"drift.{name}" for name in ("html", "junit", "markdown")}
    options = [part for name, path in reports.items() for part in (f"--{name}", str(path))]
    done = threecx("drift", str(directory), "--json", *options, pbx=shared_pbx)
    assert done.status == 2
    assert [one["identity"] for one in done.json["operations"]] == [["Warehouse"]]
    for path in reports.values():
        assert "Warehouse" in path.read_text()
    (directory / "more.yml").write_text("users:\n- {number: '100', primary_group: Nowhere}\n")
    assert threecx("plan", str(directory), pbx=shared_pbx).status == 1
    (directory / "more.yml").write_text("usrs: []\n")
    done = threecx("plan", str(directory), pbx=shared_pbx)
    assert (done.status, "more.yml:1:1" in done.err) == (1, True)


def test_validation_names_places(threecx: Threecx, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("users:\n- numbr: 100\n")
    done = threecx("validate", str(tmp_path))
    assert done.status == 1
    assert done.out.startswith("a.yml:2:3: ")
    listed = threecx("validate", str(tmp_path), "--json").error["problems"]
    assert {"file": "a.yml", "line": 2, "column": 3}.items() <= listed[0].items()


def test_objects_are_shown_in_four_ways(shared_pbx: SimulatedPbx, threecx: Threecx) -> None:
    assert "Moreno" in threecx("get", "users", pbx=shared_pbx).out
    assert len(threecx("get", "users", "--filter", "Number eq '100'", "--json", pbx=shared_pbx).json) == 1
    assert threecx("get", "user", "-o", "csv", "--limit", "1", pbx=shared_pbx).out.count("\n") == 2
    assert 'number: "100"' in threecx("get", "users", "-o", "yaml", pbx=shared_pbx).out
    assert "mail_address" in threecx("get", "mail_settings", pbx=shared_pbx).out
    wrong = threecx("get", "usrs", pbx=shared_pbx)
    assert (wrong.status, "did you mean users or user?" in wrong.err) == (1, True)


def test_a_profile_names_a_pbx_and_a_command_that_prints_the_secret(
    shared_pbx: SimulatedPbx, threecx: Threecx, tmp_path: Path
) -> None:
    (tmp_path / "threecx").mkdir()
    command = json.dumps([sys.executable, "-c", f"print({shared_pbx.client_secret!r})"])
    (tmp_path / "threecx" / "config.toml").write_text(
        f'[profiles.acme]\nurl = "{shared_pbx.url}"\nclient_id = "{shared_pbx.client_id}"\nclient_secret_command = '
        f"{command}\n"
        "[profiles.wrong]\nclient_secret = 'invented'\n"
    )
    done = threecx("get", "users", "--json", "--profile", "acme", XDG_CONFIG_HOME=str(tmp_path))
    assert len(done.json) == 9
    refused = threecx("get", "users", "--profile", "wrong", XDG_CONFIG_HOME=str(tmp_path))
    assert refused.status == 1
    assert "takes no client_secret" in refused.err
    assert "invented" not in refused.err


def test_a_failure_is_one_line_and_status_1(shared_pbx: SimulatedPbx, threecx: Threecx) -> None:
    assert threecx("get", "users").err.startswith("Error: No PBX is named.")
    done = threecx("get", "users", pbx=shared_pbx, THREECX_CLIENT_SECRET="invented")
    assert done.status == 1
    assert done.err.startswith("Error: ")
    assert "Traceback" not in done.err
    assert threecx("no-such-command").status == 1


def test_the_command_works_as_a_process(shared_pbx: SimulatedPbx) -> None:
    """Standard output and the exit status reach the shell."""
    given = {"THREECX_HOST": shared_pbx.url, "THREECX_CLIENT_ID": "900", "THREECX_CLIENT_SECRET": "invented"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("THREECX_")} | given
    command = [str(Path(sys.executable).with_name("threecx")), "get", "users", "--json"]
    for secret, status in (("invented", 1), (shared_pbx.client_secret, 0)):
        done = subprocess.run(
            command, env=environment | {"THREECX_CLIENT_SECRET": secret}, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        found = json.loads(done.stdout)
        assert (done.returncode, "error" in found) == (status, bool(status)), done.stderr
