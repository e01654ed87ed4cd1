"""The examples of every module are run against a simulated PBX: in check mode, for real, and once more."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from pbx_simulator import SimulatedPbx
from tests.collection.test_generated_modules import module
from tests.collection.tree import NAMES, OPERATION, environment

#: Invented: what a vault would hold.
VAULT = {"vault_gateway_password": "invented-Gateway-1", "vault_fax_password": "invented-Fax-1"}


class Player:
    """Runs the examples of one module as a play."""

    def __init__(self, pbx: SimulatedPbx, scratch: Path, examples: list[Any]) -> None:
        self.scratch = scratch
        self.playbook = scratch / "examples.yml"
        play = {"hosts": "localhost", "gather_facts": False, "tasks": examples}
        self.playbook.write_text(yaml.safe_dump([play], sort_keys=False))
        self.environment = environment(
            scratch,
            THREECX_HOST=pbx.url,
            THREECX_CLIENT_ID=pbx.client_id,
            THREECX_CLIENT_SECRET=pbx.client_secret,
        )

    def play(self, *arguments: str) -> int:
        """Run it; return how many tasks changed something."""
        done = subprocess.run(
            ["ansible-playbook", str(self.playbook), "-e", json.dumps(VAULT), "--diff", *arguments],
            env=self.environment,
            cwd=self.scratch,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "[WARNING]" not in done.stdout + done.stderr, done.stdout + done.stderr
        assert not any(secret in done.stdout + done.stderr for secret in VAULT.values())
        recap = re.search(r"ok=(\d+)\s+changed=(\d+).*failed=0", done.stdout)
        assert recap, done.stdout
        return int(recap[2])


@pytest.mark.parametrize("name", NAMES)
def test_examples(name: str, pbx: SimulatedPbx, tmp_path: Path) -> None:
    examples = yaml.safe_load(module(name).EXAMPLES)
    assert any(f"threecx.xapi.{name}" in task for task in examples)
    assert all(task["name"] for task in examples)
    player = Player(pbx, tmp_path, examples)

    player.play("--check")
    assert not pbx.writes, "check mode wrote"

    changed = player.play()
    assert (changed > 0) == bool(pbx.writes)
    assert name.endswith("_info") == (changed == 0), (
        "an example of a module that changes things should change something"
    )

    if name == OPERATION:  # an action does again what it does
        return
    written = len(pbx.writes)
    assert player.play() == 0, "a second run changes nothing"
    assert len(pbx.writes) == written
