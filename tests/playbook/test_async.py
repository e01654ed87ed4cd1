"""Tasks in a separate process on hosts of an inventory that say nothing about Python."""

from __future__ import annotations

import json
from pathlib import Path

from pbx_simulator import SimulatedPbx
from tests import warm_ansible
from tests.collection.tree import environment

HOSTS = {
    "plain": {},
    "automatic": {"ansible_python_interpreter": "auto_silent"},
    "other": {"ansible_python_interpreter": "/nowhere/python3"},
}


def test_they_run_in_the_python_of_the_controller(pbx: SimulatedPbx, tmp_path: Path) -> None:
    hosts = {name: {"ansible_connection": "local", **facts} for name, facts in HOSTS.items()}
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    user = {"threecx.xapi.threecx_user_info": {"number": "100"}}
    tasks = [
        {"name": "In the background", **user, "async": 30, "poll": 1, "register": "one"},
        {"name": "With an environment", **user, "environment": {"SHIPPED": "1"}, "register": "two"},
        {"name": "From elsewhere", **user, "async": 30, "poll": 1, "delegate_to": "plain", "register": "three"},
        {
            "ansible.builtin.assert": {"that": "item.users[0].number == '100'"},
            "loop": ["{{one}}", "{{two}}", "{{three}}"],
        },
    ]
    (tmp_path / "play.yml").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    done = warm_ansible.run(
        ["ansible-playbook", "-i", "hosts.json", "play.yml"],
        env=environment(
            tmp_path,
            PATH="/usr/bin:/bin",  # nothing there has the library
            ANSIBLE_ASYNC_DIR=str(tmp_path / "async"),
            THREECX_HOST=pbx.url,
            THREECX_CLIENT_ID=pbx.client_id,
            THREECX_CLIENT_SECRET=pbx.client_secret,
        ),
        cwd=tmp_path,
    )
    for name, failed in (("plain", 0), ("automatic", 0), ("other", 1)):
        assert f"failed={failed}" in next(line for line in done.stdout.splitlines() if line.startswith(f"{name} ")), (
            done.stdout
        )
    assert "/nowhere/python3" in done.stdout + done.stderr, "a Python that a host names is used"
