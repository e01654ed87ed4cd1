"""The playbooks over a fleet of three PBXs that answer in different ways, and a fourth that does not answer at all."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests import warm_ansible
from tests.cli.conftest import Threecx, threecx
from tests.collection.tree import COLLECTION, environment
from tests.playbook.test_playbooks import CANARY, PLAYBOOKS, row

__all__ = ["threecx"]

TRAITS = {"north": AS_SEEN, "south": STRICT_ODATA, "west": ()}
#: The playbooks that write to a PBX or to files, each with variables. Every PBX has its own people.
WRITING: dict[str, dict[str, Any]] = {
    "onboard": {"onboard_file": "{{ lookup('env', 'SCRATCH') }}/{{ inventory_hostname }}.csv"},
    "service_line": {},
    "holidays": {},
    "block_list": {},
    "clean_up": {"faxes": ["861"]},
    "nightly_backup": {"nightly_backup_day": "2026-01-06"},
    "provision": {"provision_pbx_departments": [{"name": "Desk of {{ inventory_hostname }}"}]},
    "offboard": {"offboard_number": "201", "offboard_to": "200"},
    "export": {"export_dest": "{{ lookup('env', 'SCRATCH') }}/exports"},
    "apply": {"pbx_as_code_src": "{{ lookup('env', 'SCRATCH') }}/exports/{{ inventory_hostname }}"},
    "drift": {"drift_src": "{{ lookup('env', 'SCRATCH') }}/exports/{{ inventory_hostname }}", "drift_dest": "drift.md"},
}
READING = {"audit", "health"}
Fleet = dict[str, SimulatedPbx]


class FleetPlayer:
    """Runs playbooks over the hosts of a fleet file."""

    def __init__(self, pbxs: Fleet, scratch: Path) -> None:
        self.pbxs, self.scratch = pbxs, scratch
        secrets = {f"SECRET_{name.upper()}": pbx.client_secret for name, pbx in pbxs.items()}
        # Nothing of these may be used for a host that says where its own connection comes from. Both are invented.
        others = {"THREECX_HOST": "http://127.0.0.1:9", "THREECX_CLIENT_SECRET": f"{CANARY}-of-another"}
        self.environment = environment(scratch, SCRATCH=str(scratch), ANSIBLE_FORKS="4", **secrets, **others)
        [client_id] = {pbx.client_id for pbx in pbxs.values()}
        hosts = {name: {"url": pbx.url, "groups": ["customers"]} for name, pbx in pbxs.items()}
        gone = {"url": "http://127.0.0.1:9", "client_secret_env": "SECRET_NORTH"}
        fleet = {
            "plugin": "threecx.xapi.fleet",
            "defaults": {"client_id": client_id, "client_secret_env": "SECRET_{NAME}"},
            "groups": ["customers"],
            "pbxs": {**hosts, "gone": gone},
        }
        (scratch / "fleet.yml").write_text(yaml.safe_dump(fleet))

    def run(self, playbook: str, *arguments: str, **variables: Any) -> str:
        """Run a playbook and return its output, whatever the outcome."""
        for pbx in self.pbxs.values():
            pbx.clear_log()
        command = ["ansible-playbook", "-i", "fleet.yml", playbook, "-e", json.dumps(variables), *arguments]
        done = warm_ansible.run(command, env=self.environment, cwd=self.scratch)
        output = done.stdout + done.stderr
        assert not any(pbx.client_secret in output for pbx in self.pbxs.values())
        assert CANARY not in output
        return output

    def changed(self, output: str, *hosts: str) -> dict[str, int]:
        """The number of changes of each of these hosts, which are those of the run; nothing failed."""
        found = re.findall(r"^(\S+) +: ok=\d+ +changed=(\d+) +unreachable=0 +failed=0 ", output, re.MULTILINE)
        assert {name for name, _ in found} == set(hosts), output
        return {name: int(count) for name, count in found}


@pytest.fixture
def player(pbx_factory: Callable[..., SimulatedPbx], tmp_path: Path) -> FleetPlayer:
    pbxs = {name: pbx_factory(traits=traits) for name, traits in TRAITS.items()}
    for name, pbx in pbxs.items():
        for user in pbx.entities("Users"):
            named = {"FirstName": name} if user["Number"] == "100" else {}
            pbx.put("Users", {**user, **named, "VMPIN": f"{CANARY}-{user['Number']}"})
    return FleetPlayer(pbxs, tmp_path)


def test_every_playbook_takes_its_hosts_from_the_inventory() -> None:
    assert set(PLAYBOOKS) == set(WRITING) | READING | {"plan_pull_request", "apply_pull_request"}
    plays = {name: yaml.safe_load((COLLECTION / "playbooks" / f"{name}.yml").read_text())[0] for name in PLAYBOOKS}
    hosts = {play.get("vars", {}).get("apply_hosts", play["hosts"]) for play in plays.values()}
    assert hosts == {"{{ pbx_hosts | default('pbxs' if 'pbxs' in groups else 'localhost') }}"}
    assert len({json.dumps([play["connection"], play["module_defaults"]]) for play in plays.values()}) == 1


def test_each_pbx_gets_its_own(player: FleetPlayer) -> None:
    """All playbooks in one run: for real on three PBXs, looked at first on one, and once more on the others."""
    header = "number,first_name,last_name,email,mobile,department,role,phone_mac,phone_template,voicemail\n"
    for place, name in enumerate(player.pbxs, 1):
        (player.scratch / f"{name}.csv").write_text(f"{header}55{place},Only,{name},,,Team {name},,,,\n")
    site = [
        {"import_playbook": f"threecx.xapi.{name}", "vars": variables}
        for name, variables in WRITING.items()
    ]  # fmt: skip
    # In a dry run there are no files yet that apply and drift could read.
    (player.scratch / "look.yml").write_text(yaml.safe_dump(site[:-2]))
    (player.scratch / "site.yml").write_text(yaml.safe_dump(site))
    player.changed(player.run("look.yml", "--check", "--diff", "--limit", "north"), "north")
    assert not any(pbx.writes for pbx in player.pbxs.values())
    assert not (player.scratch / "exports").exists()
    for count in player.changed(player.run("site.yml", "--limit", "customers"), *player.pbxs).values():
        assert count > 10
    for place, (name, pbx) in enumerate(player.pbxs.items(), 1):
        made = {user["Number"]: user["LastName"] for user in pbx.entities("Users") if user["Number"].startswith("55")}
        assert made == {f"55{place}": name}
        departments = {group["Name"] for group in pbx.entities("Groups")}
        assert {one for one in departments if one.startswith(("Team", "Desk"))} == {f"Team {name}", f"Desk of {name}"}
        exported = "".join(path.read_text() for path in (player.scratch / "exports" / name).rglob("*.yml"))
        assert f"first_name: {name}" in exported
        assert not any(f"first_name: {other}" in exported for other in player.pbxs if other != name)
        assert (player.scratch / f"drift-{name}.md").read_text().startswith(f"# Drift of {name}\n")
    again = player.run("site.yml", "--diff", "--limit", "south,west")
    assert player.changed(again, "south", "west") == {"south": 0, "west": 0}, again
    assert not any(pbx.writes for pbx in player.pbxs.values())


def test_one_report_about_all(player: FleetPlayer) -> None:
    south = player.pbxs["south"]
    south.put("Users", {**row(south, "Users", Number="103"), "VMPIN": "103103", "VMEnabled": True})
    south.put("Users", {**row(south, "Users", Number="102"), "DisplayName": "=1+1", "Require2FA": False})
    out = player.run("threecx.xapi.audit", audit_dest=["~/audit.csv", "audit.html"])
    assert re.search(r"^gone +: .*failed=1", out, re.MULTILINE), out
    assert out.count("failed=0") == 3, out
    with (player.scratch / "audit.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {line["state"] for line in rows if line["pbx"] == "gone"} == {"unreachable"}
    assert {line["pbx"] for line in rows} == {"gone", *player.pbxs}
    assert [line["pbx"] for line in rows if (line["finding"], line["object"]) == ("weak_pin", "103")] == ["south"]
    assert {line["name"] for line in rows if line["object"] == "102"} >= {"'=1+1"}
    backups = {line["pbx"]: line["detail"] for line in rows if line["finding"] == "backup"}
    assert all("2026-01" in detail for detail in backups.values()), backups
    assert set(backups) == set(player.pbxs)
    page = (player.scratch / "audit.html").read_text()
    assert '<td class="unreachable">unreachable</td>' in page
    assert "Could not be read: 1" in page
    assert "://" not in page.replace("http://127.0.0.1:9", ""), "it needs nothing from elsewhere"
    assert CANARY not in page + (player.scratch / "audit.csv").read_text()
    assert not any(pbx.writes for pbx in player.pbxs.values())


def test_health(player: FleetPlayer) -> None:
    fine = {"Status": "Running"}
    for pbx in player.pbxs.values():
        for service in pbx.entities("Services"):
            pbx.put("Services", {**service, **fine})
    now = 1767600000  # 2026-01-05, when the company of the simulator has recent backups
    quiet = {"report_now": now, "report_titles": {"service": "Services"}, "health_dest": "health.csv"}
    west = player.pbxs["west"]
    west.put("Services", {**west.entities("Services")[0], "Status": "Stopped"})
    out = player.run("threecx.xapi.health", health_fail=True, **quiet)
    with (player.scratch / "health.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [line["pbx"] for line in rows if line["finding"] == "service"] == ["west"]
    assert [line["state"] for line in rows if line["pbx"] == "gone"] == ["unreachable"]
    assert "backup" not in {line["finding"] for line in rows}
    assert out.count("failed=1") == 4, "health_fail: each has something, such as a trunk that is not online"


def test_nothing_is_sent_for_a_host_that_does_not_say_how_it_is_reached(player: FleetPlayer) -> None:
    """Its tasks would otherwise take the connection of the environment, which is another PBX."""
    pbx = player.pbxs["north"]
    player.environment.update(THREECX_HOST=pbx.url, THREECX_CLIENT_ID=pbx.client_id)
    player.environment["THREECX_CLIENT_SECRET"] = pbx.client_secret
    (player.scratch / "hosts.yml").write_text("all: {hosts: {bare: {ansible_connection: local}}}\n")
    pbx.clear_log()
    out = player.run("threecx.xapi.holidays", "-i", "hosts.yml", "--limit", "bare", pbx_hosts="bare")
    assert "threecx_host" in out
    assert "is undefined" in out
    assert pbx.requests == []
    del player.environment["SECRET_NORTH"]
    out = player.run("threecx.xapi.holidays", "--limit", "north")
    assert "SECRET_NORTH" in out, out
    assert pbx.requests == []


_STANDARD = """\
anti_hacking_settings: {hack_auth_requests: 37}
users:
- {number: '100', language: DE}
- {number: '101', mobile: '+15550191'}
"""
_STATES = {"applied": "changed", "equal": "ok", "failed": "failed", "unreachable": "failed"}
"""States of the command, and what Ansible calls them: it tells an unreachable PBX as a failed task."""


def test_the_role_and_the_command_do_the_same_to_a_fleet(
    player: FleetPlayer, pbx_factory: Callable[..., SimulatedPbx], threecx: Threecx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Layers, an exception, a PBX that refuses a write, and one that is not there."""
    monkeypatch.chdir(player.scratch)
    for name, text in (("standard", _STANDARD), ("west", "users:\n- {number: '100', language: IT}\n")):
        (player.scratch / name).mkdir()
        (player.scratch / name / "own.yml").write_text(text)
    twins = {name: pbx_factory(traits=traits) for name, traits in TRAITS.items()}
    said = yaml.safe_load((player.scratch / "fleet.yml").read_text())
    said["defaults"]["layers"] = ["standard"]
    said["pbxs"]["west"]["layers"] = ["west"]
    (player.scratch / "fleet.yml").write_text(yaml.safe_dump(said))
    for name, twin in twins.items():
        said["pbxs"][name]["url"] = twin.url
    (player.scratch / "twins.yml").write_text(yaml.safe_dump(said))
    secrets = {f"SECRET_{name.upper()}": pbx.client_secret for name, pbx in twins.items()}
    for failing in (True, False):
        for pbx in (player.pbxs["south"], twins["south"]) if failing else ():
            pbx.fail(path=rf"/Users\({row(pbx, 'Users', Number='100')['Id']}\)", method="PATCH", status=400)
        told = threecx("apply", "--fleet", "twins.yml", "--yes", "--json", **secrets)
        states = {one["name"]: one["state"] for one in told.json["pbxs"]}
        assert (told.status, states["gone"]) == (1, "unreachable")
        out = player.run("threecx.xapi.apply")
        found = re.findall(r"^(\S+) +: ok=\d+ +changed=(\d+) +unreachable=0 +failed=(\d+) ", out, re.MULTILINE)
        ansible = {name: "failed" if failed != "0" else "changed" if int(n) else "ok" for name, n, failed in found}
        assert ansible == {name: _STATES[state] for name, state in states.items()}, out
        assert set(states.values()) == ({"applied", "failed", "unreachable"} if failing else set(states.values()))
        for name, pbx in player.pbxs.items():
            for entity_set in ("Users", "AntiHackingSettings"):
                assert _declared(pbx, entity_set) == _declared(twins[name], entity_set), (name, failing)
    assert states == {"north": "equal", "west": "equal", "south": "applied", "gone": "unreachable"}
    locks = sorted(path.relative_to(player.scratch).as_posix() for path in player.scratch.rglob("threecx.lock"))
    assert locks == [".threecx/north/threecx.lock", ".threecx/south/threecx.lock", "west/threecx.lock"]
    west = player.pbxs["west"]
    west.put("Users", {**row(west, "Users", Number="100"), "Language": "FR"})
    drift = player.run("threecx.xapi.drift", "--limit", "north,west")
    assert re.findall(r"^(\S+) +: .*failed=(\d)", drift, re.MULTILINE) == [("north", "0"), ("west", "1")], drift


