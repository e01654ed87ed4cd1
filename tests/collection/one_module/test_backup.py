"""threecx_backup: made once, waited for, removed; by its name with the ending or without."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.clocks import Night, fall
from tests.collection.conftest import Result

Task = Callable[..., Result]
MAKE = "/xapi/v1/Backups/Pbx.Backup"
DUPLICATE = {
    "error": {
        "code": "",
        "message": "Name:\nWARNINGS.XAPI.DUPLICATE",
        "details": [{"code": "", "message": "WARNINGS.XAPI.DUPLICATE", "target": "Name"}],
    }
}


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Night:
    return fall(monkeypatch)


def names(pbx: SimulatedPbx) -> set[str]:
    return {row["FileName"] for row in pbx.entities("Backups")}


@pytest.mark.parametrize("name", ["weekly", "weekly.zip"])
def test_one_is_made_and_waited_for(pbx: SimulatedPbx, task: Task, night: Night, name: str) -> None:
    would = task("backup", file_name=name, check_mode=True)
    assert would["changed"]
    assert would["backup"] == {"file_name": "weekly.zip", "size": None, "creation_time": None, "etag": None}
    assert would["diff"] == {"before": {}, "after": {"file_name": "weekly.zip"}}
    assert pbx.writes == []
    assert night.slept == []

    made = task("backup", file_name=name)
    assert made["changed"]
    assert made["backup"]["file_name"] == "weekly.zip"
    assert made["backup"]["size"] > 0
    assert made["diff"]["before"] == {}
    assert night.slept == [0.5, 1.0]
    [write] = pbx.writes
    assert (write.method, write.path) == ("POST", MAKE)
    assert json.loads(write.body) == {"description": {"Name": "weekly.zip"}}

    for again in ("weekly", "weekly.zip", "weekly.ZIP"):
        if again != "weekly.ZIP":  # that is another file
            same = task("backup", file_name=again, contents={"recordings": True})
            assert not same["changed"]
            assert same["backup"] == made["backup"]
            assert same.warnings == []
    assert len(pbx.writes) == 1


def test_what_is_in_it(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    contents = {"recordings": False, "voicemails": True, "encrypt_backup": True, "encrypt_backup_password": "CANARY"}
    made = task("backup", file_name="weekly", contents={**contents, "prompts": None})
    assert "CANARY" not in json.dumps([made.data, made.warnings])
    [write] = pbx.writes
    assert json.loads(write.body)["description"]["Contents"] == {
        "EncryptBackup": True,
        "EncryptBackupPassword": {"Concealed": False, "Value": "CANARY"},
        "Prompts": None,
        "Recordings": False,
        "VoiceMails": True,
    }


def test_it_need_not_be_waited_for(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    made = task("backup", file_name="weekly", wait=False)
    assert made["changed"]
    assert made["backup"] == {"file_name": "weekly.zip", "creation_time": None, "size": None}
    assert night.slept == []
    again = task("backup", file_name="weekly", wait=False)
    assert not again["changed"], "it is under way"


def test_it_is_not_waited_for_for_ever(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task], night: Night
) -> None:
    pbx = pbx_factory(slowness=1000)
    task = task_on(pbx)
    late = task("backup", file_name="weekly", wait_timeout=30)
    assert "does not have it after 30 seconds" in late.msg
    assert "wait_timeout" in late.msg
    assert late.data["changed"] is True, "it was asked for"
    assert sum(night.slept) == 30
    assert "wait_timeout" in task("backup", file_name="other", wait_timeout=-1).msg


def test_a_pbx_that_is_too_busy_to_answer_is_waited_for(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    night.meanwhile = lambda: pbx.fail("/Backups$", status=500, times=1) if len(night.slept) == 1 else None
    assert task("backup", file_name="weekly")["changed"]
    assert len(night.slept) >= 3


def test_another_one_is_under_way(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    task("backup", file_name="first", wait=False)
    would = task("backup", file_name="second", check_mode=True)
    assert would["changed"]
    assert "would have to wait" in would.warnings[0]
    made = task("backup", file_name="second")
    assert made["changed"]
    assert {"first.zip", "second.zip"} <= names(pbx)


def test_when_none_can_be_made(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    pbx.fail(r"GetCanCreateBackup", status=200, times=None, body={"value": False})
    refused = task("backup", file_name="weekly", wait_timeout=20)
    assert "cannot make one now" in refused.msg
    assert "Nothing was changed" in refused.msg
    assert sum(night.slept) == 20
    assert pbx.writes == []
    assert task("backup", file_name="weekly", wait=False)["changed"], "it is for the PBX to refuse it"


def test_somebody_else_was_quicker(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    pbx.fail("Pbx.Backup$", status=400, method="POST", body=DUPLICATE)
    night.meanwhile = lambda: pbx.put("Backups", {"FileName": "weekly.zip", "Size": 1})
    found = task("backup", file_name="weekly")
    assert not found["changed"]
    assert found["backup"]["size"] == 1

    pbx.fail("Pbx.Backup$", status=400, method="POST", body=DUPLICATE)
    night.meanwhile = None
    refused = task("backup", file_name="daily", wait_timeout=5)
    assert refused["code"] == "WARNINGS.XAPI.DUPLICATE"
    assert "does not have it after 5 seconds" in refused.msg
    assert refused.data["changed"] is False


def test_a_refused_one_is_explained(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    pbx.fail("Pbx.Backup$", status=403, method="POST", times=2)  # a new token does not help
    refused = task("backup", file_name="weekly", contents={"encrypt_backup_password": "CANARY"})
    assert refused["status"] == 403
    assert "Backup with file_name weekly.zip could not be created" in refused.msg
    assert "CANARY" not in json.dumps(refused.data)
    assert night.slept == []


@pytest.mark.parametrize("name", ["nightly", "nightly.zip"])
def test_removal(pbx: SimulatedPbx, task: Task, name: str) -> None:
    would = task("backup", file_name=name, state="absent", check_mode=True)
    assert would["changed"]
    assert pbx.writes == []
    gone = task("backup", file_name=name, state="absent")
    assert gone["changed"]
    assert gone["diff"]["after"] == {}
    [write] = pbx.writes
    assert (write.method, write.path) == ("DELETE", "/xapi/v1/Backups('nightly.zip')")
    assert write.headers["if-match"] == gone["backup"]["etag"]
    assert task("backup", file_name=name, state="absent").data == {"changed": False}
    assert len(pbx.writes) == 1


def test_of_two_alike_the_one_that_is_named_is_removed(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("Backups", {"FileName": "nightly"})
    assert task("backup", file_name="nightly", state="absent")["backup"]["file_name"] == "nightly"
    assert "nightly.zip" in names(pbx)
    pbx.put("Backups", {"FileName": "nightly"})
    assert task("backup", file_name="nightly.zip", state="absent")["backup"]["file_name"] == "nightly.zip"
    assert "nightly" in names(pbx)
    assert not task("backup", file_name="nightly")["changed"], "it is there"


def test_an_etag(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    for check_mode in (True, False):
        stale = task("backup", file_name="nightly", state="absent", if_match='W/"stale"', check_mode=check_mode)
        assert stale["status"] == 412
        none = task("backup", file_name="weekly", if_match='W/"1"', check_mode=check_mode)
        assert none["status"] == 412
    assert pbx.writes[-1].status == 412
    assert "nightly.zip" in names(pbx)
    assert "weekly.zip" not in names(pbx)
    [row] = task("backup_info", file_name="nightly")["backups"]
    assert task("backup", file_name="nightly", state="absent", etag=row["etag"])["changed"]


def test_whoever_knows_the_link_has_the_backup(pbx: SimulatedPbx, task: Task) -> None:
    [row] = task("backup_info", file_name="nightly")["backups"]
    assert "download_link" not in row
    [row] = task("backup_info", file_name="nightly", reveal_secrets=True)["backups"]
    assert row["download_link"].startswith("https://")
