"""A PBX that refuses to show related objects: they are neither taken for missing nor silently left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pbx_as_code import Pbx
from pbx_as_code.cli.main import cli
from pbx_as_code.config.diff.sides import of_pbx
from pbx_as_code.config.export import export
from pbx_simulator import AS_SEEN, SimulatedPbx
from tests.cli.conftest import Threecx, threecx
from tests.collection.tasks import tasks_on
from tests.config.applying import site

__all__ = ["threecx"]

REFUSED = (*AS_SEEN, "refuse-expand")


def test_objects_whose_identity_is_not_shown_are_not_created_again() -> None:
    with SimulatedPbx(traits=AS_SEEN) as simulated, site(simulated) as here:
        files = here.exported()
        rules = len(simulated.entities("InboundRules"))
        assert rules
        simulated.traits = REFUSED
        made = here.plan(files, prune=("inbound_rules", "queues"))
        assert [one for one in made.operations if one.kind == "inbound_rule"] == []
        assert all(one.doing.value == "remove" for one in made.operations) or not made.operations
        unread = {
            one.identity for one in made.uncompared if one.kind == "inbound_rule" and "refuses to show trunk" in one.why
        }
        assert len(unread) == rules
        assert any("queues: " in hint and "refuses to show agents, groups, managers" in hint for hint in made.hints)
        assert not here.apply(made).failed
        assert len(simulated.entities("InboundRules")) == rules


def test_a_user_whose_roles_are_not_shown_may_be_a_system_owner() -> None:
    with SimulatedPbx(traits=AS_SEEN) as simulated, site(simulated) as here:
        owner = {"group": "DEFAULT", "rights": {"role_name": "system_owners"}}
        here.pbx.ensure("user", number="396", first_name="Owner", groups=[owner])
        simulated.traits = REFUSED
        made = here.plan("users: [{number: '100'}]\n", prune=("users:396",))
        assert made.operations == []
        assert "roles the PBX does not show" in made.kept["user", ("396",)]
        assert "--remove users:396" in made.kept["user", ("396",)]
        assert len(here.plan("users: [{number: '100'}]\n", remove=("users:396",)).operations) == 1


def test_a_membership_without_a_role_may_be_that_of_a_system_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a PBX that shows memberships, and not what is to be expanded within them."""

    def everything(pbx: Pbx, kind: str, **options: Any) -> Any:
        rows = answered(pbx, kind, **options)
        for membership in (one for row in rows if kind == "user" for one in row["groups"]):
            del membership["rights"]
        return rows

    answered = Pbx.everything
    with SimulatedPbx(traits=AS_SEEN) as simulated, site(simulated) as here:
        owner = {"group": "DEFAULT", "rights": {"role_name": "system_owners"}}
        here.pbx.ensure("user", number="396", first_name="Owner", groups=[owner])
        monkeypatch.setattr(Pbx, "everything", everything)
        made = here.plan("users: [{number: '100'}]\n", prune=("users:396",))
        assert made.operations == []
        assert "roles the PBX does not show" in made.kept["user", ("396",)]


def test_an_export_says_what_it_lacks(tmp_path: Path) -> None:
    with SimulatedPbx(traits=REFUSED) as simulated, site(simulated) as here:
        made = export(here.pbx, own_number=simulated.client_id)
        assert made.lacking["queues"] == ["agents", "groups", "managers"]
        assert "refuses to show trunk" in made.unread["inbound_rules"]
        assert "inbound.yml" not in made.files
        assert "refuses to show agents" in of_pbx("b", here.pbx).unread["queues"]
        access = {
            "THREECX_HOST": simulated.url, "THREECX_CLIENT_ID": simulated.client_id,
            "THREECX_CLIENT_SECRET": simulated.client_secret, "XDG_RUNTIME_DIR": str(tmp_path),
        }  # fmt: skip
        done = CliRunner().invoke(cli, ["export", str(tmp_path / "files")], env=access)
        assert done.exit_code == 0, done.output
        assert "refuses to show it: queues: agents, groups, managers" in done.output
        shown = CliRunner().invoke(cli, ["get", "queues", "--expand", "agents"], env=access)
        assert "Warning: The result lacks agents" in shown.output


def test_what_is_read_carries_its_warnings() -> None:
    with SimulatedPbx(traits=REFUSED) as simulated, site(simulated) as here:
        for found in (here.pbx.info("queue", expand=["agents"]), here.pbx.everything("queue")):
            assert "agents" in found.lacking
            assert any("The result lacks agents" in warning for warning in found.warnings)
            assert isinstance(found, list)
            assert found == list(found)
        queue = here.pbx.read("queue", number="800")
        assert queue is not None
        assert queue["number"] == "800"
        assert any("The result lacks agents" in warning for warning in queue.warnings)
        simulated.traits = AS_SEEN
        simulated.fail("/Groups$", 403, times=None, method="GET")
        found = here.pbx.everything("outbound_rule")
        assert any("departments of" in warning and "cannot be read" in warning for warning in found.warnings)
        assert here.pbx.read("mail_settings").warnings == []  # type: ignore[union-attr]


def test_an_adoption_says_what_it_could_not_compare(tmp_path: Path, threecx: Threecx) -> None:
    (tmp_path / "a.yml").write_text("queues: [{number: '800', ring_timeout: 30, agents: [{number: '300'}]}]\n")
    with SimulatedPbx(traits=REFUSED) as simulated:
        for options, said in (((), True), (("--include", "queues"), True), (("--include", "users"), False)):
            done = threecx("export", str(tmp_path), "--only-drift", *options, pbx=simulated)
            assert ("? not compared: queue 800 agents: " in done.out) is said, done.out
        result = tasks_on(simulated)("config", state="adopted", src=[str(tmp_path)], adopt={"only_drift": True})
        assert [one for one in result.warnings if one.startswith("Not compared: queue 800 agents: ")]