def test_canaries_and_the_limit_of_failures_mean_the_same_to_both(
    player: FleetPlayer, pbx_factory: Callable[..., SimulatedPbx], threecx: Threecx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """West is the canary. First it fails and the others are spared, then north fails, so south is not begun."""
    monkeypatch.chdir(player.scratch)
    (player.scratch / "standard").mkdir()
    (player.scratch / "standard" / "own.yml").write_text(_STANDARD)
    twins = {name: pbx_factory(traits=traits) for name, traits in TRAITS.items()}
    said = yaml.safe_load((player.scratch / "fleet.yml").read_text())
    said["defaults"]["layers"] = ["standard"]
    said["max_failures"] = 1
    said["pbxs"]["west"]["canary"] = True
    said["pbxs"] = {name: said["pbxs"][name] for name in ("north", "south", "gone", "west")}
    (player.scratch / "fleet.yml").write_text(yaml.safe_dump(said, sort_keys=False))
    for name, twin in twins.items():
        said["pbxs"][name]["url"] = twin.url
    (player.scratch / "twins.yml").write_text(yaml.safe_dump(said, sort_keys=False))
    secrets = {f"SECRET_{name.upper()}": pbx.client_secret for name, pbx in twins.items()}
    player.environment["ANSIBLE_FORKS"] = "1"
    for refusing, expected in (
        ("west", {"west": "failed", "north": "skipped", "south": "skipped", "gone": "skipped"}),
        ("north", {"west": "applied", "north": "failed", "south": "skipped", "gone": "skipped"}),
    ):
        for pbx in (player.pbxs[refusing], twins[refusing]):
            pbx.fail(path=r"/(Users|AntiHackingSettings)", method="PATCH", status=400, times=None)
        told = threecx("apply", "--fleet", "twins.yml", "--yes", "--json", "--pbxs", "1", **secrets)
        assert {one["name"]: one["state"] for one in told.json["pbxs"]} == expected
        out = player.run("threecx.xapi.apply")
        failed = set(re.findall(r"^(\S+) +: .* failed=1 ", out, re.MULTILINE))
        assert failed == {refusing}, out
        begun = {name for name, pbx in player.pbxs.items() if pbx.requests}
        assert begun == {name for name, state in expected.items() if state != "skipped"}, out
        for name, pbx in player.pbxs.items():
            assert _declared(pbx, "Users") == _declared(twins[name], "Users"), (name, refusing)
            pbx.go_by(None)
            twins[name].go_by(None)
    assert "It was not begun, because 1 of the hosts failed: north" in out, out
    said["pbxs"]["gone"]["canary"] = True  # a dry run plans for all, as threecx plan does
    (player.scratch / "fleet.yml").write_text(yaml.safe_dump(said, sort_keys=False))
    out = player.run("threecx.xapi.apply", "--check", "--limit", "gone,north")
    assert re.search(r"^north +: ok=\d+ .* failed=0 ", out, re.MULTILINE), out
    assert "It was not begun" not in out


def _declared(pbx: SimulatedPbx, entity_set: str) -> Any:
    rows = pbx.entities(entity_set)
    return [{name: one.get(name) for name in ("Number", "Language", "Mobile", "HackAuthRequests")} for one in rows]
