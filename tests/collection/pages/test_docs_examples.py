"""The examples of every module are run against a simulated PBX: in check mode, for real, and once more.

Starting ansible-playbook takes longer than the examples of a module, so several modules share a run, each with its own
play.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from threecx_xapi.client import XapiClient

from pbx_simulator import SimulatedPbx
from tests import warm_ansible
from tests.collection.pages.test_generated_modules import module
from tests.collection.tasks import tasks_on
from tests.collection.tree import CONFIG, NAMES, OF_ENTITIES, OPERATION, environment
from tests.each import each
from tests.wire_options import Wire, unsent_options

#: Number of modules per run. The operation has a separate run, because other examples remove objects that it uses.
TOGETHER = 102
BATCHES = [
    *(OF_ENTITIES[start : start + TOGETHER] for start in range(0, len(OF_ENTITIES), TOGETHER)),
    [CONFIG],
    [OPERATION],
]
#: The example's object of the seed has this value already (vm_enabled), or is told apart by it after a list was read
#: (language).
NOTHING_TO_SEND = {"threecx_user: vm_enabled was not sent", "threecx_email_template: language was not sent"}

#: Settings that the examples disable are enabled first: a build that omits null and false does not distinguish them.
SET_BEFORE = {
    "GeneralSettingsForApps": {"EnableChat": True},
    "GeneralSettingsForPbx": {"AllowFwdToExternal": True},
    "MusicOnHoldSettings": {"MusicOnHoldRandomize": True},
}


def change(pbx: SimulatedPbx, singleton: str, values: dict[str, Any]) -> None:
    """Change settings without the engine."""
    with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
        client.request("PATCH", f"/{singleton}", json=values, headers={"If-Match": "*"})


def examples(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.load(module(name).EXAMPLES, Loader=yaml.CSafeLoader)
    return found


def vault(names: list[str]) -> dict[str, str]:
    """Return an invented value for each vault variable in the examples."""
    variables = re.findall(r"\bvault_\w+", "".join(module(name).EXAMPLES for name in names))
    # A PIN is digits only, and long enough not to be found in anything else.
    pins = {name: f"58209{place:05}" for place, name in enumerate(variables) if name.endswith("_pin")}
    return {variable: f"invented-{variable.replace('_', '-')}" for variable in variables} | pins


class Player:
    """Runs the examples of some modules, a play for each."""

    def __init__(self, pbx: SimulatedPbx, scratch: Path, names: list[str]) -> None:
        self.scratch = scratch
        self.names = names
        self.playbook = scratch / "examples.yml"
        self.vault = vault(names)
        self.environment = environment(
            scratch,
            THREECX_HOST=pbx.url,
            THREECX_CLIENT_ID=pbx.client_id,
            THREECX_CLIENT_SECRET=pbx.client_secret,
        )

    def play(self, *arguments: str, names: list[str] | None = None) -> dict[str, int]:
        """Run them, or those of some modules; return how many tasks of each play changed something."""
        plays = [
            {"name": name, "hosts": "localhost", "gather_facts": False, "tasks": examples(name)}
            for name in names or self.names
        ]
        self.playbook.write_text(yaml.safe_dump(plays, sort_keys=False))
        command = ["ansible-playbook", str(self.playbook), "-e", json.dumps(self.vault), "--diff", *arguments]
        done = warm_ansible.run(command, env=self.environment, cwd=self.scratch)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "[WARNING]" not in done.stdout + done.stderr, done.stdout + done.stderr
        assert not any(secret in done.stdout + done.stderr for secret in self.vault.values())
        texts = re.split(r"^PLAY \[(\w+)\] \**$", done.stdout, flags=re.MULTILINE)[1:]
        return {
            name: len(re.findall(r"^changed: \[localhost\]", text, re.MULTILINE))
            for name, text in zip(texts[::2], texts[1::2], strict=True)
        }


def test_no_module_is_without_a_playbook() -> None:
    assert sorted(name for names in BATCHES for name in names) == NAMES


@each("name", NAMES)
def test_there_are_examples_and_each_says_what_it_is(name: str) -> None:
    assert any(f"threecx.xapi.{name}" in task for task in examples(name))
    assert all(task["name"] for task in examples(name))


@pytest.mark.parametrize("names", BATCHES, ids=[f"{names[0]} to {names[-1]}" for names in BATCHES])
def test_examples(names: list[str], pbx: SimulatedPbx, tmp_path: Path) -> None:
    player = Player(pbx, tmp_path, names)
    if names == [CONFIG]:  # in check mode its examples compare with what they export when it is for real
        tasks_on(pbx)("config", state="gathered", dest=str(tmp_path / "acme"))
        tasks_on(pbx)("user", number="100", mobile="+15550177")
        for layer in ("standard", "customers/acme"):
            (tmp_path / layer).mkdir(parents=True)
            (tmp_path / layer / "users.yml").write_text("users: [{number: '101', mobile: '+15550178'}]\n")
    for path, is_set in SET_BEFORE.items():
        change(pbx, path, is_set)
    pbx.clear_log()

    if "require-if-match" not in pbx.traits:  # what only reads is answered as without it
        assert list(player.play("--check")) == names
        assert not pbx.writes, "check mode wrote"

    for name, changed in player.play().items():
        assert name.endswith("_info") == (changed == 0), (
            f"an example of {name}, and of no module that only reads, should change something: {changed} did"
        )
    assert pbx.writes

    if names in ([CONFIG], [OPERATION]):  # an action does again what it does; an export finds what was changed after it
        return
    wire = Wire(pbx.requests)
    tasks = [
        (name, task[f"threecx.xapi.{name}"])
        for name in names
        for task in examples(name)
        if f"threecx.xapi.{name}" in task
    ]
    unsent = {problem for name, options in tasks for problem in unsent_options(name, options, wire)}
    assert unsent <= NOTHING_TO_SEND
    written = len(pbx.writes)
    writing = [name for name in names if not name.endswith("_info")]  # the others have just been seen to change nothing
    assert player.play(names=writing) == dict.fromkeys(writing, 0), "a second run changes nothing"
    assert len(pbx.writes) == written
