"""XAPI.md, "Writing", point by point, at wire level: creates and updates."""

from __future__ import annotations

from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import DELTA, Api, fax, refused


def test_a_create_answers_201_with_the_stored_entity(pbx: SimulatedPbx, api: Api) -> None:
    answer = api.post("/Users", {"FirstName": "Zoë", "LastName": "O'Hara"})
    assert answer.status_code == 201
    created = answer.json()
    assert created["@odata.context"] == f"{pbx.url}/xapi/v1/$metadata#Users/$entity"
    assert answer.headers["Location"] == f"{pbx.url}/xapi/v1/Users({created['Id']})"
    assert api.one(f"/Users({created['Id']})")["LastName"] == "O'Hara"


@pytest.mark.parametrize("given", [{}, {"Id": 0}])
def test_the_id_is_assigned_by_the_server(api: Api, given: dict[str, Any]) -> None:
    first, second = (api.post("/Users", given).json()["Id"] for _ in range(2))
    assert 0 < first < second


@pytest.mark.parametrize(
    ("path", "body", "number"),
    [
        ("/Users", {}, "105"),
        ("/Users", {"Groups": [{"GroupId": 2}]}, "202"),
        ("/Users", {"PrimaryGroupId": 3}, "302"),
        ("/Queues", {"Name": "Q"}, "803"),
        ("/RingGroups", {"Name": "R", "Groups": [{"GroupId": 2}]}, "820"),
        ("/Receptionists", {"Name": "I"}, "803"),
        ("/Parkings", {}, "SP3"),
        ("/Groups", {"Name": "New"}, "GRP4"),
        ("/Fax", {}, "803"),
        ("/Trunks", {}, "10002"),
    ],
)
def test_a_number_left_out_comes_from_the_departments_range(
    api: Api, path: str, body: dict[str, Any], number: str
) -> None:
    numbers = {row["Number"] for row in api.rows("/Groups")}
    assert numbers == {"GRP1", "GRP2", "GRP3"}
    assert api.post(path, body).json()["Number"] == number


def test_a_full_range_has_no_more_numbers(api: Api) -> None:
    for _ in range(8):
        assert api.post("/Users", {"PrimaryGroupId": 3}).status_code == 201
    refused(api.post("/Users", {"PrimaryGroupId": 3}), 400, "WARNINGS.NO_MORE_NUMBERS_AVAILABLE", "Number")


def test_a_number_somebody_has_is_already_in_use(api: Api) -> None:
    refused(api.post("/Users", {"Number": "100"}), 400, "WARNINGS.XAPI.ALREADY_IN_USE", "Number")
    refused(api.post("/Queues", {"Number": "100"}), 400, "WARNINGS.XAPI.ALREADY_IN_USE", "Number")


def test_a_missing_key_is_required_and_a_taken_one_a_duplicate(api: Api) -> None:
    refused(api.post("/Fxs", {"Name": "No address"}), 400, "WARNINGS.XAPI.REQUIRED", "MacAddress")
    refused(api.post("/Fxs", {"MacAddress": "001122334455"}), 400, "WARNINGS.XAPI.DUPLICATE", "MacAddress")
    refused(api.post("/Groups", {}), 400, "WARNINGS.XAPI.REQUIRED", "Name")
    refused(api.post("/Groups", {"Name": "Sales"}), 400, "WARNINGS.XAPI.DUPLICATE", "Name")


def test_a_new_department_has_the_members_it_came_with(api: Api) -> None:
    refused(
        api.post("/Groups", {"Name": "Accounting", "Members": [{"Number": "999"}]}),
        400,
        "WARNINGS.XAPI.NOT_FOUND",
        "Members",
    )
    assert not api.rows("/Groups", filter="Name eq 'Accounting'")
    made = api.post("/Groups", {"Name": "Accounting", "Members": [{"Number": "103"}, {"Number": "800"}]})
    assert made.status_code == 201
    assert {member["Number"] for member in api.rows(f"/Groups({made.json()['Id']})/Members")} == {"103", "800"}


