"""threecx_config by ansible-playbook: files of the controller, a structure elsewhere, and no secret in any output."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.playbook.test_both_ways import ACCESS, addresses, comparable

Playbook = Callable[..., Any]
CANARY = "CANARY-p1ay"  # invented
FILES = """\
users:
  - number: 177
    first_name: Ines
    mobile: 0123
    auth_password: !secret user_177
queues:
  - {number: 877, name: Returns, agents: [{number: 177}]}
"""


def play(hosts: str, *tasks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"hosts": hosts, "module_defaults": ACCESS, "tasks": list(tasks), **more}


def config(name: str, options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "threecx.xapi.threecx_config": options, **more}


def test_files_beside_the_playbook_are_applied_once(playbook: Playbook, pbx: SimulatedPbx, tmp_path: Path) -> None:
    (tmp_path / "files" / "acme").mkdir(parents=True)
    (tmp_path / "files" / "acme" / "all.yml").write_text(FILES)
    given = {"src": "acme", "secrets": {"user_177": "{{ canary }}"}}
    variables = {**addresses(here=pbx), "canary": CANARY}
    plays = [play("here", config("apply", given), diff=True)]

    looked = playbook(plays, "--check", "-vvvv", variables=variables).ok()
    assert looked["apply"]["changed"]
    assert pbx.writes == []
    done = playbook(plays, "-vvvv", variables=variables).ok()
    assert {one["state"] for one in done["apply"]["operations"]} == {"done"}
    assert CANARY in str([write.body for write in pbx.writes])
    [user] = [one for one in pbx.entities("Users") if one["Number"] == "177"]
    assert user["Mobile"] == "0123"
    assert (tmp_path / "files" / "acme" / "threecx.lock").is_file()
    pbx.clear_log()
    again = playbook(plays, "-vvvv", variables=variables).ok()
    assert not again["apply"]["changed"]
    assert pbx.writes == []
    assert "+ create" in done.stdout or "create user 177" in done.stdout
    for run in (looked, done, again):
        assert CANARY not in run.output.replace(f'"canary": "{CANARY}"', "")


def test_where_it_runs_elsewhere(playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx], tmp_path: Path) -> None:
    """A structure works everywhere; files of the controller end in one message where the task runs elsewhere."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "all.yml").write_text(FILES)
    pbxs = {"here": pbx_factory(), "near": pbx_factory(), "later": pbx_factory()}
    structure = {
        "config": {"users": [{"number": "177", "first_name": "Ines", "auth_password": {"secret": "user_177"}}]},
        "secrets": {"user_177": CANARY},
    }
    gather = {"state": "gathered", "include": ["users:177"]}
    tasks = [config("files", {"src": "acme", "secrets": {"user_177": CANARY}}, ignore_errors=True, check_mode=True)]
    tasks += [config("structure", structure), config("gathered", gather)]
    plays = [
        play("here", *tasks),
        play("near", *tasks),
        play("later", *({**task, "environment": {"LC_ALL": "C.UTF-8"}} for task in tasks)),
    ]
    run = playbook(plays, "-vvvv", variables=addresses(**pbxs)).ok()
    found = {host: {task.task: task.result for task in run.on(host)} for host in pbxs}
    assert [run.on(host)[0].outcome for host in pbxs] == ["ok", "failed", "ok"]
    message = found["near"]["files"]["msg"]
    assert message.startswith("src: these files are on the controller")
    assert "connection near" in message
    assert {found[host]["structure"]["changed"] for host in pbxs} == {True}
    for task in ("structure", "gathered"):
        here, near, later = (
            {
                name: value for name, value in comparable(found[host][task], pbx).items() if name != "waiver"
            }  # of one PBX
            for host, pbx in pbxs.items()
        )
        assert here == near == later
    assert found["near"]["gathered"]["config"]["users"][0]["first_name"] == "Ines"
    assert CANARY not in run.output


