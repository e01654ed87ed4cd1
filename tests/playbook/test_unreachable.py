"""A PBX that does not answer: a failed task with a stable key, or an unreachable host where a play asks for it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.playbook.conftest import Playbook, TaskResult

SECRET = "invented"  # not a real one
LIST = {"name": "List", "threecx.xapi.threecx_fax_info": {}}


@pytest.fixture
def dead() -> Iterator[str]:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound and not listening: refused for sure
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"


def play(dead: str, hosts: str, task: dict[str, Any], **variables: Any) -> dict[str, Any]:
    access = {"host": dead, "api_client_id": "900", "api_client_secret": SECRET, "token_cache": False}
    return {
        "hosts": hosts,
        "gather_facts": False,
        "vars": variables,
        "module_defaults": {"group/threecx.xapi.all": access},
        "tasks": [{"block": [task], "rescue": [{"name": "Rescue", "ansible.builtin.meta": "noop"}]}],
    }


def the_list(results: list[TaskResult]) -> TaskResult:
    [found] = [result for result in results if result.task == "List"]
    return found


def test_what_makes_a_host_unreachable(playbook: Playbook, dead: str) -> None:
    run = playbook([play(dead, "here", LIST, threecx_unreachable="{{ 1 == 1 }}")])
    found = the_list(run.on("here"))
    assert found.outcome == "unreachable", run.output
    assert run.rc == 4
    assert "cannot be reached" in found.result["msg"]


def test_what_only_fails(playbook: Playbook, dead: str) -> None:
    """Unasked for, in a loop, with until, delegated, or on localhost."""
    tasks: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("here", LIST, {}),
        ("here", {**LIST, "until": "found is success", "retries": 1, "delay": 0, "register": "found"}, {"asked": True}),
        ("here", {**LIST, "delegate_to": "later"}, {"asked": True}),
        ("here", {**LIST, "loop": [1]}, {"asked": True}),
        ("localhost", LIST, {"asked": True}),
    ]
    for hosts, task, variables in tasks:
        asked = {"threecx_unreachable": True} if variables.get("asked") else {}
        run = playbook([play(dead, hosts, task, **asked)])
        found = the_list(run.tasks)
        assert found.outcome == "failed", (task, run.output)
        result = found.result["results"][0] if "loop" in task else found.result
        assert result["kind"] == "unreachable"
