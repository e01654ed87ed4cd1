"""XAPI.md, "Writing", at wire level: deletes, one at a time and in bulk."""

from __future__ import annotations

import pytest

from tests.simulator.support import DELTA, Api, fax, refused


def test_a_delete_answers_204_once_and_404_then(api: Api) -> None:
    path = "/Firmwares('yealink-t46s-66.86.0.15')"
    answer = api.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    refused(api.delete(path), 404, "WARNINGS.XAPI.NOT_FOUND", "Id")


DELETABLE = [
    "Backups",
    "BlackListNumbers",
    "Blocklist",
    "CallFlowApps",
    "Contacts",
    "CrmTemplates",
    "CustomPrompts",
    "DeviceInfos",
    "Fax",
    "Firmwares",
    "Fxs",
    "FxsTemplates",
    "Groups",
    "Holidays",
    "InboundRules",
    "OAuthClients",
    "OutboundRules",
    "Parameters",
    "Parkings",
    "PhoneLogos",
    "PhoneTemplates",
    "Playlists",
    "PromptSets",
    "Queues",
    "Receptionists",
    "RingGroups",
    "ScheduledReports",
    "Sbcs",
    "ServicePrincipals",
    "TenantProperties",
    "Trunks",
    "TrunkTemplates",
    "Users",
    "WebsiteLinks",
]


def test_all_34_deletes_delete(api: Api) -> None:
    assert len(DELETABLE) == 34
    routes = api.pbx.entities  # what is stored tells whether it is gone
    api.pbx.put(
        "OAuthClients", {"Id": "00000000-0000-4000-8000-000000000001", "ClientId": "https://client.example.com"}
    )
    api.pbx.put("Groups", {"Name": "Empty"})
    keys = {"Backups": "FileName", "CustomPrompts": "Filename", "PhoneLogos": "Filename", "Fxs": "MacAddress",
        "Sbcs": "Name",
            "CrmTemplates": "Name", "Playlists": "Name", "TenantProperties": "Name",
            "WebsiteLinks": "Link"}  # fmt: skip
    for name in DELETABLE:
        row = routes(name)[-1]
        key = row[keys.get(name, "Id")]
        quoted = f"'{key}'" if isinstance(key, str) and name != "OAuthClients" else key
        assert api.delete(f"/{name}({quoted})").status_code == 204, name
        assert all(left[keys.get(name, "Id")] != key for left in routes(name)), name


def test_a_user_that_is_gone_is_no_member_any_more(api: Api) -> None:
    assert api.delete("/Users({})".format(api.one("/Users(Number='300')")["Id"])).status_code == 204
    queue = api.one("/Queues(Number='800')", expand="Agents,Managers")
    assert ([agent["Number"] for agent in queue["Agents"]], queue["Managers"]) == (["301"], [])
    assert [member["Number"] for member in api.rows("/Groups(3)/Members")] == ["301"]


def test_what_must_stay_is_not_deleted(api: Api) -> None:
    refused(api.delete(f"/Fax({fax(api, '888')['Id']})"), 400, "WARNINGS.FAX_SERVER_CANNOT_BE_DELETED")
    refused(api.delete("/Groups(1)"), 400, "WARNINGS.GROUP_CANNOT_BE_DELETED")
    refused(api.delete("/Groups(2)"), 400, "WARNINGS.GROUP_WITH_MEMBERS_CANNOT_BE_DELETED")


def test_a_department_is_removed_by_delete_company_by_id(api: Api) -> None:
    assert api.post("/Groups/Pbx.DeleteCompanyById", {"id": 2}).status_code == 204
    refused(api.get("/Groups(2)"), 404)
    refused(api.get("/Users(Number='200')"), 404)
    assert api.one("/Users(Number='100')")["Number"] == "100"
    refused(api.post("/Groups/Pbx.DeleteCompanyById", {"id": 2}), 400, "WARNINGS.XAPI.NOT_FOUND", "Id")


def test_batch_delete_of_users_answers_200_with_the_ones_that_failed(api: Api) -> None:
    api.pbx.put("Groups", {"Id": 3, "CustomOperator": {"To": "Extension", "Number": "300"}})
    ids = {user["Number"]: user["Id"] for user in api.rows("/Users")}
    answer = api.post("/Users/Pbx.BatchDelete", {"ids": [ids["100"], ids["300"], 9999]})
    assert answer.status_code == 200
    assert answer.json()["value"] == [
        {"Error": "WARNINGS.OPERATOR_CANNOT_BE_DELETED", "ExtensionNumber": "300"},
        {"Error": "WARNINGS.XAPI.NOT_FOUND", "ExtensionNumber": "9999"},
    ]
    left = {user["Number"] for user in api.rows("/Users")}
    assert left == ids.keys() - {"100"}


@pytest.mark.parametrize(
    ("action", "name", "key"),
    [
        ("/Fax/Pbx.BulkFaxDelete", "Fax", "Id"),
        ("/Contacts/Pbx.DeleteContactsById", "Contacts", "Id"),
        ("/InboundRules/Pbx.BulkInboundRulesDelete", "InboundRules", "Id"),
        ("/Blocklist/Pbx.BulkIpsDelete", "Blocklist", "Id"),
        ("/BlackListNumbers/Pbx.BulkNumbersDelete", "BlackListNumbers", "Id"),
        ("/WebsiteLinks/Pbx.BulkLinksDelete", "WebsiteLinks", "Link"),
        ("/Recordings/Pbx.BulkRecordingsDelete", "Recordings", "Id"),
    ],
)
def test_bulk_deletes(api: Api, action: str, name: str, key: str) -> None:
    rows = api.pbx.entities(name)
    chosen = rows[-1][key]
    unknown = "nobody" if isinstance(chosen, str) else 9999
    refused(api.post(action, {"ids": [chosen, unknown]}), 400, "WARNINGS.XAPI.NOT_FOUND", key)
    assert api.pbx.entities(name) == rows
    assert api.post(action, {"ids": [chosen]}).status_code == 204
    assert api.pbx.entities(name) == rows[:-1]
    assert refused(api.post(action, {"Ids": [chosen]}), 400)["message"] == DELTA
