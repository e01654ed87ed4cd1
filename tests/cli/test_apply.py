"""`threecx plan --out` and `threecx apply`, as people run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx

FILES = "groups: [{name: Sales}]\nusers: [{number: '391', first_name: Nora, primary_group: Sales}]\n"
CONTACTS = "contacts: [{last_name: One}, {last_name: Two}]\n"


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    directory = tmp_path / "acme"
    directory.mkdir()
    (directory / "all.yml").write_text(FILES)
    return directory


def test_a_plan_is_carried_out_once(threecx: Threecx, simulated: SimulatedPbx, acme: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    planned = threecx("plan", str(acme), "--out", str(out), pbx=simulated)
    assert planned.status == 2
    assert "create user 391" in planned.out
    assert not simulated.writes
    asked = threecx("apply", str(out), pbx=simulated)
    assert asked.status == 1
    assert "--yes" in asked.err
    assert not simulated.writes
    applied = threecx("apply", str(out), "--yes", pbx=simulated)
    assert (applied.status, applied.err) == (0, "")
    assert "done: create user 391" in applied.out
    assert json.loads((acme / "threecx.lock").read_text())["owned"]["users"] == [["391"]]
    assert not list(acme.glob(".threecx*"))
    again = threecx("apply", str(out), "--yes", pbx=simulated)
    assert again.status == 1
    assert "user 391 is there now" in again.err
    assert threecx("plan", str(acme), pbx=simulated).status == 0
    assert threecx("apply", str(acme), "--yes", pbx=simulated).status == 0


def test_a_plan_that_is_taken_for_declarations_is_called_a_plan(
    threecx: Threecx, simulated: SimulatedPbx, acme: Path, tmp_path: Path
) -> None:
    out = acme / "plan.yml"
    assert threecx("plan", str(acme), "--out", str(out), pbx=simulated).status == 2
    for arguments in (("validate", str(acme)), ("plan", str(out)), ("drift", str(out)), ("plan", str(acme))):
        refused = threecx(*arguments, pbx=simulated)
        told = [line for line in (refused.out + refused.err).splitlines() if line.startswith("plan.yml")]
        assert told == [
            "plan.yml:1:1: This is a plan, which declares nothing. `threecx apply` shows it and carries it out."
        ]
    moved = out.rename(tmp_path / "plan.yml")
    assert threecx("apply", str(moved), "--yes", pbx=simulated).status == 0, "a plan may be called anything"


def test_what_was_changed_before_the_user_agreed_is_not_overwritten(
    threecx: Threecx, simulated: SimulatedPbx, acme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (acme / "queues.yml").write_text('queues: [{number: "800", agents: [{number: "102"}]}]\n')

    def agreed(*_: object) -> bool:
        [queue] = [row for row in simulated.entities("Queues") if row["Number"] == "800"]
        simulated.put("Queues", {"Id": queue["Id"], "Agents": [*queue["Agents"], {"Number": "104"}]})
        return True

    monkeypatch.setattr("pbx_as_code.cli.applying._agreed", agreed)
    refused = threecx("apply", str(acme), pbx=simulated)
    assert refused.status == 1
    assert "queue 800 has changed" in refused.err
    assert "Plan again." in refused.err
    assert not simulated.writes
    monkeypatch.setattr("pbx_as_code.cli.applying._agreed", lambda *_: True)
    assert threecx("apply", str(acme), pbx=simulated).status == 0


def test_files_of_another_pbx_are_not_applied_by_mistake(threecx: Threecx, simulated: SimulatedPbx, acme: Path) -> None:
    (acme / "pbx.yml").write_text("pbx: {identity: other.example.com}\n")
    refused = threecx("apply", str(acme), "--yes", pbx=simulated)
    assert refused.status == 1
    assert "other.example.com" in refused.err
    assert not simulated.writes
    assert "other.example.com" in threecx("plan", str(acme), pbx=simulated).out
    assert threecx("apply", str(acme), "--yes", "--other-pbx", pbx=simulated).status == 0


def test_json_tells_each_fate(threecx: Threecx, simulated: SimulatedPbx, acme: Path) -> None:
    applied = threecx("apply", str(acme), "--yes", "--json", pbx=simulated)
    assert applied.json["counts"]["done"] == 1
    assert applied.json["fates"][0]["identity"] == ["391"]
    assert applied.json["changed"] is True


def test_removals_need_consent_and_keep_to_the_limits_of_the_files(
    threecx: Threecx, simulated: SimulatedPbx, acme: Path
) -> None:
    (acme / "contacts.yml").write_text(CONTACTS)
    assert threecx("apply", str(acme), "--yes", pbx=simulated).status == 0
    (acme / "contacts.yml").unlink()
    assert threecx("apply", str(acme), "--yes", pbx=simulated).status == 0
    assert len(simulated.entities("Contacts")) == 5
    (acme / "pbx.yml").write_text("pbx: {removal: owned, limits: {objects: 1}}\n")
    planned = threecx("plan", str(acme), "--json", pbx=simulated)
    assert "2 objects" in planned.json["limits"][0]
    refused = threecx("apply", str(acme), "--yes", pbx=simulated)
    assert refused.status == 1
    assert "limit is 1." in refused.err
    assert len(simulated.entities("Contacts")) == 5
    waiver = planned.json["waiver"]
    assert threecx("apply", str(acme), "--yes", "--waive", waiver, pbx=simulated).status == 0
    assert len(simulated.entities("Contacts")) == 3


def test_secrets_come_from_where_the_user_says(
    threecx: Threecx, simulated: SimulatedPbx, acme: Path, tmp_path: Path
) -> None:
    (acme / "trunks.yml").write_text(
        "trunks: [{number: '10005', template: provider.pv.xml, gateway: {host: sip.example.com, name: T,"
        " type: Provider}, auth_password: !secret trunk_main}]\n"
    )
    refused = threecx("apply", str(acme), "--yes", pbx=simulated)
    assert refused.status == 1
    assert "not given: trunk_main. Set THREECX_SECRET_TRUNK_MAIN in the environment" in refused.err
    file = tmp_path / "secrets.yml"
    file.write_text("trunk_main: Invented-Secret-1!\n")  # an invented credential
    applied = threecx("apply", str(acme), "--yes", "--secrets-file", str(file), pbx=simulated)
    assert applied.status == 0
    assert "Invented-Secret" not in applied.out + applied.err
    assert "(credential trunk_main)" in applied.out
    assert b"Invented-Secret-1!" in b"".join(request.body for request in simulated.writes)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--remove", "users"), "users names no object"),
        (("--prune", "userss"), "did you mean users"),
        (("--replace", "user:100"), "did you mean users"),
    ],
)
def test_a_wrong_consent_is_one_message(
    threecx: Threecx, shared_pbx: SimulatedPbx, acme: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = threecx("plan", str(acme), *arguments, pbx=shared_pbx)
    assert ran.status == 1
    assert said in ran.err


def test_what_is_no_plan_is_said(threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path) -> None:
    for content in ("[]", "{}", "no json", '{"format": 99}'):
        (tmp_path / "plan.json").write_text(content)
        ran = threecx("apply", str(tmp_path / "plan.json"), "--yes", pbx=shared_pbx)
        assert ran.status == 1
        assert "Plan again" in ran.err


def test_one_file_is_applied_like_a_directory(threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("users: [{number: '391', first_name: Nora}]\n")
    assert threecx("plan", str(file), pbx=simulated).status == 2
    assert threecx("apply", str(file), "--yes", pbx=simulated).status == 0
    assert threecx("plan", str(file), pbx=simulated).status == 0
    assert (tmp_path / "threecx.lock").is_file()
    missing = threecx("apply", str(tmp_path / "b.yml"), "--yes", pbx=simulated)
    assert "b.yml:1:1: There is no such directory." in missing.err