def test_a_plan_is_the_same_wherever_the_task_runs(
    playbook: Playbook, pbx_factory: Callable[..., SimulatedPbx], tmp_path: Path
) -> None:
    """In the controller and shipped on this machine; a relative plan is in the current directory for both."""
    (tmp_path / "files" / "acme").mkdir(parents=True)
    (tmp_path / "files" / "acme" / "all.yml").write_text(FILES)
    pbxs = {"here": pbx_factory(), "near": pbx_factory(), "later": pbx_factory()}
    given = {"src": "acme", "plan": "plans/acme.json", "secrets": {"user_177": CANARY}}
    tasks = [
        config("planned", {**given, "state": "planned"}, ignore_errors=True),
        config("looked", {**given, "src": "{{ omit }}"}, check_mode=True, ignore_errors=True),
        config("carried out", given, ignore_errors=True),
        config("once more", given, ignore_errors=True),
    ]
    later = [{**task, "environment": {"LC_ALL": "C.UTF-8"}} for task in tasks]
    run = playbook(
        [play("here", *tasks), play("near", *tasks), play("later", *later)], "-vvvv", variables=addresses(**pbxs)
    ).ok()
    found = {host: {task.task: task.result for task in run.on(host)} for host in pbxs}
    assert pbxs["near"].requests == []
    assert found["near"]["planned"]["msg"].startswith("src: these files are on the controller")
    assert found["near"]["looked"]["msg"].startswith("plan: the plan is on the controller")
    for task in ("planned", "looked", "carried out", "once more"):
        here, there = (
            {name: value for name, value in comparable(found[host][task], pbxs[host]).items() if name != "waiver"}
            for host in ("here", "later")
        )
        assert here == there, task
    assert {one["state"] for one in found["here"]["carried out"]["operations"]} == {"done"}
    assert "The plan is old" in found["later"]["once more"]["msg"]
    assert [path.name for path in (tmp_path / "plans").iterdir()] == ["acme.json"]
    assert CANARY not in run.output + (tmp_path / "plans" / "acme.json").read_text()


def test_relative_paths_start_in_the_current_directory_wherever_the_task_runs(
    playbook: Playbook, pbx: SimulatedPbx, tmp_path: Path
) -> None:
    (tmp_path / "plays").mkdir()
    tasks = [
        config("within", {"state": "gathered", "dest": "within"}),
        config("shipped", {"state": "gathered", "dest": "shipped"}, environment={"A": "b"}),
        config("later", {"state": "gathered", "dest": "deep/later"}, **{"async": 60, "poll": 1}),
        {
            "name": "export",
            "threecx.xapi.threecx_operation": {"operation": "ExportExtensions", "dest": "e.csv"},
            "environment": {"A": "b"},
        },
    ]
    (tmp_path / "plays" / "book.yml").write_text(json.dumps([{"gather_facts": False, **play("here", *tasks)}]))
    playbook("- import_playbook: plays/book.yml\n", variables=addresses(here=pbx)).ok()
    assert [path.name for path in (tmp_path / "plays").iterdir()] == ["book.yml"]
    for name in ("within", "shipped", "deep/later"):
        assert (tmp_path / name / "pbx.yml").is_file(), name
    assert (tmp_path / "e.csv").is_file()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0123", "put it in quotes"),
        ("0x7b", "a text is needed here"),
        ("no", "is not true or false"),
    ],
)
def test_what_yaml_has_changed_is_refused(playbook: Playbook, pbx: SimulatedPbx, value: str, said: str) -> None:
    book = f"""
- hosts: here
  gather_facts: false
  tasks:
    - name: changed
      threecx.xapi.threecx_config:
        host: {pbx.url}
        api_client_id: "{pbx.client_id}"
        api_client_secret: {pbx.client_secret}
        config:
          users:
            - number: "100"
              mobile: {value}
      ignore_errors: true
"""
    run = playbook(book).ok()
    assert said in run["changed"]["msg"]
    assert pbx.requests == []


def test_a_directory_that_is_not_there_is_named(playbook: Playbook, pbx: SimulatedPbx) -> None:
    run = playbook(
        [play("here", config("files", {"src": "nowhere"}, ignore_errors=True))], variables=addresses(here=pbx)
    )
    assert "There is no such directory" in run["files"]["msg"]
    assert "/nowhere:1:1" in run["files"]["msg"]
    assert pbx.requests == []
