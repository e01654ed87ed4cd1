"""Run the examples of README.md and docs/ unchanged, with a simulated PBX as pbx.example.com."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
DOCS = [f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")]


def block(language: str, text: str = README) -> str:
    found = re.search(rf"<!-- run by \S+ -->\n```{language}\n(.*?)```", text, re.DOTALL)
    assert found, f"the document shows no {language} that can be run"
    return found[1]


def test_the_program_is_ten_lines() -> None:
    assert len([line for line in block("python").splitlines() if line.strip()]) <= 10


def test_the_program_lists_every_user_and_deletes_one_fax(
    pbx: SimulatedPbx, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for number in range(250):  # more than two pages
        pbx.put(
            "Users", {"Id": 5000 + number, "Number": f"7{number:03}", "FirstName": "Extra", "LastName": str(number)}
        )
    users = pbx.entities("Users")
    program = block("python").replace("https://pbx.example.com", pbx.url)
    program = program.replace('client_id="900"', f'client_id="{pbx.client_id}"').replace(
        'client_secret="..."', f'client_secret="{pbx.client_secret}"'
    )
    faxes = {fax["Number"] for fax in pbx.entities("Fax")}
    exec(compile(program, "README.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(users) > 250
    assert [line.split()[0] for line in printed] == sorted(user["Number"] for user in users)
    assert faxes - {fax["Number"] for fax in pbx.entities("Fax")} == {"861"}
    assert [write.headers.get("if-match", "") for write in pbx.writes] != [""]


def test_the_example_of_the_engine(
    pbx: SimulatedPbx, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    text = (ROOT / "docs/python.md").read_text()
    found = re.search(r"<!-- example run by \S+ -->\n```python\n(.*?)```", text, re.DOTALL)
    assert found
    program = found[1].replace("https://pbx.example.com", pbx.url)
    program = program.replace('client_id="900"', f'client_id="{pbx.client_id}"').replace(
        'client_secret="..."', f'client_secret="{pbx.client_secret}"'
    )
    exec(compile(program, "README.md", "exec"), {})
    plan, count = capsys.readouterr().out.splitlines()
    assert plan == "True {'mobile': '+15550133'}"
    assert int(count) >= 0
    assert next(user for user in pbx.entities("Users") if user["Number"] == "100")["Mobile"] == "+15550133"
    assert "861" not in {fax["Number"] for fax in pbx.entities("Fax")}


def test_the_playbook_changes_things_once(pbx: SimulatedPbx, tmp_path: Path) -> None:
    play = tmp_path / "play.yml"
    play.write_text(block("yaml").replace("https://pbx.example.com", pbx.url))
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "PBX_SECRET": pbx.client_secret,
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["ansible-playbook", str(play), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "changed=2" in run("--check", "--diff")
    assert pbx.writes == []
    assert "changed=2" in run()
    assert "changed=0" in run()
    (queue,) = (queue for queue in pbx.entities("Queues") if queue["Number"] == "810")
    assert {agent["Number"] for agent in queue["Agents"]} == {"104", "105"}


@pytest.mark.parametrize("path", ["README.md", "ansible_collection/README.md"])
def test_it_leads_to_every_module_and_says_how_many_there_are(path: str) -> None:
    text = (ROOT / path).read_text()
    for page in ("docs/modules.md", "docs/operations.md"):
        target = page if path.startswith("ansible") else f"ansible_collection/{page}"
        assert f"]({target})" in text, "a link that can be followed"
        assert ((ROOT / path).parent / target).is_file()
    command = [sys.executable, "-m", "openapi.codegen", "numbers"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    words = " ".join(said.split())
    assert words in " ".join(text.split()), f"{path} must contain the output of python {' '.join(command[1:])}: {words}"


def test_an_empty_pbx_becomes_one_that_a_department_can_work_with(tmp_path: Path) -> None:
    shown = block("console", (ROOT / "docs/playbooks.md").read_text())
    commands = [line.removeprefix("$ ") for line in shown.splitlines() if line.startswith("$ ")]
    assert len(commands) == 5
    with SimulatedPbx(seed="empty") as pbx:
        script = "\n".join(["set -e", *commands]).replace("http://127.0.0.1:8090", pbx.url)
        # The commands of .venv are in the folder of the Python that runs this test.
        script = script.replace(". .venv/bin/activate", f'PATH="{Path(sys.executable).parent}:$PATH"')
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["sh", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        changed = [int(number) for number in re.findall(r"changed=(\d+)", done.stdout)]
        assert changed[0] > 0
        assert changed[1:] == [0]
        assert len(pbx.entities("Users")) == 4


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", *DOCS])
def test_each_link_leads_to_a_file(path: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / path).read_text()):
        assert ((ROOT / path).parent / target).exists(), target


def test_the_make_targets_it_names_exist() -> None:
    targets: Callable[[str], set[str]] = lambda text: set(re.findall(r"\bmake ([a-z]+)", text))  # noqa: E731
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        assert targets(path.read_text()) <= known, path


def test_each_promise_leads_to_the_tests_that_hold_it() -> None:
    assert "](docs/promises.md)" in README
    lines = (ROOT / "docs/promises.md").read_text().splitlines()
    promises = [line for line in lines if line.startswith("| ") and not line.startswith("| promise")]
    assert len(promises) >= 10
    for promise in promises:
        held_by = re.findall(r"\]\(\.\./(tests/[^)]+)\)", promise.split(" | ")[-1])
        assert held_by, promise
        for path in held_by:
            files = [ROOT / path] if path.endswith(".py") else list((ROOT / path).glob("test_*.py"))
            assert files, path
            assert all("\ndef test_" in file.read_text() or "    def test_" in file.read_text() for file in files), path
    assert (ROOT / "SECURITY.md").is_file()
