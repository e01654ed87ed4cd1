"""Commands with layers: each value is shown with its layer, and the last layer keeps the lock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx

FLEET = """\
users:
- number: '100'
  mobile: '+15550190'
  last_name: Standard
queues:
- number: '890'
  name: Help desk
  ring_timeout: 20
  groups: [{group: DEFAULT}]
  agents: [{number: '100'}]
  forward_no_answer: {to: VoiceMail, number: '100'}
"""
ACME = """\
users: [{number: '100', last_name: Own}]
queues: [{number: '890', ring_timeout: 33, agents: [{number: '101'}]}]
"""


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Options that name two layers, in the current directory."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("fleet", FLEET), ("acme", ACME)):
        Path(name).mkdir()
        Path(name, "x.yml").write_text(text)
    return ("-f", "fleet", "--layer", "acme")


def test_a_plan_names_layer_file_and_line_of_each_value(
    threecx: Threecx, shared_pbx: SimulatedPbx, layers: tuple[str, ...]
) -> None:
    done = threecx("plan", *layers, "--markdown", "plan.md", pbx=shared_pbx)
    assert done.status == 2, done.err
    for line in (
        '~ update user 100  (fleet/x.yml:2:3)',
        '"+15550190"  (fleet/x.yml:3:11)',
        '"Own"  (acme/x.yml:1:36)',
        '+ create queue 890  (fleet/x.yml:6:3)',
        'ring_timeout: 33  (acme/x.yml:2:40)',
        'name: "Help desk"  (fleet/x.yml:7:9)',
        'agents[100].number: "100"  (fleet/x.yml:10:21)',
        'agents[101].number: "101"  (acme/x.yml:2:62)',
    ):  # fmt: skip
        assert line in done.out, line
    markdown = Path("plan.md").read_text()
    for row in (
        r'agents\[100\].number |  | "100" | fleet/x.yml:10:21',
        r'agents\[101\].number |  | "101" | acme/x.yml:2:62',
    ):
        assert row in markdown, row
    assert "acme/x.yml:1:36" in markdown
    shown = threecx("plan", *layers, "--json", pbx=shared_pbx).json
    changes = {change["path"][0]: change for one in shown["operations"] for change in one["changes"]}
    assert changes["last_name"]["place"] == {"file": "x.yml", "line": 1, "column": 36, "layer": "acme"}
    assert changes["agents"]["place"]["layer"] == "fleet"
    within = {one["path"]: one["place"]["layer"] for one in changes["agents"]["within"]}
    assert within == {"agents[0].number": "fleet", "agents[1].number": "acme"}


def test_drift_shows_the_layer(threecx: Threecx, shared_pbx: SimulatedPbx, layers: tuple[str, ...]) -> None:
    done = threecx("drift", *layers, "--html", "drift.html", "--junit", "drift.xml", pbx=shared_pbx)
    assert done.status == 2
    assert "<code>acme/x.yml:1:36</code>" in Path("drift.html").read_text()
    assert "(acme/x.yml:1:36)" in Path("drift.xml").read_text()


def test_the_last_layer_keeps_the_lock_and_a_plan_remembers_its_layers(
    threecx: Threecx, simulated: SimulatedPbx, layers: tuple[str, ...]
) -> None:
    group = simulated.entities("Groups")[0]["Name"]
    fleet = Path("fleet/x.yml")
    fleet.write_text(fleet.read_text().replace("DEFAULT", f"'{group}'"))
    Path("acme/rules.yml").write_text("pbx: {removal: owned, limits: {objects: 3}}\n")
    assert threecx("plan", *layers, "--out", "plan.json", pbx=simulated).status == 2
    assert json.loads(Path("plan.json").read_text())["layers"] == ["fleet", "acme"]
    assert threecx("apply", "plan.json", "--yes", pbx=simulated).status == 0
    assert not Path("fleet/threecx.lock").exists()
    assert json.loads(Path("acme/threecx.lock").read_text())["owned"]["queues"] == [["890"]]
    assert threecx("apply", *layers, "--yes", pbx=simulated).out.rstrip().endswith("Nothing to do.")
    Path("acme/x.yml").write_text("queues: [!remove {number: '890'}]\n")  # owned, and no longer declared
    assert threecx("apply", *layers, "--yes", pbx=simulated).status == 0
    assert all(queue["Number"] != "890" for queue in simulated.entities("Queues"))


def test_what_is_wrong_with_the_arguments_or_the_files(threecx: Threecx, layers: tuple[str, ...]) -> None:
    assert threecx("validate", *layers).out == "fleet + acme: 2 objects and settings, no problem.\n"
    for arguments, message in (
        (("acme", *layers), "Name acme with -f as well"),
        ((), "Missing argument 'DIRECTORY', or layers"),
        (("-f", "acme", "-f", "./acme"), "This layer is named twice."),
        (("-f", "fleet", "-f", "nowhere"), "nowhere:1:1: There is no such directory."),
    ):
        done = threecx("validate", *arguments)
        assert done.status == 1
        assert message in done.out + done.err
    Path("acme/x.yml").write_text("users: [!remove {number: '109'}]\n")
    assert "acme/x.yml:1:9: No layer below declares user 109" in threecx("validate", *layers).out


def test_a_preview_shows_what_a_standard_would_change_and_removes_nothing(
    threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path
) -> None:
    users = shared_pbx.entities("Users")
    queue = next(one for one in shared_pbx.entities("Queues") if one.get("Agents"))
    standard = tmp_path / "fleet"
    standard.mkdir()
    (standard / "x.yml").write_text(
        "defaults: {users: {mobile: '+15550190'}}\n"
        + f"queues: [{{number: '{queue['Number']}', agents: [{{number: '{users[0]['Number']}'}}]}}]\n"
        + "voicemail_settings: {quota: 77}\n"
        + f"groups: [{{name: '{shared_pbx.entities('Groups')[0]['Name']}'}}]\n"
    )
    before = len(shared_pbx.writes)
    assert threecx("plan", "-f", str(standard), "--json", pbx=shared_pbx).json["unmanaged"]
    done = threecx("plan", "-f", str(standard), "--preview", "--json", pbx=shared_pbx)
    changes = {
        (one["kind"], *one["identity"]): {".".join(map(str, change["path"])): change for change in one["changes"]}
        for one in done.json["operations"]
    }
    assert {key[1] for key in changes if key[0] == "user"} == {user["Number"] for user in users}
    assert changes["voicemail_settings",]["quota"]["new"] == 77
    assert set(changes) - {("voicemail_settings",)} - {key for key in changes if key[0] == "user"} <= {
        ("queue", queue["Number"])
    }
    listed = changes.get(("queue", queue["Number"]), {})
    assert all(change["new"] is not None for change in listed.values())
    assert done.json["unmanaged"] == []
    assert len(shared_pbx.writes) == before
    for more in (("--out", "p.json"), ("--prune", "users"), ("--update-secrets",)):
        assert threecx("plan", "-f", str(standard), "--preview", *more, pbx=shared_pbx).status == 1
