"""Settings that an action takes as a whole: what is left alone goes along, as it came. See
test_settings for the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]
GET, SET = "/Backups/Pbx.GetBackupSettings", "/Backups/Pbx.SetBackupSettings"
JSON = {"Content-Type": "application/json"}


def sent(pbx: SimulatedPbx) -> Any:
    return json.loads(pbx.writes[-1].body)


def test_a_concealed_credential_goes_back_as_it_came(pbx: SimulatedPbx, task: Task) -> None:
    concealed = {"Concealed": True, "Value": ""}
    pbx.put("Backups/GetBackupSettings", {"Contents": {"EncryptBackupPassword": concealed}})
    assert task("backup_settings", rotation=9)["changed"]
    assert sent(pbx)["settings"]["Contents"]["EncryptBackupPassword"] == concealed
    assert task("backup_settings", contents={"recordings": True})["changed"]
    assert sent(pbx)["settings"]["Contents"]["EncryptBackupPassword"] == concealed
    assert task("backup_settings", contents={"encrypt_backup_password": "invented"})["changed"]
    assert sent(pbx)["settings"]["Contents"]["EncryptBackupPassword"] == {"Concealed": False, "Value": "invented"}


def test_a_credential_that_is_answered_goes_back_and_is_not_shown(pbx: SimulatedPbx, task: Task) -> None:
    result = task("backup_settings", rotation=9)
    assert sent(pbx)["settings"]["Contents"]["EncryptBackupPassword"]["Value"] == "invented-backup-password"
    assert "invented-backup-password" not in json.dumps(result.data)
    shown = task("backup_settings_info", reveal_secrets=True)["backup_settings"]
    assert shown["contents"]["encrypt_backup_password"] == "invented-backup-password"
    assert not task("backup_settings", **shown)["changed"]


def test_what_nobody_here_knows_goes_along_and_control_information_does_not(pbx: SimulatedPbx, task: Task) -> None:
    row = {"@odata.context": "x", "@odata.etag": 'W/"1"', "Rotation": 5, "Newer": [{"@odata.type": "#x", "A": 1}]}
    pbx.fail(GET, status=200, times=2, body=json.dumps(row), headers=JSON)
    pbx.fail(SET, status=204, method="POST")
    pbx.fail(GET, status=200, body=json.dumps({**row, "Rotation": 9}), headers=JSON)
    result = task("backup_settings", rotation=9)
    assert result["changed"]
    assert result["backup_settings"] == {"rotation": 9, "contents": None, "schedule": None, "schedule_enabled": None}
    assert sent(pbx) == {"settings": {"Rotation": 9, "Newer": [{"A": 1}]}}
    assert "if-match" not in pbx.writes[-1].headers


def test_what_was_accepted_and_not_stored_is_told(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail(SET, status=204, method="POST")
    dropped = task("backup_settings", rotation=9)
    assert "did not store rotation" in dropped.msg
    pbx.fail("/CallCostSettings/Pbx.UpdateCost", status=204, method="POST")
    assert "did not store costs" in task("call_costs", costs=[]).msg


@pytest.mark.parametrize(
    ("name", "path"),
    [("backup_settings", GET), ("call_costs", "/CallCostSettings"), ("multi_company_mode", "/Defs/Pbx.GetSystemParam")],
)
def test_failures_say_what_happened(name: str, path: str, pbx: SimulatedPbx, task: Task) -> None:
    for module in (name, f"{name}_info"):
        pbx.fail(path, status=403)
        assert task(module)["status"] == 403
        pbx.fail(path, status=200, body="<html></html>", headers={"Content-Type": "text/html"})
        assert task(module).data["pbx"] == pbx.url
        pbx.fail(path, status=200, body='["x"]', headers=JSON)
        assert task(module).data["failed"]


def test_a_refusal_names_the_option(pbx: SimulatedPbx, task: Task) -> None:
    detail = {"code": "", "message": "WARNINGS.XAPI.OUT_OF_RANGE", "target": "Rotation"}
    body = {
        "error": {"code": "", "message": "Rotation:\nWARNINGS.XAPI.OUT_OF_RANGE", "target": None, "details": [detail]}
    }
    pbx.fail(SET, status=400, method="POST", body=json.dumps(body), headers=JSON)
    refused = task("backup_settings", rotation=-1)
    assert "Backup settings could not be changed" in refused.msg
    assert (refused["status"], refused["target"]) == (400, "Rotation")


def test_one_value_cannot_be_cleared(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("SystemStatus", {"IsChatLogEnabled": True})
    pbx.clear_log()
    for check_mode in (True, False):
        assert "cannot be cleared" in task("chat_log_status", check_mode=check_mode, enabled=None).msg
    assert pbx.writes == []
    assert task("chat_log_status", enabled=False)["diff"] == {"before": {"enabled": True}, "after": {"enabled": False}}
    assert sent(pbx) == {"enable": False}


def test_a_list_is_read_to_its_end_and_sent_as_a_whole(pbx: SimulatedPbx, task: Task) -> None:
    for number in range(230):
        pbx.put("CallCostSettings", {"CountryName": f"Country {number}", "Prefix": f"9{number:03}", "Rate": 1.0})
    before = {row["Id"]: row for row in pbx.entities("CallCostSettings")}
    costs = task("call_costs_info")["call_costs"]["costs"]
    assert len(costs) == len(before) == 232
    pbx.clear_log()
    assert not task("call_costs", costs=costs[::-1])["changed"], "the order means nothing"
    assert pbx.writes == []

    first, *others = costs
    new = {"country_name": "Example", "prefix": "0099", "rate": 2}
    assert task("call_costs", costs=[{**first, "rate": 3}, *others[1:], new])["changed"]
    after = {row["Id"]: row for row in pbx.entities("CallCostSettings")}
    assert after[first["id"]] == {**before[first["id"]], "Rate": 3}
    assert set(before) - set(after) == {others[0]["id"]}
    [made] = set(after) - set(before)
    assert (after[made]["Prefix"], after[made]["Rate"]) == ("0099", 2)
    assert {key: after[key] for key in after if key not in (first["id"], made)} == {
        key: before[key] for key in before if key not in (first["id"], others[0]["id"])
    }


def test_items_that_cannot_be_told_apart_are_refused(task: Task) -> None:
    assert "prefix is missing" in task("call_costs", costs=[{"country_name": "X", "rate": 1}]).msg
    place = {"id": "hq", "friendly_name": "X"}
    assert "is given twice" in task("emergency_locations", locations=[place, place]).msg


def test_an_empty_list_takes_all_away(pbx: SimulatedPbx, task: Task) -> None:
    assert task("emergency_locations", locations=[])["changed"]
    assert pbx.entities("EmergencyGeoLocations") == []
    assert not task("emergency_locations", locations=[])["changed"]
    assert not task("emergency_locations", locations=None)["changed"]


def test_an_answer_without_a_body_is_not_that_nothing_is_chosen(pbx: SimulatedPbx, task: Task) -> None:
    """Null is 204; found by make soak."""
    assert task("active_prompt_set", prompt_set="Company Prompt Set")["changed"]
    pbx.clear_log()
    pbx.fail(r"ActivePromptSet|GetActive", status=200, body="")
    assert task("active_prompt_set", prompt_set="Company Prompt Set").data["failed"]
    assert pbx.writes == []


def test_what_is_chosen_is_named_and_stands_in_the_url(pbx: SimulatedPbx, task: Task) -> None:
    assert task("active_prompt_set_info")["active_prompt_set"] == {"prompt_set": "English Prompt Set"}
    chosen = task("active_prompt_set", prompt_set="Company Prompt Set")
    assert chosen["diff"] == {
        "before": {"prompt_set": "English Prompt Set"},
        "after": {"prompt_set": "Company Prompt Set"},
    }
    [write] = pbx.writes
    assert (write.path, write.body) == ("/xapi/v1/PromptSets(2)/Pbx.SetActive", b"")
    for name in ("Company Prompt Set", "2"):
        assert not task("active_prompt_set", prompt_set=name)["changed"]
    assert len(pbx.writes) == 1


def test_what_is_chosen_must_be_there_and_cannot_be_nothing(pbx: SimulatedPbx, task: Task) -> None:
    missing = task("active_prompt_set", prompt_set="Companys Prompt Set")
    assert "there is no prompt set Companys Prompt Set" in missing.msg
    assert "did you mean Company Prompt Set" in missing.msg
    assert "cannot be cleared" in task("active_prompt_set", prompt_set=None).msg
    assert pbx.writes == []


def test_where_nothing_is_chosen_yet(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail("/PromptSets/Pbx.GetActive", status=204, times=3)
    assert task("active_prompt_set_info")["active_prompt_set"] == {"prompt_set": None}
    assert task("active_prompt_set", prompt_set="English Prompt Set")["changed"]
    assert [write.path for write in pbx.writes] == ["/xapi/v1/PromptSets(1)/Pbx.SetActive"]


def test_a_choice_that_was_not_kept_is_told(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail("/PromptSets", status=204, method="POST")
    assert "did not store prompt_set" in task("active_prompt_set", prompt_set="Company Prompt Set").msg
