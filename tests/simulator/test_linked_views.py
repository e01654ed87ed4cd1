"""The same thing in two places: either shows what was written to the other, however it was written."""

from __future__ import annotations

from typing import Any

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api, refused


def rules(api: Api, trunk: str) -> list[str]:
    return [rule["RuleName"] for rule in api.one(f"/Trunks(Number='{trunk}')", expand="RoutingRules")["RoutingRules"]]


def holidays(api: Api, group: int) -> list[str]:
    return [one["Name"] for one in api.one(f"/Groups({group})", expand="OfficeHolidays")["OfficeHolidays"]]


def macs(api: Api) -> tuple[list[Any], list[Any], list[Any]]:
    """The assigned phones, as users, devices and registrations have them."""
    users = [(p["MacAddress"], u["Number"]) for u in api.rows("/Users", expand="Phones") for p in u["Phones"]]
    devices = [(d["MAC"], d["AssignedUser"]) for d in api.rows("/DeviceInfos") if d["Assigned"]]
    found = api.rows("/SipDevices", expand="DN")
    registered = [(d["Registrar"]["MAC"], d["DN"]["Number"]) for d in found if d["Registrar"]["MAC"]]
    return sorted(users), sorted(devices), sorted(registered)


# a trunk's inbound rules


def test_an_inbound_rule_shows_at_its_trunk(api: Api) -> None:
    assert rules(api, "10000") == ["Main number", "Support line"]
    body = {"RuleName": "New", "TrunkDN": {"Number": "10001"}, "Condition": "ForwardAll"}
    made = api.post("/InboundRules", body).json()
    assert rules(api, "10001") == ["New"]
    shown = api.one(f"/InboundRules({made['Id']})", expand="TrunkDN")["TrunkDN"]
    assert (shown["Id"], shown["Number"], shown["Name"]) == (5, "10001", "Backup Carrier")
    assert api.patch(f"/InboundRules({made['Id']})", {"TrunkDN": {"Number": "10000"}}).status_code == 204
    assert (rules(api, "10000"), rules(api, "10001")) == (["Main number", "Support line", "New"], [])
    assert api.patch(f"/InboundRules({made['Id']})", {"TrunkDN": {"Id": 5}}).status_code == 204
    assert rules(api, "10001") == ["New"]
    assert api.delete(f"/InboundRules({made['Id']})").status_code == 204
    assert rules(api, "10001") == []
    assert [
        row["Number"] for row in api.rows("/Trunks", filter="RoutingRules/any(r: r/RuleName eq 'Main number')")
    ] == ["10000"]


def test_a_rule_for_a_did_is_of_the_trunk_that_has_it(api: Api) -> None:
    api.patch("/Trunks(5)", {"DidNumbers": ["+15550190"]})
    api.post("/InboundRules", {"RuleName": "New", "Condition": "BasedOnDID", "Data": "+15550190"})
    assert rules(api, "10001") == ["New"]


def test_the_rules_of_a_trunk_are_ordered_replaced_and_made_there(api: Api) -> None:
    first, second = (rule["Id"] for rule in api.rows("/InboundRules"))
    before = api.one("/Trunks(4)")["@odata.etag"]
    assert api.patch("/Trunks(4)", {"RoutingRules": [{"Id": second}, {"Id": first}]}).status_code == 204
    assert rules(api, "10000") == ["Support line", "Main number"]
    assert api.one("/Trunks(4)")["@odata.etag"] != before
    new = {"RuleName": "New", "Condition": "ForwardAll", "OfficeHoursDestination": {"To": "Queue", "Number": "800"}}
    assert api.patch("/Trunks(4)", {"RoutingRules": [new, {"Id": first}]}).status_code == 204
    assert [(r["RuleName"], r["TrunkDN"]["Number"]) for r in api.rows("/InboundRules", expand="TrunkDN")] == [
        ("Main number", "10000"),
        ("New", "10000"),
    ]
    assert rules(api, "10000") == ["New", "Main number"]
    refused(api.patch("/Trunks(4)", {"RoutingRules": [{"Id": 999}]}), 400, "WARNINGS.XAPI.NOT_FOUND", "RoutingRules")
    assert rules(api, "10000") == ["New", "Main number"]


def test_a_trunk_can_be_made_with_its_rules(api: Api) -> None:
    made = api.post("/Trunks", {"RoutingRules": [{"RuleName": "A", "Condition": "ForwardAll"}, {"RuleName": "B"}]})
    assert made.status_code == 201
    assert rules(api, made.json()["Number"]) == ["A", "B"]


def test_a_trunk_that_is_gone_is_named_nowhere(api: Api) -> None:
    assert api.delete("/Trunks(4)").status_code == 204
    found = api.rows("/InboundRules", expand="TrunkDN")
    assert [rule["TrunkDN"] for rule in found] == [None, None]
    assert api.rows("/DidNumbers") == []
    assert all(route["TrunkId"] != 4 for rule in api.rows("/OutboundRules") for route in rule["Routes"])


# a trunk's DIDs


