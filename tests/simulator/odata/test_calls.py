"""Functions, actions and downloads: parameters as XAPI.md says, effects where they are certain."""

from __future__ import annotations

import pytest

from tests.simulator.support import Api, refused

REPORT = "/ReportInboundCalls/Pbx.GetInboundCalls"
GOOD = {
    "periodFrom": "2026-01-01T00:00:00Z",
    "periodTo": "2026-01-31T23:59:59.999Z",
    "trunkDns": "''",
    "callsType": "0",
}


def call(arguments: dict[str, str]) -> str:
    return f"{REPORT}({','.join(f'{name}={value}' for name, value in arguments.items())})"


def test_a_function_with_every_parameter_answers(api: Api) -> None:
    assert "value" in api.one(call(GOOD))
    backwards = dict(reversed(GOOD.items()))
    assert "value" in api.one(call(backwards))


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_parameter_left_out_answers_404(api: Api, missing: str) -> None:
    refused(api.get(call({name: value for name, value in GOOD.items() if name != missing})), 404)


def test_a_parameter_misspelt_answers_404(api: Api) -> None:
    wrong = {name.replace("trunkDns", "trunkDNs"): value for name, value in GOOD.items()}
    refused(api.get(call(wrong)), 404)
    refused(api.get(call({**GOOD, "more": "1"})), 404)
    refused(api.get("/Fax/Pbx.InitFax"), 404)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("periodFrom", "2026-01-01"),
        ("periodFrom", "'2026-01-01T00:00:00Z'"),
        ("periodFrom", "2026-02-31T00:00:00Z"),
        ("periodTo", "2026-01-01%2000:00:00"),
        ("callsType", "'0'"),
        ("callsType", "x"),
        ("callsType", "99999999999"),
    ],
)
def test_a_date_or_number_in_the_wrong_form_answers_500(api: Api, name: str, value: str) -> None:
    refused(api.get(call({**GOOD, name: value})), 500)


def test_a_boolean_in_the_wrong_form_answers_500(api: Api) -> None:
    assert api.one("/VoicemailSettings/Pbx.GetConverterRequestStatus(strict=true)")
    refused(api.get("/VoicemailSettings/Pbx.GetConverterRequestStatus(strict=True)"), 500)


def test_too_much_history_answers_504(api: Api) -> None:
    assert api.get(call({**GOOD, "periodFrom": "2022-01-01T00:00:00Z"})).status_code == 200
    refused(api.get(call({**GOOD, "periodFrom": "2002-01-01T00:00:00Z"})), 504)


def test_a_string_that_is_not_quoted_is_refused(api: Api) -> None:
    refused(api.get(call({**GOOD, "trunkDns": "10000"})), 400)


