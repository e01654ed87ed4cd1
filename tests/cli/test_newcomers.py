"""The first hour with the command: every problem at once, its own options in messages, Ctrl-C, broken profiles."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

import pbx_as_code.engine
from pbx_as_code.cli import applying
from pbx_as_code.cli.failures import for_commands
from pbx_as_code.config.lock import JOURNAL_FILE
from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx

USERS = "users:\n" + "".join(
    f"- {{number: '{number}', first_name: New, groups: [{{group: DEFAULT}}], primary_group: DEFAULT}}\n"
    for number in range(390, 394)
)


def test_every_problem_is_said_in_one_run(threecx: Threecx, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "pbx: {complete: [groups]}\ngroups: [{name: Sales}]\n"
        "users:\n- {number: '100', mobil: '1', primary_group: Saless}\n- {number: '100'}\n"
    )
    problems = threecx("validate", str(tmp_path), "--json").error["problems"]
    assert [one["line"] for one in problems] == [4, 4, 5]
    assert {"did you mean mobile" in one["message"] for one in problems} == {True, False}
    (tmp_path / "b.yml").write_text("groups: [")  # the department may stand in it
    problems = threecx("validate", str(tmp_path), "--json").error["problems"]
    assert not any("Saless" in one["message"] for one in problems)


def test_a_schema_is_json_with_and_without_the_option(threecx: Threecx) -> None:
    schema = threecx("schema", "--json").json
    assert schema == threecx("schema").json
    assert "every object" in schema["properties"]["pbx"]["properties"]["complete"]["description"]


def test_an_undeclared_object_of_a_complete_kind_is_drift(
    threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path
) -> None:
    (tmp_path / "a.yml").write_text("queues: [{number: '800'}]\nparkings: [{number: SP1}]\n")
    assert threecx("drift", str(tmp_path), pbx=shared_pbx).status == 0
    (tmp_path / "pbx.yml").write_text("pbx: {complete: [parkings]}\n")
    done = threecx("drift", str(tmp_path), "--json", pbx=shared_pbx)
    assert (done.status, done.json["undeclared"], done.json["differs"]) == (2, True, False)
    assert threecx("plan", str(tmp_path), pbx=shared_pbx).status == 0
    reports = {name: tmp_path / f"drift.{name}" for name in ("html", "junit", "markdown")}
    written = [part for name, path in reports.items() for part in (f"--{name}", str(path))]
    said = "pbx.complete has parkings, but the files do not declare parking SP2"
    assert said in threecx("drift", str(tmp_path), *written, pbx=shared_pbx).out
    suite = ElementTree.fromstring(reports["junit"].read_text())
    cases = {case.get("name"): [outcome.tag for outcome in case] for case in suite}
    assert cases["parking SP2"] == ["failure"]
    assert cases["parking SP1"] == []
    assert (suite.get("failures"), suite.get("tests")) == (str(len(cases) - 2), str(len(cases)))
    page = reports["html"].read_text()
    assert "parking SP2</td>" in page
    assert "Nothing that was compared differs" not in page
    assert "Unmanaged and kept" not in page.partition("parking SP2")[0]
    assert said in reports["markdown"].read_text().replace("\\", "")


def test_messages_name_the_options_of_the_command(threecx: Threecx) -> None:
    nobody = {"THREECX_CLIENT_ID": "900", "THREECX_CLIENT_SECRET": "invented"}
    message = threecx("get", "users", "--json", "--url", "http://127.0.0.1:9", **nobody).error["message"]
    assert "Check --url" in message
    names = ("api_client", "host_port", "validate_certs", "ca_path", "task_deadline", "request_timeout")
    folder = Path(next(iter(pbx_as_code.engine.__path__)))
    texts = [
        node.value
        for name in ("report/failures.py", "access/pbx.py", "access/target.py")
        for node in ast.walk(ast.parse((folder / name).read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    ]
    assert sum(any(name in text for name in names) for text in texts) > 5
    assert [text for text in map(for_commands, texts) if any(name in text for name in names)] == []


def test_results_of_operations_are_worded_for_the_command(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path
) -> None:
    (tmp_path / "a.yml").write_text(USERS.splitlines(keepends=True)[0] + USERS.splitlines(keepends=True)[1])
    for status, said in ((400, "Correct the value and run the command again"), (500, "run the command again")):
        simulated.fail(r"/xapi/v1/Users$", status=status, method="POST")
        done = threecx("apply", str(tmp_path), "--yes", pbx=simulated)
        assert said in done.out
        simulated.fail(r"/xapi/v1/Users$", status=status, method="POST")
        (fate,) = threecx("apply", str(tmp_path), "--yes", "--json", pbx=simulated).json["fates"]
        assert said in fate["why"]
        assert " task" not in done.out + fate["why"]
    modules = {
        "Read it again with threecx_website_link_info, then retry.": "with `threecx get website_link`, then",
        "the module threecx_ai_settings_info needs 20.0.10": "the kind ai_settings needs",
        "removed while this task was running": "while this command was",
        "User Task force could not be created": "User Task force could",
    }
    assert all(expected in for_commands(text) for text, expected in modules.items())


def test_empty_variables_are_unset(threecx: Threecx, shared_pbx: SimulatedPbx) -> None:
    names = ("TOKEN_CACHE", "VALIDATE_CERTS", "CA_PATH", "PROFILE", "PORT")
    done = threecx("get", "users", pbx=shared_pbx, **{f"THREECX_{name}": "" for name in names})
    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("profiles = 1", "[profiles.acme]"),
        ("[profiles]\nacme = 1", "profiles.acme is no table; write its keys below the line [profiles.acme]."),
        ("", "; add it below the line [profiles.acme]."),
        ("\ufeff[profiles.beta]", "; there are: beta."),
        ("[profiles.acme]\nurl = 1", "url of the profile acme is a text"),
        ("[profiles.acme]\nvalidate_certs = 'no'", "validate_certs of the profile acme is true or false"),
        ("[profiles.acme]\nclient_secret_command = 'pass'", "is a list of texts"),
        ("[profiles.acme\n", "cannot be read"),
    ],
)
def test_a_malformed_profile_is_one_message(threecx: Threecx, tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "threecx").mkdir()
    (tmp_path / "threecx" / "config.toml").write_text(content)
    done = threecx("get", "users", "--profile", "acme", XDG_CONFIG_HOME=str(tmp_path))
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert said in done.err
    assert "config.toml" in done.err


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('client_secret_env = "NOWHERE"', "no client secret in the environment variable NOWHERE"),
        ('client_secret_command = ["true"]', "no client secret in the output of client_secret_command (true)"),
        ('client_secret_command = ["no-such-program"]', "there is no program no-such-program"),
        ('client_secret_command = ["sh", "-c", "echo invented; exit 3"]', "sh ended with 3"),
        ('client_secret_command = ["printf", "\\\\377"]', "printed no UTF-8"),
        ('client_secret_command = ["printf", "\\\\ninvented\\\\nlogin: 900"]', ""),
        ('client_secret_command = ["true"]\nkeyring = true', "exclude each other"),
        ("keyring = true", "The keyring cannot be read: No recommended backend"),
    ],
)
def test_the_secret_of_a_profile_that_is_named_comes_from_nowhere_else(
    threecx: Threecx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, said: str
) -> None:
    """The secret of the environment may be that of another PBX."""
    offered: list[str] = []

    class KeyringError(Exception):
        pass

    def password(*_: str) -> str:
        raise KeyringError("No recommended backend was available.\nInstall one.")

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=password))
    monkeypatch.setitem(sys.modules, "keyring.errors", SimpleNamespace(KeyringError=KeyringError))
    monkeypatch.setattr("threecx_xapi.XapiClient", lambda *_, client_secret, **__: offered.append(client_secret))
    (tmp_path / "threecx").mkdir()
    (tmp_path / "threecx" / "config.toml").write_text(
        f'[profiles.acme]\nurl = "http://127.0.0.1:9"\nclient_id = "900"\n{source}\n'
    )
    here = {"XDG_CONFIG_HOME": str(tmp_path), "THREECX_CLIENT_SECRET": "of-another-pbx"}
    done = threecx("get", "users", "--profile", "acme", **here)
    if not said:
        assert offered == ["invented"]  # the first line that is not empty
        return
    assert (done.status, offered, done.err.count("\n")) == (1, [], 1)
    assert said in done.err
    assert "acme" in done.err


def test_ctrl_c_says_what_was_done_and_keeps_the_journal(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yml").write_text(USERS)
    pressed: list[bool] = []

    def press(_fate: object) -> None:
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(applying, "_said", press)
        done = threecx("apply", str(tmp_path), "--yes", "--parallel", "1", pbx=simulated)
    assert done.status == 130
    (line,) = [line for line in done.err.splitlines() if line]
    assert line.startswith("Interrupted: 1 of 4 operations are done")
    assert (tmp_path / JOURNAL_FILE).exists()
    rest = threecx("apply", str(tmp_path), "--yes", pbx=simulated)
    assert rest.status == 0
    assert "interrupted" in rest.err
    assert len([row for row in simulated.entities("Users") if row["Number"].startswith("39")]) == 4


def test_ctrl_c_of_a_command_that_reads_is_one_line(
    threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pbx_as_code.config.export.export", press)
    done = threecx("export", str(tmp_path / "new"), pbx=shared_pbx)
    assert (done.status, done.err.strip()) == (130, "Interrupted.")


@pytest.mark.parametrize("option", ["--url", "--client-id", "--profile"])
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_option_does_not_mean_the_pbx_of_the_environment(
    threecx: Threecx, simulated: SimulatedPbx, option: str, value: str
) -> None:
    done = threecx("get", "users", option, value, pbx=simulated)
    assert (done.status, list(simulated.requests)) == (1, [])
    assert f"Invalid value for {option}: It is empty." in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", ""), ("apply", "", "--yes"), ("drift", ""), ("validate", ""), ("export", ""), ("validate", "-f", ""),
        ("plan", "--fleet", ""), ("plan", "DIR", "--out", ""), ("apply", "DIR", "--yes", "--secrets-file", ""),
        ("lint", ""), ("test", ""), ("map", "DIR", "-o", ""), ("map", "", "-o", "x.svg"), ("diff", "", "DIR"),
        ("diff", "DIR", "DIR+"), ("clone", "", "new"), ("clone", "DIR", ""), ("clone", "-f", "DIR", ""),
        ("rehearse", "", "--base", "DIR"), ("rehearse", "DIR", "--base", ""), ("trace", "+1", "--from", ""),
        ("test", "DIR", "--calls", " "),
    ],
)  # fmt: skip
def test_an_empty_path_is_not_the_working_directory(
    threecx: Threecx,
    simulated: SimulatedPbx,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "pbx.yml").write_text("users: [{number: '391', first_name: A}]\n")
    monkeypatch.chdir(here)
    words = [word.replace("DIR", str(here)) for word in arguments]
    done = threecx(*words, pbx=simulated)
    assert done.status == 1
    assert "It is empty. Name a file or a directory." in done.err
    assert simulated.writes == []
    assert [path.name for path in here.iterdir()] == ["pbx.yml"]