def test_init_fax_hands_out_an_entity_to_post_back(api: Api) -> None:
    proposed = api.one("/Fax/Pbx.InitFax()")
    assert (proposed["Id"], proposed["Number"]) == (0, "803")
    created = api.post("/Fax", proposed)
    assert created.status_code == 201
    assert created.json()["Number"] == "803"
    assert api.one("/Fax/Pbx.InitFax()")["Number"] == "804"


def test_init_trunk_hands_out_an_entity_after_a_template(api: Api) -> None:
    proposed = api.one("/Trunks/Pbx.InitTrunk(template='provider.pv.xml')")
    assert proposed["Number"] == "10002"
    assert (proposed["Gateway"]["Name"], proposed["Gateway"]["Port"]) == ("Generic SIP Trunk", 5060)
    assert api.post("/Trunks", proposed).status_code == 201
    refused(api.get("/Trunks/Pbx.InitTrunk(template='nobody.pv.xml')"), 404)


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/Users/Pbx.GetFirstAvailableExtensionNumber()", "105"),
        ("/Users/Pbx.GetFirstAvailableHotdeskingNumber()", "105"),
        ("/Queues/Pbx.GetFirstAvailableQueueNumber()", "803"),
        ("/Receptionists/Pbx.GetFirstAvailableReceptionistNumber()", "803"),
        ("/RingGroups/Pbx.GetFirstAvailableRingGroupNumber()", "803"),
        ("/Trunks/Pbx.GetFirstAvailableTrunkNumber()", "10002"),
    ],
)
def test_first_available_numbers(api: Api, path: str, number: str) -> None:
    assert api.one(path)["Number"] == number