@pytest.mark.parametrize(
    "path",
    [
        "/Recordings/Pbx.DownloadRecording(recId=1)",
        "/Users/Pbx.ExportExtensions()",
        "/CallHistoryView/Pbx.DownloadCallHistory()",
        "/ReportAuditLog/Pbx.DownloadAuditLog(clientTimeZone='Europe%2FBerlin')",
    ],
)
def test_downloads_answer_bytes_with_a_file_name(api: Api, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    name = path.split("Pbx.")[1].split("(")[0]
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    assert answer.content


def test_a_function_of_a_row_that_is_not_there_answers_404(api: Api) -> None:
    refused(api.get("/Users(9999)/Pbx.HasDuplicatedEmail()"), 404)
    refused(api.post("/Users(9999)/Pbx.SendWelcomeEmail"), 404)


def test_what_was_set_is_what_is_got(api: Api) -> None:
    before = {name: value for name, value in api.one("/Backups/Pbx.GetBackupSettings()").items() if "@" not in name}
    assert before["Rotation"] == 5
    whole = {**before, "Rotation": 7, "Contents": {**before["Contents"], "Prompts": False}}
    assert api.post("/Backups/Pbx.SetBackupSettings", {"settings": whole}).status_code == 204
    after = api.one("/Backups/Pbx.GetBackupSettings()")
    assert {**after, **whole} == after
    assert after["Contents"]["EncryptBackupPassword"]["Value"]


def test_what_an_action_is_not_given_is_gone(api: Api) -> None:
    assert api.post("/Backups/Pbx.SetBackupSettings", {"settings": {"Rotation": 7}}).status_code == 204
    after = api.one("/Backups/Pbx.GetBackupSettings()")
    assert (after["Rotation"], after["Contents"], after["ScheduleEnabled"]) == (7, None, None)
    refused(api.post("/Backups/Pbx.SetBackupSettings", {}), 400, "WARNINGS.XAPI.REQUIRED", "settings")


def test_one_value_that_is_set(api: Api) -> None:
    assert api.post("/SystemStatus/Pbx.SetChatLogStatus", {"enable": True}).status_code == 204
    assert api.one("/SystemStatus")["IsChatLogEnabled"] is True
    assert api.post("/SystemStatus/Pbx.SetMultiCompanyMode", {"enable": True}).status_code == 204
    assert api.one("/Defs/Pbx.GetSystemParameters()")["IsMulticompanyMode"] is True
    assert api.post("/SystemStatus/Pbx.SetMultiCompanyMode", {}).status_code == 204
    assert api.one("/Defs/Pbx.GetSystemParameters()")["IsMulticompanyMode"] is False


def test_a_list_that_is_set_as_a_whole(api: Api) -> None:
    first, second = api.rows("/CallCostSettings")
    costs = [{**second, "Rate": 0.5}, {"CountryName": "France", "Prefix": "0033", "Rate": 0.1}]
    costs[0] = {name: value for name, value in costs[0].items() if "@" not in name}
    assert api.post("/CallCostSettings/Pbx.UpdateCost", {"costs": costs}).status_code == 204
    now = {row["Prefix"]: row for row in api.rows("/CallCostSettings")}
    assert set(now) == {"001", "0033"}
    assert (now["001"]["Id"], now["001"]["Rate"]) == (second["Id"], 0.5)
    assert now["0033"]["Id"] not in (first["Id"], second["Id"], 0)

    location = {"Id": "west", "FriendlyName": "West"}
    assert api.post("/EmergencyGeoLocations/Pbx.Update", {"locations": [location]}).status_code == 200
    assert [row["Id"] for row in api.rows("/EmergencyGeoLocations")] == ["west"]
    for wrong, code in (([location, location], "DUPLICATE"), ([{"FriendlyName": "East"}], "REQUIRED")):
        refused(api.post("/EmergencyGeoLocations/Pbx.Update", {"locations": wrong}), 400, f"WARNINGS.XAPI.{code}", "Id")
    assert [row["Id"] for row in api.rows("/EmergencyGeoLocations")] == ["west"]


def test_settings_can_be_put_there(api: Api) -> None:
    api.pbx.put("Backups/GetRestoreSettings", {"ScheduleEnabled": True})
    assert api.one("/Backups/Pbx.GetRestoreSettings()")["ScheduleEnabled"] is True
    assert api.pbx.entities("Backups/GetRestoreSettings")[0]["ScheduleEnabled"] is True
    api.pbx.put("GetUpdateSettings", {"AutoUpdateEnabled": True})
    assert api.one("/GetUpdateSettings()")["AutoUpdateEnabled"] is True
    api.pbx.reset()
    assert api.pbx.entities("GetUpdateSettings")[0]["AutoUpdateEnabled"] is False


def test_actions_whose_name_says_what_they_do(api: Api) -> None:
    assert api.post("/ActiveCalls(1)/Pbx.DropCall").status_code == 200
    assert api.rows("/ActiveCalls") == []
    assert api.post("/EventLogs/Pbx.PurgeEventLog").status_code == 204
    assert api.rows("/EventLogs") == []
    assert api.post("/Services/Pbx.Stop", {"options": {"ServiceNames": ["3CXGatewayService"]}}).status_code == 204
    for _ in range(3):  # it takes its time
        status = {row["Name"]: row["Status"] for row in api.rows("/Services")}
    assert (status["3CXGatewayService"], status["3CXPhoneSystem01"]) == ("Stopped", "Running")
    rule = api.rows("/OutboundRules", orderby="Priority")[1]
    assert api.post("/OutboundRules/Pbx.MoveUpDown", {"id": rule["Id"], "up": True}).status_code == 204
    assert api.rows("/OutboundRules", orderby="Priority")[0]["Name"] == rule["Name"]


def test_properties_of_a_number(api: Api) -> None:
    new = {"dnNumber": "100", "property": {"Name": "COLOUR", "Value": "red"}}
    assert api.post("/DNProperties/Pbx.CreateDNProperty", new).status_code == 204
    refused(api.post("/DNProperties/Pbx.CreateDNProperty", new), 400, "WARNINGS.XAPI.DUPLICATE", "Name")
    assert api.one("/DNProperties/Pbx.GetDNPropertyByName(dnNumber='100',name='COLOUR')")["Value"] == "red"
    whole = {"dnNumber": "100", "property": {"Name": "COLOUR", "Description": "of the door"}}
    assert api.post("/DNProperties/Pbx.UpdateDNProperty", whole).status_code == 204
    [held] = api.one("/DNProperties/Pbx.GetPropertiesByDn(dnNumber='100')")["value"]
    assert (held["Id"], held["Value"], held["Description"]) == (1, None, "of the door")
    gone = {"dnNumber": "100", "propertyName": "COLOUR"}
    assert api.post("/DNProperties/Pbx.DeleteDNProperty", gone).status_code == 204
    assert api.one("/DNProperties/Pbx.GetPropertiesByDn(dnNumber='100')")["value"] == []


def test_users_in_bulk(api: Api) -> None:
    ids = [row["Id"] for row in api.rows("/Users", top="2", select="Id")]
    assert api.post("/Users/Pbx.BulkUpdate", {"ids": ids, "user": {"Language": "DE"}}).status_code == 204
    assert [row["Language"] for row in api.rows("/Users", top="3")] == ["DE", "DE", "EN"]
    refused(api.post("/Users/Pbx.BulkUpdate", {"ids": [*ids, 9999], "user": {"Language": "FR"}}), 400)
    assert api.rows("/Users", filter="Language eq 'FR'") == []


def test_new_credentials_for_all_or_none(api: Api) -> None:
    before = api.pbx.entities("Users")
    body = {"Ids": [before[0]["Id"], 9999], "opts": {"SipAuth": True}}
    refused(api.post("/Users/Pbx.RegeneratePasswords", body), 400, "WARNINGS.XAPI.NOT_FOUND", "Id")
    assert api.pbx.entities("Users") == before


def test_an_action_checks_its_body(api: Api) -> None:
    refused(api.post("/Users/Pbx.BatchDelete", {"ids": ["x"]}), 400)
    refused(api.post("/Users/Pbx.BatchDelete", {"Ids": [1]}), 400)
    assert len(api.rows("/Users")) == 9