def test_did_numbers_are_those_of_the_trunks(api: Api) -> None:
    def dids() -> list[tuple[str, int]]:
        return sorted((row["Number"], row["TrunkId"]) for row in api.rows("/DidNumbers"))

    assert dids() == [("+15550100", 4), ("+15550101", 4)]
    assert api.patch("/Trunks(4)", {"DidNumbers": ["+15550101", "+15550102"]}).status_code == 204
    assert dids() == [("+15550101", 4), ("+15550102", 4)]
    assert api.patch("/Trunks(5)", {"DidNumbers": ["+15550100"]}).status_code == 204
    assert ("+15550100", 5) in dids()
    api.pbx.put("DidNumbers", {"Number": "+15550103", "TrunkId": 5})
    assert api.one("/Trunks(5)")["DidNumbers"] == ["+15550100", "+15550103"]
    api.pbx.remove("DidNumbers", "+15550100")
    assert api.one("/Trunks(5)")["DidNumbers"] == ["+15550103"]
    shown = api.rows("/DidNumbers", expand="RoutingRule", filter="Number eq '+15550101'")[0]
    assert shown["RoutingRule"]["RuleName"] == "Support line"


# a department's holidays


def test_holidays_are_those_of_the_departments(api: Api) -> None:
    assert (holidays(api, 1), holidays(api, 2), holidays(api, 3)) == (["New Year"], ["Anniversary"], [])
    day = {"Name": "New", "Day": 1, "Month": 5, "DayEnd": 1, "MonthEnd": 5, "Year": 2027, "YearEnd": 2027}
    day |= {"TimeOfStartDate": "PT0S", "TimeOfEndDate": "PT0S"}
    made = api.post("/Holidays", {**day, "Group": "GRP3"}).json()
    assert holidays(api, 3) == ["New"]
    kept = api.one("/Groups(3)", expand="OfficeHolidays")["OfficeHolidays"][0]
    assert api.patch(
        "/Groups(3)", {"OfficeHolidays": [{**kept, "Day": 30, "Month": 4}, {**day, "Name": "Other"}]}
    ).is_success
    assert [(row["Name"], row["Day"]) for row in api.rows("/Holidays", filter="Group eq 'GRP3'")] == [
        ("New", 30),
        ("Other", 1),
    ]
    assert api.one(f"/Holidays({made['Id']})")["Day"] == 30
    assert api.patch("/Groups(3)", {"OfficeHolidays": []}).is_success
    assert api.rows("/Holidays", filter="Group eq 'GRP3'") == []
    assert [one["Name"] for one in api.one("/OfficeHours", expand="OfficeHolidays")["OfficeHolidays"]] == ["New Year"]
    made = api.post("/Groups", {"Name": "Made", "OfficeHolidays": [day]}).json()
    assert holidays(api, made["Id"]) == ["New"]


# phones


def test_phones_devices_and_registrations_agree(api: Api) -> None:
    def agreed() -> list[tuple[str, str]]:
        users, devices, registered = macs(api)
        assert users == devices == registered
        return users

    assert agreed() == [("805ec0123456", "300")]
    user = api.one("/Users(Number='100')")["Id"]
    assert api.patch(
        f"/Users({user})", {"Phones": [{"MacAddress": "805ec0654321"}, {"MacAddress": "00000000000a"}]}
    ).is_success
    assert agreed() == [("00000000000a", "100"), ("805ec0123456", "300"), ("805ec0654321", "100")]
    free = next(row["Id"] for row in api.rows("/DeviceInfos") if row["MAC"] == "805ec0998877")
    assert api.post(f"/DeviceInfos({free})/Pbx.Provision", {"userId": user, "reprovision": False}).status_code == 204
    assert ("805ec0998877", "100") in agreed()
    assert api.delete(f"/DeviceInfos({free})").status_code == 204
    assert ("805ec0998877", "100") not in agreed()
    refused(api.post("/DeviceInfos(1)/Pbx.Provision", {"userId": 999}), 400, "WARNINGS.XAPI.NOT_FOUND", "userId")
    assert api.delete(f"/Users({user})").status_code == 204
    assert agreed() == [("805ec0123456", "300")]
    assert not next(row for row in api.rows("/DeviceInfos") if row["MAC"] == "805ec0654321")["Assigned"]
    assert api.patch("/Users(13)", {"LastName": "Sato"}).is_success
    assert api.rows("/SipDevices", expand="DN")[0]["DN"]["Name"] == "Hiro Sato"


def test_a_seed_may_say_either_side() -> None:
    content: dict[str, Any] = {
        "InboundRules": [{"RuleName": "A", "Condition": "BasedOnDID", "Data": "+1"}],
        "DidNumbers": [{"Number": "+2", "TrunkId": 2}],
        "Trunks": [{"Number": "10000", "DidNumbers": ["+1"], "RoutingRules": [{"RuleName": "B"}]}],
        "Groups": [{"Name": "DEFAULT", "IsDefault": True, "OfficeHolidays": [{"Name": "C"}]}],
    }
    pbx = SimulatedPbx(content)
    assert [rule["RuleName"] for rule in pbx.entities("Trunks")[0]["RoutingRules"]] == ["B", "A"]
    assert pbx.entities("Trunks")[0]["DidNumbers"] == ["+1", "+2"]
    assert [(one["Name"], one["Group"]) for one in pbx.entities("Holidays")] == [("C", "GRP1")]
