"""The same thing in two places: either shows what was written to the other, however it was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx, knowledge
from pbx_simulator.model.document import Json
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
    twice = api.patch("/Trunks(4)", {"RoutingRules": [{"Id": first}, {"Id": first}]})
    refused(twice, 400, "WARNINGS.XAPI.DUPLICATE", "RoutingRules")


def test_a_did_shows_its_rule_however_the_rule_spells_it(api: Api) -> None:
    """A leading + is ignored, and the rule of another trunk is not its own."""
    assert api.patch("/Trunks(5)", {"DidNumbers": ["+15550199"]}).status_code == 204
    body = {"Condition": "BasedOnDID", "RuleName": "Other", "Data": "15550199", "TrunkDN": {"Number": "10000"}}
    assert api.post("/InboundRules", body).status_code == 201

    def shown() -> str | None:
        row = api.rows("/DidNumbers", expand="RoutingRule", filter="Number eq '+15550199'")[0]
        return None if row["RoutingRule"] is None else row["RoutingRule"]["RuleName"]

    assert shown() is None
    own = api.post("/InboundRules", {**body, "RuleName": "Own", "TrunkDN": {"Number": "10001"}}).json()
    assert shown() == "Own"
    assert api.delete(f"/InboundRules({own['Id']})").status_code == 204
    assert shown() is None


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


# destinations


def test_a_destination_shows_what_it_leads_to(api: Api) -> None:
    """To and Number are enough to send; the PBX adds name and kind, and follows when they change."""
    to = {"To": "Queue", "Number": "800", "External": ""}
    user = key(api, "Users", "100")
    ways: list[tuple[str, Json, str, Callable[[Json], Json]]] = [
        ("/InboundRules(1)", {"HolidaysDestination": to}, "", lambda row: row["HolidaysDestination"]),
        ("/Groups(2)", {"BreakRoute": {"Route": to}}, "", lambda row: row["BreakRoute"]["Route"]),
        ("/HotelServices", {"NoAnswerDestination": to}, "", lambda row: row["NoAnswerDestination"]),
        (f"/Users({user})", {"ForwardingExceptions": [{"Destination": to}]}, "ForwardingExceptions",
         lambda row: row["ForwardingExceptions"][0]["Destination"]),
        ("/Trunks(4)", {"ReceiveExtensions": [{"Number": "800"}]}, "ReceiveExtensions",
         lambda row: row["ReceiveExtensions"][0]),
    ]  # fmt: skip
    for path, body, expand, read in ways:
        assert api.patch(path, body).status_code == 204
        options = {"expand": expand} if expand else {}
        shown = read(api.one(path, **options))
        assert (shown["Name"], shown["Type"]) == ("Service Desk", "Queue"), path
        assert api.patch(f"/Queues({key(api, 'Queues', '800')})", {"Name": "Help Desk"}).status_code == 204
        assert read(api.one(path, **options))["Name"] == "Help Desk", path
        api.patch(f"/Queues({key(api, 'Queues', '800')})", {"Name": "Service Desk"})
    moved = {"HolidaysDestination": {"To": "IVR", "Number": "802"}}
    assert api.patch("/InboundRules(1)", moved).status_code == 204
    shown = api.one("/InboundRules(1)")["HolidaysDestination"]
    assert (shown["Name"], shown["Type"]) == ("Welcome", "IVR")


# what is gone is named nowhere


def named(pbx: SimulatedPbx, value: Any) -> list[str]:
    """Return the places of a value in rows and settings, except reports and ranges of departments."""

    def places(node: Any, path: str) -> Iterator[str]:
        if isinstance(node, dict):
            for name, inner in node.items():
                yield from places(inner, f"{path}/{name}")
        elif isinstance(node, list):
            for inner in node:
                yield from places(inner, path)
        elif node == value:
            yield path

    reports = {"CallHistoryView", "ChatHistoryView", "ChatMessagesHistoryView"}
    reports |= {"OAuthClients", "Recordings", "ScheduledReports"}
    routes = pbx._store.routes
    known = (routes.sets.keys() | routes.singletons.keys()) - reports - knowledge.WORKED_OUT.keys()
    found = (place for name in sorted(known) for row in pbx.entities(name) for place in places(row, name))
    return [place for place in found if "/Props/" not in place]


def key(api: Api, name: str, number: str) -> Any:
    return next(row["Id"] for row in api.pbx.entities(name) if row["Number"] == number)


#: Entity set and number of what is removed, and the kind that leads to it.
REMOVED = [
    ("Users", "103", "Extension"),
    ("Queues", "800", "Queue"),
    ("RingGroups", "801", "RingGroup"),
    ("Receptionists", "802", "IVR"),
    ("CallFlowApps", "850", "RoutePoint"),
    ("Fax", "860", "Fax"),
]


def test_nothing_leads_to_what_is_gone(api: Api) -> None:
    user, queue, menu = (key(api, *one) for one in (("Users", "101"), ("Queues", "800"), ("Receptionists", "802")))
    for name, number, kind in REMOVED:
        api.pbx.reset()
        api.sign_in()
        to = {"To": kind, "Number": number, "Name": "Named", "Type": "Extension"}
        writes: list[tuple[str, Json]] = [
            (f"/Users({user})", {"ForwardingExceptions": [{"Destination": to}]}),
            (f"/Users({user})", {"ForwardingProfiles": [{"Name": "Away", "AwayRoute": {"Internal": to}}]}),
            ("/Groups(2)", {"OfficeRoute": {"Route": to}}),
            ("/InboundRules(1)", {"HolidaysDestination": to}),
            ("/HotelServices", {"NoAnswerDestination": to}),
            ("/CallParkingSettings", {"AutoPickupForwardType": "DN", "AutoPickupForwardDN": number}),
            ("/Trunks(4)", {"ReceiveExtensions": [{"Number": number}, {"Number": "101"}]}),
            ("/WebsiteLinks('chat')", {"DN": {"Number": number}}),
        ]
        if name != "Queues":
            writes.append((f"/Queues({queue})", {"ForwardNoAnswer": to, "BreakRoute": {"Route": to}}))
        if kind in ("Extension", "Queue", "RingGroup"):
            forwards = [{"Input": "1", "ForwardType": kind, "ForwardDN": number}]
            other = {"TimeoutForwardType": kind, "TimeoutForwardDN": number, "InvalidKeyForwardDN": number}
            writes.append((f"/Receptionists({menu})", {**other, "Forwards": forwards}))
        for path, body in writes:
            assert api.patch(path, body).status_code == 204, (path, body)
        assert len(named(api.pbx, number)) > len(writes)
        assert api.delete(f"/{name}({key(api, name, number)})").status_code == 204
        assert named(api.pbx, number) == [], name
        rule = api.one("/InboundRules(1)")["HolidaysDestination"]
        assert (rule["To"], rule["Number"], rule["Name"]) == ("None", "", "")
        assert [one["Number"] for one in api.one("/Trunks(4)", expand="ReceiveExtensions")["ReceiveExtensions"]] == [
            "101"
        ]


def test_a_user_that_is_gone_leaves_no_device_and_no_property(api: Api) -> None:
    api.post("/DNProperties/Pbx.CreateDNProperty", {"dnNumber": "201", "property": {"Name": "A", "Value": "B"}})
    user = key(api, "Users", "201")
    api.patch("/Sbcs('branch1')", {"PhoneUserId": user})
    assert api.delete(f"/Users({user})").status_code == 204
    assert named(api.pbx, "201") == []
    assert api.one("/Sbcs('branch1')")["PhoneUserId"] is None
    assert api.rows("/DNProperties/Pbx.GetPropertiesByDn(dnNumber='201')") == []


@pytest.mark.traits("favourites-kept")
def test_the_favourites_of_a_user_that_is_gone_are_gone(api: Api) -> None:
    assert api.rows("/Groups", filter="Number eq 'FGRP100'")
    assert api.delete(f"/Users({key(api, 'Users', '100')})").status_code == 204
    assert api.rows("/Groups", filter="Number eq 'FGRP100'") == []
    shared = api.rows("/Queues", expand="Groups")[0]["Groups"]
    assert [group["Name"] for group in shared] == ["DEFAULT"]


def test_a_department_that_is_gone_leaves_no_holiday_and_no_name(api: Api) -> None:
    member = {"Groups": [{"GroupId": 2}, {"GroupId": 1}], "PrimaryGroupId": 2}
    user = api.post("/Users", {"Number": "190", **member}).json()["Id"]
    for path in ("/Sbcs('branch1')", "/WebsiteLinks('chat')", "/Fxs('001122334455')"):
        assert api.patch(path, {"Group": "Sales"}).status_code == 204
    assert api.patch("/Groups(2)", {"Name": "Selling"}).status_code == 204
    assert named(api.pbx, "Sales") == []
    assert api.one("/Sbcs('branch1')")["Group"] == "Selling"
    assert api.post("/Groups/Pbx.DeleteCompanyById", {"id": 2}).status_code == 204
    assert (named(api.pbx, "Selling"), named(api.pbx, "GRP2")) == ([], [])
    assert api.one(f"/Users({user})")["PrimaryGroupId"] == 1


def test_an_operator_stays_however_it_is_removed(api: Api) -> None:
    user = key(api, "Users", "100")
    api.patch("/Groups(2)", {"CustomOperator": {"To": "Extension", "Number": "100"}})
    refused(api.delete(f"/Users({user})"), 400, "WARNINGS.OPERATOR_CANNOT_BE_DELETED")
    listed = api.post("/Users/Pbx.BatchDelete", {"ids": [user]}).json()["value"]
    assert [one["ExtensionNumber"] for one in listed] == ["100"]
    assert api.get(f"/Users({user})").status_code == 200


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


def test_a_member_is_named_by_its_number_and_is_no_department(api: Api) -> None:
    """A row of members may carry the id of the membership, which another object has as its own."""
    sales, support = api.pbx.entities("Groups")[1:3]
    other = api.pbx.entities("Queues")[0]
    sent = {"Members": [{"Id": other["Id"], "Number": "100"}]}
    assert api.patch(f"/Groups({sales['Id']})", sent).status_code == 204
    assert [member["Number"] for member in api.pbx.entities("Groups")[1]["Members"]] == ["100"]
    for wrong in ({"Number": support["Number"]}, {"Id": support["Id"]}):
        refused(api.patch(f"/Groups({sales['Id']})", {"Members": [wrong]}), 400, "WARNINGS.XAPI.NOT_FOUND", "Members")