def test_a_patch_answers_204_without_a_body(api: Api) -> None:
    answer = api.patch(f"/Fax({fax(api)['Id']})", {"OutboundCallerId": "+15550999"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert fax(api)["OutboundCallerId"] == "+15550999"
    assert fax(api)["AuthID"] == "fax860"


def test_null_and_zero_are_values(api: Api) -> None:
    api.patch(f"/Fax({fax(api)['Id']})", {"OutboundCallerId": None})
    assert fax(api)["OutboundCallerId"] is None
    rule = api.rows("/OutboundRules", filter="Priority eq 1")[0]
    api.patch(f"/OutboundRules({rule['Id']})", {"Priority": 0})
    assert api.one(f"/OutboundRules({rule['Id']})")["Priority"] == 0


def test_a_number_is_accepted_unchanged_and_refused_changed(api: Api) -> None:
    key = fax(api)["Id"]
    assert api.patch(f"/Fax({key})", {"Number": "860", "Id": key}).status_code == 204
    refused(api.patch(f"/Fax({key})", {"Number": "869"}), 400, "WARNINGS.XAPI.FORBIDDEN_CHANGE", "Number")
    refused(api.patch(f"/Fax({key})", {"Number": None}), 400, "WARNINGS.XAPI.FORBIDDEN_CHANGE", "Number")
    assert fax(api)["Id"] == key


def test_a_collection_in_a_patch_replaces_the_whole_collection(api: Api) -> None:
    group = api.one("/RingGroups(Number='801')", expand="Members")
    assert [m["Number"] for m in group["Members"]] == ["200", "201"]
    path = f"/RingGroups({group['Id']})"
    api.patch(path, {"Members": [{"Number": "301"}]})
    assert [(m["Number"], m["Name"]) for m in api.rows(f"{path}/Members")] == [("301", "Ines Costa")]
    api.patch(path, {"Members": []})
    assert api.rows(f"{path}/Members") == []


def test_groups_with_rights_replace_the_whole_collection(api: Api) -> None:
    user = api.one("/Users(Number='200')")
    api.patch(f"/Users({user['Id']})", {"Groups": [{"GroupId": 3, "Rights": {"RoleName": "receptionists"}}]})
    groups = api.rows(f"/Users({user['Id']})/Groups", expand="Rights")
    assert [(g["GroupId"], g["Name"], g["Rights"]["RoleName"]) for g in groups] == [(3, "Support", "receptionists")]


def test_members_of_a_department_are_replaced_too(api: Api) -> None:
    api.patch("/Groups(2)", {"Members": [{"Number": "100"}]})
    assert [m["Number"] for m in api.rows("/Groups(2)/Members")] == ["100"]
    groups = api.one("/Users(Number='100')", expand="Groups")["Groups"]
    assert [g["GroupId"] for g in groups] == [1, 2]


@pytest.mark.parametrize(
    "members",
    [[{"Number": "100"}, {"Number": "nobody"}], [{"Number": "100"}, {"Number": "200", "Rights": {"RoleName": "king"}}]],
)
def test_members_are_all_replaced_or_none(api: Api, members: list[dict[str, Any]]) -> None:
    before = api.pbx.entities("Users")
    refused(api.patch("/Groups(2)", {"Members": members, "Language": "DE"}), 400)
    assert api.pbx.entities("Users") == before
    assert api.one("/Groups(2)")["Language"] == "EN"


def test_what_names_a_department_that_is_gone_names_it_no_more(api: Api) -> None:
    rule = api.post("/OutboundRules", {"Name": "New", "GroupIds": [3, 2]}).json()
    assert api.post("/Groups/Pbx.DeleteCompanyById", {"id": 3}).status_code == 204
    shown = api.one(f"/OutboundRules({rule['Id']})")
    assert (shown["GroupIds"], shown["GroupNames"]) == ([2], ["Sales"])


def test_a_complex_value_is_merged(api: Api) -> None:
    trunk = api.one("/Trunks(Number='10000')")
    api.patch(f"/Trunks({trunk['Id']})", {"Gateway": {"Port": 5070}})
    gateway = api.one("/Trunks(Number='10000')")["Gateway"]
    assert (gateway["Port"], gateway["Host"]) == (5070, "sip.example.com")


def test_a_singleton_is_patched(api: Api) -> None:
    assert api.patch("/AntiHackingSettings", {"HackBarrierRed": 12}).status_code == 204
    assert api.one("/AntiHackingSettings")["HackBarrierRed"] == 12


@pytest.mark.parametrize(
    "body",
    [
        {"Nonsense": 1},
        {"OutboundCallerId": 5},
        {"FaxServer": "true"},
        {"Id": None},
        {"Id": "12"},
        {"Id": 2**31},
        {"TranscriptionMode": "Nonsense"},
        {"Groups": {}},
        {"Groups": None},
        {"Groups": [1]},
        {"Groups": [{"Nonsense": 1}]},
        {"outboundcallerid": "x"},
        [],
        "text",
        5,
    ],
    ids=str,
)
def test_a_body_that_does_not_fit_fails_to_bind_as_a_whole(api: Api, body: Any) -> None:
    key = fax(api)["Id"]
    both = {"AuthID": "changed", **body} if isinstance(body, dict) else body
    error = refused(api.patch(f"/Fax({key})", both), 400)
    assert error["message"] == DELTA
    assert error["details"] == [{"code": "", "message": "The delta field is required.", "target": "delta"}]
    assert fax(api)["AuthID"] == "fax860"
    if body != {"Id": 2**31}:
        assert refused(api.post("/Fax", both), 400)["message"] == DELTA


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"{} {}", b"null"])
def test_a_body_that_is_no_object_fails_to_bind(api: Api, raw: bytes) -> None:
    answer = api.send("POST", "/Fax", content=raw, headers={"Content-Type": "application/json"})
    assert refused(answer, 400)["message"] == DELTA


def test_annotations_in_a_body_are_not_properties(api: Api) -> None:
    body = {"@odata.etag": 'W/"1"', "@odata.type": "#Pbx.Fax", "AuthID": "x"}
    assert api.patch(f"/Fax({fax(api)['Id']})", body).status_code == 204
    assert fax(api)["AuthID"] == "x"


def test_another_content_type_is_not_supported(api: Api) -> None:
    refused(api.send("POST", "/Fax", content=b"<fax/>", headers={"Content-Type": "text/xml"}), 415)


