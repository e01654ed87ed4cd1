"""threecx_config by ansible-playbook through its states: gather, plan, apply the plan, remove, and adopt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pbx_simulator import SimulatedPbx
from tests.playbook.test_both_ways import addresses
from tests.playbook.test_config import config, play

Playbook = Callable[..., Any]
FILES = """\
users:
  - {number: '301', first_name: Ada}
  - {number: '302', first_name: Ben}
queues:
  - {number: '881', name: Returns, agents: [{number: '301'}]}
"""


def test_a_plan_a_removal_and_an_adoption(playbook: Playbook, pbx: SimulatedPbx, tmp_path: Path) -> None:
    acme = tmp_path / "acme"
    acme.mkdir()
    (acme / "all.yml").write_text(FILES)
    fewer = FILES.replace("  - {number: '302', first_name: Ben}\n", "")
    files, copied = {"src": "acme"}, {"content": fewer, "dest": str(acme / "all.yml")}
    users = {"include": ["users"]}
    tasks = [
        config("planned", {**files, "state": "planned", "plan": "plan.json"}),
        config("present", {"plan": "plan.json"}),
        {"name": "fewer", "ansible.builtin.copy": copied},
        config("kept", files),
        config("outside", {**files, "removal": "owned", "include": ["queues"]}),
        config("owned", {**files, "removal": "owned", **users}),
        config("settled", {**files, "removal": "owned"}),
        config("more", {"config": {"faxes": [{"number": "889"}]}}),
        config("pruned", {**files, "prune": ["faxes", "users"], "include": ["faxes:889"]}),
        config("gathered", {"state": "gathered", "include": ["users:301"]}),
        config("drifted", {"config": {"users": [{"number": "301", "first_name": "Eva"}]}}),
        config("adopted", {**files, "state": "adopted", "include": ["users:301"]}),
        config("equal", {**files, **users}),
    ]
    found = playbook([play("here", *tasks)], variables=addresses(here=pbx)).ok()
    changed = {name: found[name]["changed"] for name in (task["name"] for task in tasks)}
    assert changed == {
        "planned": True, "present": True, "fewer": True, "kept": False, "outside": False, "owned": True,
        "settled": False, "more": True, "pruned": True, "gathered": False, "drifted": True, "adopted": True,
        "equal": False,
    }  # fmt: skip
    assert [one["name"] for one in found["owned"]["operations"]] == ["user 302"]
    assert [one["name"] for one in found["pruned"]["operations"]] == ["fax 889"]
    assert [one["number"] for one in found["gathered"]["config"]["users"]] == ["301"]
    assert "first_name: Eva" in (acme / "all.yml").read_text()
