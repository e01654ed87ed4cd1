"""The playbooks and the role for phone systems as files: for one PBX, and for the hosts of an inventory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.tasks import tasks_on
from tests.playbook.test_playbooks import CANARY, Player, row


@pytest.fixture
def player(pbx: SimulatedPbx, tmp_path: Path) -> Player:
    return Player(pbx, tmp_path)


def test_a_session_of_export_drift_and_apply(player: Player, pbx: SimulatedPbx, tmp_path: Path) -> None:
    assert player.changed("export", "--check", "--diff", export_dest="acme") == 1
    assert not (tmp_path / "acme").exists()
    assert player.changed("export", export_dest="acme") == 1
    assert player.changed("export", export_dest="acme") == 0
    assert player.changed("drift", drift_src="acme") == 0

    # somebody changes the PBX
    tasks_on(pbx)("user", number="100", mobile="+15550199", first_name="`Ada`|<b>")
    tasks_on(pbx)("contact", company_name="<img src=x>", phone_number="+15550177")
    found = player.run("drift", "--diff", drift_src="acme")
    assert "failed=1" in found
    assert "1 to change" in found
    assert "user 100" in found
    assert "+15550199" in found
    reported = player.run("drift", drift_src="acme", drift_fail=False, drift_dest="drift.md")
    assert "failed=0" in reported, reported
    assert '| mobile | "+15550199" |' in (tmp_path / "drift.md").read_text()
    assert r'| first\_name | "\`Ada\`\|\<b\>" | "Ada" |' in (tmp_path / "drift.md").read_text()
    assert r"- contact \<img src=x\>" in (tmp_path / "drift.md").read_text()
    assert pbx.writes == []
    own = (tmp_path / "acme" / "pbx.yml").read_text()
    (tmp_path / "acme" / "pbx.yml").write_text(own.replace("pbx.example.com", "other.example.com"))
    player.run("drift", drift_src="acme", drift_fail=False, drift_dest="drift.md")
    assert "## To know\n\n- These files are of the PBX other.example.com" in (tmp_path / "drift.md").read_text()
    (tmp_path / "acme" / "pbx.yml").write_text(own)
    (tmp_path / "acme" / "more.yml").write_text("required: {custom_prompts: [none.wav]}\n")
    missing = player.run("drift", drift_src="acme", drift_fail=False, drift_dest="drift.md")
    assert "failed=0" in missing, missing
    report = (tmp_path / "drift.md").read_text()
    assert "## Impossible\n\n- custom prompt none.wav: it is required" in report
    assert "credentials, which a PBX does not show" in report
    assert "could not be compared" not in report
    assert "custom prompt none.wav" in player.run("drift", drift_src="acme")
    (tmp_path / "acme" / "more.yml").unlink()

    # what could not be compared never counts as equal
    tasks_on(pbx)("user", number="100", mobile="+15550110", first_name="Ada")
    tasks_on(pbx)("contact", company_name="<img src=x>", state="absent")
    assert player.changed("drift", drift_src="acme") == 0
    traits = pbx.traits
    pbx.traits = (*traits, "refuse-expand")
    unknown = player.run("drift", drift_src="acme")
    assert "failed=1" in unknown
    assert "Not compared: department DEFAULT rights: the PBX does not show it" in unknown
    pbx.traits = traits
    tasks_on(pbx)("user", number="100", mobile="+15550199")
    # a PBX that does not answer has no drift of yesterday
    away = player.run("drift", drift_src="acme", drift_dest="~/drift.md", threecx_host="http://127.0.0.1:9")
    assert "failed=1" in away
    assert "It could not be compared: " in (tmp_path / "drift.md").read_text()
    assert "+15550199" not in (tmp_path / "drift.md").read_text()

    # the files win
    assert player.changed("apply", "--check", "--diff", pbx_as_code_src="acme") == 1
    assert pbx.writes == []
    assert player.changed("apply", pbx_as_code_src="acme") == 1
    assert row(pbx, "Users", Number="100")["Mobile"] != "+15550199"
    assert player.changed("apply", pbx_as_code_src="acme") == 0
    assert pbx.writes == []

    # the PBX wins
    tasks_on(pbx)("user", number="100", mobile="+15550177")
    assert player.changed("apply", pbx_as_code_src="acme", pbx_as_code_state="adopted") == 1
    assert "+15550177" in "".join(path.read_text() for path in (tmp_path / "acme").rglob("*.yml"))


def test_the_role_carries_out_exactly_the_plan_that_was_reviewed(
    player: Player, pbx: SimulatedPbx, tmp_path: Path
) -> None:
    (tmp_path / "acme").mkdir()
    text = 'users:\n- {number: "100", mobile: "+15550199"}\nfaxes:\n- number: "860"\n'
    (tmp_path / "acme" / "all.yml").write_text(text)
    variables = {"pbx_as_code_src": "acme", "pbx_as_code_plan": "acme.json", "pbx_as_code_prune": ["faxes:861"]}
    assert "user 100" in player.run("apply", "--diff", pbx_as_code_state="planned", **variables)
    assert (tmp_path / "acme.json").is_file()
    assert pbx.writes == []
    assert player.changed("apply", "--check", **variables) == 1
    assert pbx.writes == []
    assert player.changed("apply", **variables) == 1
    assert row(pbx, "Users", Number="100")["Mobile"] == "+15550199"
    assert "861" not in {fax["Number"] for fax in pbx.entities("Fax")}, "the removal is part of the plan"
    assert "The plan is old" in player.run("apply", **variables)
    assert pbx.writes == []


def test_drift_and_apply_of_a_selection(player: Player, pbx: SimulatedPbx, tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    users = 'users:\n- {number: "100", mobile: "+15550199"}\n- {number: "101", mobile: "+15550198"}\n'
    (tmp_path / "acme" / "all.yml").write_text(f'{users}faxes:\n- number: "860"\n')
    pbx.fail(r"/Fax\b", status=403, times=None)  # the role of the client does not admit them
    assert "exclude faxes." in player.run("drift", drift_src="acme")
    chosen = {"drift_include": ["users", "faxes"], "drift_exclude": ["faxes", "users:101"]}
    found = player.run("drift", drift_src="acme", drift_dest="drift.md", drift_fail=False, **chosen)
    assert "failed=0" in found, found
    report = (tmp_path / "drift.md").read_text()
    assert ("## user 100" in report, "## user 101" in report) == (True, False)
    assert "Limited to a selection, include: users, faxes, exclude: faxes, users:101.\n" in report
    assert "outside of it: 2 objects and settings." in report
    variables = {"pbx_as_code_src": "acme", "pbx_as_code_exclude": ["faxes", "users:101"]}
    assert player.changed("apply", "--check", **variables) == 1
    assert player.changed("apply", **variables) == 1
    assert row(pbx, "Users", Number="100")["Mobile"] == "+15550199"
    assert row(pbx, "Users", Number="101")["Mobile"] != "+15550198"
    only = {"pbx_as_code_src": "acme", "pbx_as_code_include": ["users:101"], "pbx_as_code_plan": "plan.json"}
    assert player.changed("apply", pbx_as_code_state="planned", **only) == 1
    assert player.changed("apply", **only) == 1, "a plan holds its selection"
    assert row(pbx, "Users", Number="101")["Mobile"] == "+15550198"


def test_the_role_takes_a_structure_secrets_and_consent(player: Player, pbx: SimulatedPbx) -> None:
    user = {"number": "177", "first_name": "Ines", "auth_password": {"secret": "user_177"}}
    variables: dict[str, Any] = {
        "pbx_as_code_config": {"users": [user], "faxes": [{"number": "860"}]},
        "pbx_as_code_secrets": {"user_177": f"{CANARY}-of-177"},
        "pbx_as_code_prune": ["faxes:861"],
    }
    shown = player.run("apply", "--diff", "-vvv", **variables)
    assert "failed=0" in shown, shown
    assert CANARY not in shown
    assert CANARY in str([write.body for write in pbx.writes])
    assert "861" not in {fax["Number"] for fax in pbx.entities("Fax")}
    again = player.run("apply", **variables)
    assert "changed=0" in again
    assert "faxes:861: no such object" in again, "the consent has become pointless"
    del variables["pbx_as_code_prune"]
    assert player.changed("apply", **variables) == 0
    wrong = player.run("apply", pbx_as_code_removal="all")
    assert "value of pbx_as_code_removal must be one of" in wrong


def test_each_host_of_an_inventory_is_a_pbx(
    player: Player, pbx_factory: Callable[..., SimulatedPbx], tmp_path: Path
) -> None:
    pbxs = {"north": pbx_factory(), "south": pbx_factory()}
    tasks_on(pbxs["south"])("user", number="100", mobile="+15550177")
    hosts = {
        name: {"threecx_host": one.url, "threecx_client_id": one.client_id, "threecx_client_secret": one.client_secret}
        for name, one in pbxs.items()
    }
    (tmp_path / "inventory.json").write_text(json.dumps({"pbxs": {"hosts": hosts}}))
    chosen = ("-i", "inventory.json")
    written = player.run("export", *chosen, pbx_hosts="pbxs")
    assert written.count("changed=1") == 2, written
    mobile = 'mobile: "+15550177"'
    texts = {name: "".join(p.read_text() for p in (tmp_path / name).rglob("*.yml")) for name in pbxs}
    assert [mobile in texts[name] for name in ("north", "south")] == [False, True]
    assert player.run("drift", *chosen, pbx_hosts="pbxs").count("failed=0") == 2
    # The directory of a PBX does not depend on --limit.
    player.run("export", *chosen, "--limit", "north", pbx_hosts="pbxs", export_dest="exports")
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["north"]
    tasks_on(pbxs["north"])("user", number="100", mobile="+15550178")
    tasks_on(pbxs["south"])("contact", last_name="Müller", phone_number="+15550188")
    drifted = player.run("drift", *chosen, pbx_hosts="pbxs", drift_dest="drift.md")
    assert drifted.count("failed=1") == 2
    assert "Not declared, although their kind is complete: contact Müller" in drifted
    # The hosts of an inventory are no computers: no Python is looked for on them.
    assert "[WARNING]" not in drifted
    assert '"+15550178"' in (tmp_path / "drift-north.md").read_text()
    report = (tmp_path / "drift-south.md").read_text()
    assert "## Not declared, although their kind is complete\n\n- contact Müller\n" in report
    assert "## Unmanaged and kept\n\n- contact Müller\n" in report
