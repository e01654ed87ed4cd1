"""threecx_config with a plan: written by one task, carried out exactly by another, refused if anything has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.cli.main import main
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.collection.shipped import as_a_module
from tests.collection.tasks import Task, tasks_on

CANARY = "CANARY-p1an"  # invented
FILES = """\
users:
- {number: "100", mobile: "+15550133"}
- {number: "177", first_name: Ines, auth_password: !secret user_177}
faxes:
- {number: "877"}
"""


@pytest.fixture
def src(tmp_path: Path) -> Path:
    files = tmp_path / "acme"
    files.mkdir()
    (files / "all.yml").write_text(FILES)
    return files


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return tmp_path / "plans" / "acme.json"


def user(pbx: SimulatedPbx, number: str) -> Any:
    return next((row for row in pbx.entities("Users") if row["Number"] == number), None)


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_a_plan_is_written_and_carried_out_once(traits: Any, src: Path, plan: Path) -> None:
    with SimulatedPbx(traits=traits) as pbx:
        task = tasks_on(pbx)
        looked = task("config", state="planned", src=str(src), plan=str(plan), check_mode=True)
        assert looked["changed"]
        assert not plan.exists()
        planned = task("config", state="planned", src=str(src), plan=str(plan))
        assert planned["changed"]
        assert {one["state"] for one in planned["operations"]} == {"planned"}
        assert "user 177" in planned["markdown"]
        assert not task("config", state="planned", src=str(src), plan=str(plan))["changed"], "the same bytes"
        assert pbx.writes == []

        given = {"plan": str(plan), "secrets": {"user_177": CANARY}}
        checked = task("config", **given, check_mode=True)
        assert (checked["changed"], pbx.writes) == (True, [])
        done = task("config", **given)
        assert {one["state"] for one in done["operations"]} == {"done"}
        assert [one["name"] for one in done["operations"]] == [one["name"] for one in planned["operations"]]
        assert (done["waiver"], done["digest"]) == (planned["waiver"], planned["digest"])
        assert user(pbx, "177")["FirstName"] == "Ines"
        assert CANARY in str([write.body for write in pbx.writes])
        assert (src / "threecx.lock").is_file(), "the files of the plan are there, so what they own is recorded"
        written = len(pbx.writes)
        again = task("config", **given)
        assert "The plan is old" in again.msg
        assert "user 177 is there now" in again.msg
        assert not again.data["changed"]
        assert again.data["operations"], "the result still shows the plan"
        assert len(pbx.writes) == written
        assert CANARY not in plan.read_text() + json.dumps([planned.data, done.data, again.data])


def test_the_plan_of_the_command_is_carried_out_and_the_other_way_round(
    task: Task, pbx: SimulatedPbx, src: Path, plan: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    plan.parent.mkdir()
    monkeypatch.setenv("THREECX_HOST", pbx.url)
    monkeypatch.setenv("THREECX_CLIENT_ID", pbx.client_id)
    monkeypatch.setenv("THREECX_CLIENT_SECRET", pbx.client_secret)

    def command(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    (src / "all.yml").write_text('faxes:\n- {number: "877"}\n')
    assert command("plan", str(src), "--out", str(plan))[0] == 2
    assert task("config", plan=str(plan), src=str(src))["changed"]
    (src / "all.yml").write_text('faxes:\n- {number: "877"}\n- {number: "878"}\n')
    assert task("config", state="planned", plan=str(plan), src=str(src))["changed"]
    status, said = command("apply", str(plan), "--yes")
    assert status == 0, said
    assert {"877", "878"} <= {fax["Number"] for fax in pbx.entities("Fax")}

    # Module and command refuse an old plan in the same words.
    status, said = command("apply", str(plan), "--yes")
    assert status == 1
    assert task("config", plan=str(plan)).msg in " ".join(said.split())


def test_files_that_were_not_planned_are_refused(task: Task, pbx: SimulatedPbx, src: Path, plan: Path) -> None:
    task("config", state="planned", src=str(src), plan=str(plan))
    (src / "all.yml").write_text(FILES.replace("+15550133", "+15550144"))
    for check_mode in (True, False):
        failed = task("config", src=str(src), plan=str(plan), check_mode=check_mode)
        assert f"The plan was not made from the files in {src} as they are now." in failed.msg
    assert "not made from the files in config" in task("config", config={"users": []}, plan=str(plan)).msg
    assert pbx.writes == []


def test_an_object_that_has_changed_since_is_kept(task: Task, pbx: SimulatedPbx, src: Path, plan: Path) -> None:
    task("config", state="planned", src=str(src), plan=str(plan))
    pbx.put("Users", {"Id": user(pbx, "100")["Id"], "Mobile": "+15550155"})  # a colleague, in between
    for check_mode in (True, False):
        failed = task("config", plan=str(plan), check_mode=check_mode, secrets={"user_177": CANARY})
        assert "user 100 has changed" in failed.msg
    assert user(pbx, "100")["Mobile"] == "+15550155"
    assert pbx.writes == []


def test_removals_are_part_of_the_plan(task: Task, pbx: SimulatedPbx, plan: Path) -> None:
    config = {"faxes": [{"number": "860"}]}
    for number in range(870, 882):
        pbx.put("Fax", {"Number": str(number)})
    consent = {"prune": ["faxes:87*", "faxes:880", "faxes:881"]}
    planned = task("config", state="planned", config=config, plan=str(plan), **consent)
    assert planned["counts"]["remove"] == 12
    assert any("waiver: " in warning for warning in planned.warnings)
    assert f"Refused without the waiver {planned['waiver']}" in planned["markdown"]
    assert "prune: a plan holds everything that is to be done" in task("config", plan=str(plan), **consent).msg
    failed = task("config", plan=str(plan))
    assert "12 objects would be removed" in failed.msg
    assert pbx.writes == []
    assert task("config", plan=str(plan), waiver=planned["waiver"])["changed"]
    assert not [fax for fax in pbx.entities("Fax") if fax["Number"].startswith("87")]


def test_what_is_left_needs_a_new_plan(task: Task, pbx: SimulatedPbx, src: Path, plan: Path) -> None:
    given = {"src": str(src), "plan": str(plan)}
    task("config", state="planned", **given)
    pbx.fail(method="PATCH", path=r"/Users\(", status=400, times=1)
    failed = task("config", **given, secrets={"user_177": CANARY})
    assert failed.data["changed"]
    assert "plan again" in failed.msg
    assert "The plan is old" in task("config", **given).msg
    assert [one["name"] for one in task("config", state="planned", **given)["operations"]] == ["user 100"]
    assert task("config", **given)["changed"]


def test_an_impossible_plan_is_written_for_review_and_refused(task: Task, pbx: SimulatedPbx, plan: Path) -> None:
    config = {"queues": [{"number": "800", "agents": [{"number": "999"}]}]}
    planned = task("config", state="planned", config=config, plan=str(plan))
    assert "Impossible" in planned["markdown"]
    failed = task("config", plan=str(plan))
    assert "parts of it are impossible" in failed.msg
    assert pbx.writes == []


def test_what_is_no_plan_is_named(task: Task, pbx: SimulatedPbx, src: Path, plan: Path) -> None:
    assert f"plan: {plan} cannot be read: No such file" in task("config", plan=str(plan)).msg
    task("config", state="planned", src=str(src), plan=str(plan))
    plan.write_text(plan.read_text().replace("+15550133", "+15550134"))
    edited = task("config", plan=str(plan)).msg
    assert edited.startswith("plan: the plan cannot be used. Nothing was sent.")
    assert "It was changed after it was made." in edited
    for content in (b"users: []\n", b"\xff\xfe", b"[]"):
        plan.write_bytes(content)
        assert "It is not a plan" in task("config", plan=str(plan)).msg
    assert "plan" in task("config", state="planned", src=str(src)).msg
    assert "belongs to state=present" in task("config", state="gathered", plan=str(plan)).msg
    blocked = task("config", state="planned", src=str(src), plan=str(src / "all.yml" / "plan.json"))
    assert "cannot be written" in blocked.msg
    assert pbx.writes == []


def test_files_of_another_pbx_are_refused_unless_meant(task: Task, pbx: SimulatedPbx, src: Path, plan: Path) -> None:
    (src / "pbx.yml").write_text("pbx: {identity: other.example.com}\n")
    failed = task("config", src=str(src), secrets={"user_177": CANARY})
    assert "These files are of the PBX other.example.com" in failed.msg
    assert "give other_pbx: true" in failed.msg
    assert pbx.writes == []
    looked = task("config", src=str(src), check_mode=True)
    assert any("other.example.com" in warning for warning in looked.warnings)
    task("config", state="planned", src=str(src), plan=str(plan))
    assert "other.example.com" in task("config", src=str(src), plan=str(plan), secrets={"user_177": CANARY}).msg
    assert pbx.writes == []
    assert task("config", src=str(src), other_pbx=True, secrets={"user_177": CANARY})["changed"]


def test_shipped_it_says_the_same(
    task: Task, pbx: SimulatedPbx, src: Path, plan: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shipped = as_a_module("config", pbx, monkeypatch, capsys, state="planned", src=str(src), plan=str(plan))
    bytes_shipped = plan.read_bytes()
    plan.unlink()
    assert shipped == task("config", state="planned", src=str(src), plan=str(plan)).data
    assert plan.read_bytes() == bytes_shipped
    given = {"src": str(src), "plan": str(plan), "secrets": {"user_177": CANARY}}
    looked = as_a_module("config", pbx, monkeypatch, capsys, **given, _ansible_check_mode=True)
    assert looked == task("config", **given, check_mode=True).data
    assert pbx.writes == []
    assert {one["state"] for one in task("config", **given)["operations"]} == {"done"}
    refused = as_a_module("config", pbx, monkeypatch, capsys, **given)
    assert refused["failed"]
    assert "The plan is old" in refused["msg"]
    assert refused == task("config", **given).data
