"""Traits on the wire: what is answered, and in which form texts are stored. Each with its trait, and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api, refused

Factory = Callable[..., SimulatedPbx]


def values(answer: Any) -> Iterator[Any]:
    """Every value of an answer, however deep."""
    yield answer
    for inner in answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ():
        yield from values(inner)


def test_etags(pbx_factory: Factory) -> None:
    for traits, has in ((["no-etags"], False), ([], True)):
        api = Api(pbx_factory(traits=traits))
        user = api.rows("/Users")[0]
        one = api.get(f"/Users({user['Id']})")
        seen = ["@odata.etag" in user, "@odata.etag" in one.json(), "ETag" in one.headers]
        seen += ["@odata.etag" in api.one("/AntiHackingSettings")]
        assert seen == [has] * 4
        status = 412 if has else 204
        answer = api.patch(f"/Users({user['Id']})", {"Mobile": "1"}, headers={"If-Match": 'W/"other"'})
        assert answer.status_code == status
    strict = Api(pbx_factory(traits=["require-if-match"]))
    refused(strict.patch("/Users(10)", {"Mobile": "1"}), 428)


def test_nulls_are_left_out_in_entities_structures_and_singletons(pbx_factory: Factory) -> None:
    for traits, has in ((["omit-nulls"], False), ([], True)):
        api = Api(pbx_factory(traits=traits))
        for answer in (
            api.rows("/Users"),
            api.rows("/Users", expand="ForwardingProfiles"),
            api.one("/Users(6)", select="Mobile,SIPID"),
            api.rows("/Users", select="Id,SIPID"),
            api.one("/MailSettings"),
            api.one("/Fax/Pbx.InitFax()"),
            api.post("/Fax", {}).json(),
        ):
            assert (None in values(answer)) == has, answer
        assert api.rows("/Users", expand="Groups")[0]["Groups"]


def test_zeros_are_left_out(pbx_factory: Factory) -> None:
    for traits, has in ((["omit-zeros"], False), ([], True)):
        api = Api(pbx_factory(traits=traits))
        api.post("/Holidays", {"Name": "Whole day", "Day": 1, "Month": 5, "TimeOfStartDate": "PT0S", "Year": 0})
        holiday = api.rows("/Holidays")[-1]
        assert [name in holiday for name in ("Year", "TimeOfStartDate", "DayEnd")] == [has] * 3
        assert holiday["Day"] == 1
        rule = api.post("/OutboundRules", {"Name": "Zero", "Priority": 0, "Prefix": ""}).json()
        assert [name in rule for name in ("Priority", "Prefix")] == [has] * 2
        fax = api.rows("/Fax")[0]
        assert fax["FaxServer"] in (True, False)


def test_times_of_day_have_seven_decimals(pbx_factory: Factory) -> None:
    hours = {"Periods": [{"DayOfWeek": "Monday", "Start": "09:00:00", "Stop": "17:30:00.5"}], "Type": "OfficeHours"}
    for traits, wanted in (
        (["seven-decimals"], ["09:00:00.0000000", "17:30:00.5000000"]),
        ([], ["09:00:00", "17:30:00.5"]),
    ):
        api = Api(pbx_factory(traits=traits))
        assert api.patch("/Groups(2)", {"Hours": hours}).status_code == 204
        for group in (api.one("/Groups(2)"), api.rows("/Groups")[1]):
            period = group["Hours"]["Periods"][0]
            assert [period["Start"], period["Stop"]] == wanted


def test_texts_are_stored_in_the_form_of_the_pbx(pbx_factory: Factory) -> None:
    given = {"FirstName": "+15550133", "Mobile": "+15550133", "EmailAddress": "Case.Test@Example.com", "LastName": ""}
    for traits, wanted in (
        ([], {}),
        (["drop-plus"], {"Mobile": "15550133"}),
        (["lower-case-emails"], {"EmailAddress": "case.test@example.com"}),
        (["empty-as-null"], {"LastName": None}),
        (["null-as-empty"], {"OutboundCallerID": ""}),
    ):
        api = Api(pbx_factory(traits=traits))
        made = api.post("/Users", {"Number": "178", **given, "OutboundCallerID": None}).json()
        expected = {**given, "OutboundCallerID": None, **wanted}
        assert {name: made[name] for name in expected} == expected
        api.patch(f"/Users({made['Id']})", {"FirstName": "Other"})
        assert api.patch(f"/Users({made['Id']})", given).status_code == 204
        again = api.one(f"/Users({made['Id']})")
        assert {name: again[name] for name in expected} == expected


def test_the_form_of_texts_holds_in_seeds_structures_lists_and_singletons(pbx_factory: Factory) -> None:
    api = Api(pbx_factory(traits=["drop-plus"]))
    assert api.rows("/Trunks", top="1")[0]["DidNumbers"] == ["15550100", "15550101"]
    route = {"To": "External", "External": "+15550177"}
    assert api.patch("/Groups(2)", {"BreakRoute": {"IsPromptEnabled": False, "Route": route}}).status_code == 204
    assert api.one("/Groups(2)")["BreakRoute"]["Route"]["External"] == "15550177"
    api.post("/InboundRules", {"RuleName": "+15550301", "Data": "+15550301", "Condition": "BasedOnDID"})
    rule = api.rows("/InboundRules")[-1]
    assert (rule["RuleName"], rule["Data"]) == ("+15550301", "15550301")
    empty = Api(pbx_factory(traits=["null-as-empty"]))
    assert empty.rows("/Users")[1]["Mobile"] == ""
    assert empty.one("/FaxServerSettings")["Email"] == ""
    assert empty.rows("/Users", expand="ForwardingProfiles")[0]["ForwardingProfiles"][0]["CustomMessage"] == ""
    assert empty.rows("/Users", filter="Mobile eq ''")
    null = Api(pbx_factory(traits=["empty-as-null"]))
    null.patch("/FaxServerSettings", {"Email": ""})
    assert null.one("/FaxServerSettings")["Email"] is None


def test_the_form_of_texts_holds_in_what_functions_answer(pbx_factory: Factory) -> None:
    """Settings that an action sets, rows that a function lists, and what is stored nowhere."""
    location = {"FtpUser": "", "SftpUser": None, "S3Path": "/backups"}
    for traits, wanted in (
        ([], {"FtpUser": "", "SftpUser": None}),
        (["empty-as-null"], {"FtpUser": None, "SftpUser": None}),
        (["null-as-empty"], {"FtpUser": "", "SftpUser": ""}),
    ):
        api = Api(pbx_factory(traits=traits))
        settings = {"settings": {"Location": location}}
        assert api.post("/Backups/Pbx.SetBackupRepositorySettings", settings).status_code == 204
        shown = api.one("/Backups/Pbx.GetBackupRepositorySettings()")["Location"]
        assert {name: shown[name] for name in wanted} == wanted
    search = {"dirSearchSettings": {"ExchangeEmailAddresses": ["Ada@Example.com"]}}
    lower = Api(pbx_factory(traits=["lower-case-emails"]))
    assert lower.post("/Contacts/Pbx.SetDirSearchSettings", search).status_code == 204
    assert lower.one("/Contacts/Pbx.GetDirSearchSettings()")["ExchangeEmailAddresses"] == ["ada@example.com"]
    plus = Api(pbx_factory(traits=["drop-plus"]))
    created = {"dnNumber": "100", "property": {"Name": "Target", "Value": "+15550199"}}
    assert plus.post("/DNProperties/Pbx.CreateDNProperty", created).status_code == 204
    assert plus.rows("/DNProperties/Pbx.GetPropertiesByDn(dnNumber='100')")[0]["Value"] == "15550199"
    assert Api(pbx_factory(traits=["null-as-empty"])).one("/Fax/Pbx.InitFax()")["OutboundCallerId"] == ""


def test_the_stored_form_decides_what_is_a_duplicate(pbx_factory: Factory) -> None:
    api = Api(pbx_factory(traits=["drop-plus"]))
    assert api.post("/BlackListNumbers", {"CallerId": "+15550999"}).status_code == 201
    refused(api.post("/BlackListNumbers", {"CallerId": "15550999"}), 400, "WARNINGS.XAPI.DUPLICATE", "CallerId")
    refused(api.post("/BlackListNumbers", {"CallerId": "+15550999"}), 400, "WARNINGS.XAPI.DUPLICATE", "CallerId")


def test_hidden_departments_of_favourites(pbx_factory: Factory) -> None:
    for trait, stays in (("favourites-kept", True), ("favourites-dropped", False)):
        pbx = pbx_factory(traits=[trait])
        api = Api(pbx)
        hidden = api.rows("/Groups", filter="startswith(Name, '___FAVORITES___')")
        assert [row["Number"] for row in hidden] == ["FGRP100", "FGRP101", "FGRP102"]
        for path in ("/Users", "/Queues", "/RingGroups"):
            first = api.rows(path, expand="Groups")[0]
            names = [group["Name"] for group in first["Groups"]]
            assert names == ["DEFAULT", "___FAVORITES___100"]
            sent = {"Groups": [{"GroupId": 2}, {"GroupId": hidden[0]["Id"]}]}
            assert api.patch(f"{path}({first['Id']})", sent).status_code == 204
            assert "___FAVORITES___100" in _departments(api, path)
            assert api.patch(f"{path}({first['Id']})", {"Groups": [{"GroupId": 2}]}).status_code == 204
            assert _departments(api, path) == ["Sales", *["___FAVORITES___100"] * stays]
        api.post("/Users", {"Number": "178"})
        assert pbx.give_favourites("178")["Name"] == "___FAVORITES___178"
        assert pbx.give_favourites("178")["Number"] == "FGRP178"
    assert not [row for row in pbx_factory(traits=()).entities("Groups") if "FAVORITES" in row["Name"]]


def _departments(api: Api, path: str) -> list[str]:
    return [group["Name"] for group in api.rows(path, expand="Groups")[0]["Groups"]]


def test_holidays(pbx_factory: Factory) -> None:
    given = {"Name": "May Day", "Day": 1, "Month": 5, "DayEnd": 1, "MonthEnd": 5, "Year": 0, "YearEnd": 0}
    group = {"Group": "GRP2"}
    api = Api(pbx_factory(traits=["holiday-needs-group"]))
    refused(api.post("/Holidays", given), 400, "WARNINGS.XAPI.REQUIRED", "Group")
    refused(api.post("/Holidays", {**given, "Group": "Sales"}), 400, "WARNINGS.XAPI.NOT_FOUND", "Group")
    made = api.post("/Holidays", {**given, **group})
    assert made.status_code == 201
    refused(api.patch(f"/Holidays({made.json()['Id']})", {"Group": "Sales"}), 400, "WARNINGS.XAPI.NOT_FOUND", "Group")
    for traits, status in ((["duplicate-holiday-500"], 500), ([], 201)):
        api = Api(pbx_factory(traits=traits))
        assert api.post("/Holidays", given).status_code == 201
        again = api.post("/Holidays", given)
        assert (again.status_code, bool(again.content)) == (status, status == 201)


def test_refused_expands(pbx_factory: Factory) -> None:
    for traits, one, two in ((["refuse-expand"], 400, 400), (["refuse-two-expands"], 200, 400), ([], 200, 200)):
        api = Api(pbx_factory(traits=traits))
        for path in ("/Users", "/Users(6)"):
            assert api.get(path, expand="Groups($expand=Rights)").status_code == one
            assert api.get(path, expand="Groups,Phones").status_code == two
