"""Playbooks on several nodes with ansible-runner: transmit | worker | process, each node with its own home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pbx_simulator import SimulatedFleet
from tests.redis_server import running_redis

RUNNER = Path(sys.executable).with_name("ansible-runner")
PLAY = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [{"threecx.xapi.threecx_user": {"host": "{{ pbx }}", "number": "100", "first_name": "Ada"}}],
    }
]


def transmitted(folder: Path, hosts: dict[str, Any], variables: dict[str, str], *options: str) -> bytes:
    """Return a job for a node: playbook, inventory and environment."""
    for name in ("project", "inventory", "env"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "project" / "play.yml").write_text(json.dumps(PLAY))
    (folder / "inventory" / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    (folder / "env" / "envvars").write_text(json.dumps(variables))
    command = [str(RUNNER), "transmit", str(folder), "-p", "play.yml", *options]
    return subprocess.run(command, check=True, capture_output=True).stdout


def worked(job: bytes, home: Path) -> bytes:
    """Run a job on a node; return its answer."""
    home.mkdir(mode=0o700)
    environment = {
        "PATH": f"{RUNNER.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
        "HOME": str(home), "XDG_RUNTIME_DIR": str(home),
        **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
    }  # fmt: skip
    command = [str(RUNNER), "worker", "--private-data-dir", str(home / "private")]
    return subprocess.run(command, input=job, check=True, capture_output=True, env=environment).stdout


def processed(answer: bytes, folder: Path) -> str:
    """Return the output that the controller shows for an answer."""
    done = subprocess.run(
        [str(RUNNER), "process", str(folder)],
        input=answer, check=False, capture_output=True, env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    output = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 0, output
    return output


@pytest.mark.skipif(not RUNNER.exists(), reason="ansible-runner is not installed")
def test_two_nodes_by_slices_and_with_a_shared_store(tmp_path: Path, collections_path: Path) -> None:
    with SimulatedFleet(2) as pbxs, running_redis(tmp_path) as store:
        hosts = {
            f"pbx{number}": {
                "pbx": one.url,
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
            }
            for number, one in enumerate(pbxs)
        }
        variables = {
            "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
            "THREECX_CLIENT_ID": pbxs[0].client_id,
            "THREECX_CLIENT_SECRET": pbxs[0].client_secret,
        }
        for number, host in enumerate(hosts):
            controller = tmp_path / f"slice{number}"
            job = transmitted(controller, hosts, variables, "--limit", host)
            assert "failed=0" in processed(worked(job, tmp_path / f"node{number}"), controller)
        assert [one.sign_ins for one in pbxs] == [1, 1], "each PBX was visited by one node"

        for number in range(2):
            controller = tmp_path / f"shared{number}"
            job = transmitted(controller, hosts, {**variables, "THREECX_TOKEN_CACHE": store})
            shown = processed(worked(job, tmp_path / f"sharing{number}"), controller)
            assert "failed=0" in shown
            assert "CANARY" not in shown
        assert [one.sign_ins for one in pbxs] == [2, 2], "the second node used the token of the first"
        assert {request.status for one in pbxs for request in one.requests} <= {200, 204}