def test_a_role_sent_as_group_rights_is_accepted_and_not_stored(api: Api) -> None:
    user = api.one("/Users(Number='200')")
    answer = api.patch(f"/Users({user['Id']})", {"Groups": [{"GroupId": 2, "GroupRights": {"RoleName": "users"}}]})
    assert answer.status_code == 204
    group = api.rows(f"/Users({user['Id']})/Groups", expand="Rights,GroupRights")[0]
    assert (group["Rights"]["RoleName"], group["GroupRights"]) == ("managers", None)


@pytest.mark.parametrize(
    "role", ["system_owners", "system_admins", "group_owners", "managers", "group_admins", "receptionists", "users"]
)
def test_role_names(api: Api, role: str) -> None:
    user = api.one("/Users(Number='200')")
    body = {"Groups": [{"GroupId": 2, "Rights": {"RoleName": role}}]}
    assert api.patch(f"/Users({user['Id']})", body).status_code == 204


def test_another_role_and_another_department_are_refused(api: Api) -> None:
    key = api.one("/Users(Number='200')")["Id"]
    path = f"/Users({key})"
    refused(
        api.patch(path, {"Groups": [{"GroupId": 2, "Rights": {"RoleName": "king"}}]}),
        400,
        "WARNINGS.INVALID",
        "RoleName",
    )
    refused(api.patch(path, {"Groups": [{"GroupId": 99}]}), 400, "WARNINGS.XAPI.NOT_FOUND", "GroupId")


@pytest.mark.parametrize(
    ("profile", "right", "wrong"),
    [
        ("Available", "AvailableRoute", "AwayRoute"),
        ("Away", "AwayRoute", "AvailableRoute"),
        ("Out of office", "AwayRoute", "AvailableRoute"),
    ],
)
def test_a_forwarding_profile_carries_one_kind_of_route(api: Api, profile: str, right: str, wrong: str) -> None:
    user = api.one("/Users(Number='100')", expand="ForwardingProfiles")
    shown = next(p for p in user["ForwardingProfiles"] if p["Name"] == profile)
    assert shown[right] is not None
    assert shown[wrong] is None
    path = f"/Users({user['Id']})"
    assert api.patch(path, {"ForwardingProfiles": [{"Id": shown["Id"], "Name": profile, right: {}}]}).status_code == 204
    answer = api.patch(path, {"ForwardingProfiles": [{"Id": shown["Id"], "Name": profile, wrong: {}}]})
    refused(answer, 400, "WARNINGS.INVALID", wrong)


def test_an_outbound_route_whose_trunk_is_gone_shows_minus_one(api: Api) -> None:
    trunk = api.one("/Trunks(Number='10000')")
    assert api.delete(f"/Trunks({trunk['Id']})").status_code == 204
    for rule in api.rows("/OutboundRules"):
        assert rule["Routes"][0]["TrunkId"] == -1
    national = api.rows("/OutboundRules", filter="Name eq 'National'")[0]
    assert national["Routes"][1]["TrunkName"] == "Backup Carrier"


def test_a_route_names_its_trunk_by_id(api: Api) -> None:
    trunk = api.one("/Trunks(Number='10001')")
    body = {"Name": "New", "Routes": [{"TrunkId": trunk["Id"]}], "GroupIds": [2]}
    created = api.post("/OutboundRules", body).json()
    assert created["Routes"][0]["TrunkName"] == "Backup Carrier"
    assert created["GroupNames"] == ["Sales"]


def test_a_duplicate_backup_name_is_refused(api: Api) -> None:
    body = {"description": {"Name": "weekly"}}
    assert api.post("/Backups/Pbx.Backup", body).status_code == 204
    refused(api.post("/Backups/Pbx.Backup", body), 400, "WARNINGS.XAPI.DUPLICATE", "Name")
    looks = [{row["FileName"] for row in api.rows("/Backups")} for _ in range(3)]
    assert ["weekly.zip" in names for names in looks] == [False, False, True], "it takes its time"
    refused(api.post("/Backups/Pbx.Backup", body), 400, "WARNINGS.XAPI.DUPLICATE", "Name")


def test_nothing_of_a_refused_write_is_stored(api: Api) -> None:
    before = api.pbx.entities("Users")
    refused(api.post("/Users", {"FirstName": "X", "Number": "100"}), 400)
    assert api.pbx.entities("Users") == before
