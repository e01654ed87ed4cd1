"""Traits on the wire: what is refused or understood, who is in a department, and what rights mean. Each with its trait,
and without.
"""

from __future__ import annotations

from collections.abc import Callable

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api, refused

Factory = Callable[..., SimulatedPbx]


def test_memberships_have_ids_and_the_number_of_the_member(pbx_factory: Factory) -> None:
    api = Api(pbx_factory(traits=["membership-rows"]))
    user = next(row for row in api.rows("/Users", expand="Groups($expand=Rights)") if row["Number"] == "200")
    [row] = user["Groups"]
    assert row["Id"] not in (row["GroupId"], user["Id"])
    assert {name: row[name] for name in ("Number", "MemberName", "Name", "Type", "CanDelete", "Rights")} == {
        "Number": "200",
        "MemberName": f"{user['FirstName']} {user['LastName']}",
        "Name": "Sales",
        "Type": "Extension",
        "CanDelete": True,
        "Rights": {"RoleName": "managers"},
    } | {"Rights": row["Rights"]}
    assert row["Rights"]["RoleName"] == "managers"
    members = api.one("/Groups(2)", expand="Members")["Members"]
    assert (row["Id"], "200") in [(member["Id"], member["Number"]) for member in members]
    assert [one["Number"] for one in api.rows("/Users", filter="Groups/any(g: g/Number eq '200')")] == ["200"]
    assert api.rows(f"/Users({user['Id']})/Groups")[0]["Id"] == row["Id"]
    # As they were read they can be sent back, and one more by its GroupId alone.
    sent = {"Groups": [*user["Groups"], {"GroupId": 3}]}
    assert api.patch(f"/Users({user['Id']})", sent).status_code == 204
    again = api.one(f"/Users({user['Id']})", expand="Groups($expand=Rights)")["Groups"]
    assert [(g["GroupId"], g["Rights"]["RoleName"]) for g in again] == [(2, "managers"), (3, "users")]
    everybody = [{"Id": member["Id"], "Number": member["Number"]} for member in members]
    assert api.patch("/Groups(2)", {"Members": everybody}).status_code == 204
    assert api.one("/Groups(2)", expand="Members")["Members"] == members
    plain = Api(pbx_factory(traits=()))
    [row] = plain.rows("/Users", expand="Groups", filter="Number eq '200'")[0]["Groups"]
    assert (row["Id"], row["Number"]) == (2, "GRP2")


def test_the_number_of_the_default_department(pbx_factory: Factory) -> None:
    for traits, wanted in ((["default-grp0000"], "GRP0000"), ([], "GRP1")):
        api = Api(pbx_factory(traits=traits))
        assert [row["Number"] for row in api.rows("/Groups")] == [wanted, "GRP2", "GRP3"]
        assert api.rows("/Users", expand="Groups")[0]["Groups"][0]["Number"] == wanted
        assert api.rows("/Groups", filter=f"Number eq '{wanted}'")[0]["Name"] == "DEFAULT"


def test_times_of_day_without_seconds(pbx_factory: Factory) -> None:
    for traits, status in ((["refuse-hhmm"], 400), ([], 204)):
        api = Api(pbx_factory(traits=traits))
        for sent, wanted in (("09:00", status), ("09:00:00", 204), ("09:00:00.0000000", 204)):
            hours = {"Periods": [{"DayOfWeek": "Monday", "Start": sent, "Stop": "17:00:00"}], "Type": "OfficeHours"}
            assert api.patch("/Groups(2)", {"Hours": hours}).status_code == wanted
        hours["Periods"][0]["Start"] = "8:00"  # type: ignore[index]
        refused(api.patch("/Groups(2)", {"Hours": hours}), 400)


def test_large_pages(pbx_factory: Factory) -> None:
    for traits, status in ((["refuse-large-top"], 400), ([], 200)):
        api = Api(pbx_factory(traits=traits))
        for path in ("/Users", "/Groups(2)/Members", "/Defs/TimeZones"):
            answers = [api.get(path, top=top).status_code for top in ("100", "101")]
            assert answers in ([200, status], [404, 404]), path
        assert api.get("/Peers/Pbx.GetReportPeers()", top="500").status_code == 200


def test_reading_by_key(pbx_factory: Factory) -> None:
    for traits, status in ((["no-read-by-key"], 404), ([], 200)):
        api = Api(pbx_factory(traits=traits))
        fax = next(row for row in api.rows("/Fax") if not row["FaxServer"])
        for path in (f"/Fax({fax['Id']})", f"/Fax(Id={fax['Id']})", "/Fxs('001122334455')", "/Users(6)"):
            assert api.get(path).status_code == status, path
        for path in (f"/Fax(Number='{fax['Number']}')", "/Users(6)/Groups", "/FaxServerSettings"):
            assert api.get(path).status_code == 200, path
        assert api.patch(f"/Fax({fax['Id']})", {"AuthID": "x"}).status_code == 204
        assert api.delete(f"/Fax({fax['Id']})").status_code == 204


def test_histories_need_a_filter(pbx_factory: Factory) -> None:
    cases = {
        "/CallHistoryView": (
            ({}, 504),
            ({"filter": "CallAnswered eq true"}, 504),
            ({"filter": "SrcDisplayName eq 'date(x) ge 2026-01-01'"}, 504),
            ({"filter": "SegmentStartTime ge 2026-01-01T00:00:00Z"}, 500),
            ({"filter": "date(SegmentStartTime) ge 2020-09-01 and CallAnswered eq true"}, 200),
            ({"filter": "year(SegmentStartTime) eq 2026 and month(SegmentStartTime) eq 9"}, 200),
        ),
        "/ChatHistoryView": (
            ({"top": "1"}, 504),
            ({"filter": "date(TimeSent) ge 2020-09-01"}, 200),
            ({"filter": "TimeSent ge 2020-01-01T00:00:00Z"}, 200),
        ),
    }
    for traits in (["history-needs-filter"], []):
        api = Api(pbx_factory(traits=traits))
        for path, asked in cases.items():
            for options, status in asked:
                answer = api.get(path, **options)
                assert answer.status_code == (status if traits else 200), (traits, path, options, answer.text)
                assert answer.content == b"" or answer.status_code == 200
    assert api.rows("/CallHistoryView", filter="date(SegmentStartTime) ge 2020-01-01") == api.rows("/CallHistoryView")
    assert api.rows("/CallHistoryView", filter="date(SegmentStartTime) ge 2100-01-01") == []


def test_names_of_sets_in_any_case(pbx_factory: Factory) -> None:
    for traits, status in ((["any-case-sets"], 200), ([], 404)):
        api = Api(pbx_factory(traits=traits))
        for path in ("/users", "/USERS(6)/Groups", "/fax/Pbx.InitFax()", "/mailsettings", "/FXS('001122334455')"):
            assert api.get(path).status_code == status, path
        assert api.get("/Nonsense").status_code == 404
        made = api.post("/customprompts", {})
        assert made.status_code == (405 if traits else 404)


def test_a_semicolon_at_the_end_of_nested_options(pbx_factory: Factory) -> None:
    expands = (
        "Groups($select=Name;)",
        "Groups($filter=Name eq 'a;)b';$expand=Rights;)",
        "Groups($expand=Rights($top=1;);)",
    )
    for traits, status in ((["trailing-semicolon"], 200), ([], 400)):
        api = Api(pbx_factory(traits=traits))
        for expand in expands:
            assert api.get("/Users", expand=expand).status_code == status, expand
        assert api.get("/Users", expand="Groups($filter=Name eq 'a;)b')").status_code == 200
        assert api.get("/Users", expand="Groups(;$select=Name)").status_code == 400


def test_a_path_in_select(pbx_factory: Factory) -> None:
    for traits, status in ((["select-paths"], 200), ([], 400)):
        api = Api(pbx_factory(traits=traits))
        for path in ("/Groups", "/Groups(2)"):
            answer = api.get(path, select="Name,HolidaysRoute/Prompt")
            assert answer.status_code == status
            if status == 200:
                content = answer.json()
                row = content["value"][1] if "value" in content else content
                assert row["Name"] == "Sales"
                assert set(row["HolidaysRoute"] or {}) <= {"Prompt"}
        for path in (
            "Nonsense/Prompt",
            "HolidaysRoute/Nonsense",
            "Name/Prompt",
            "Members/Id",
            "HolidaysRoute/Route/No",
        ):
            refused(api.get("/Groups", select=path), 400)
        nested = api.get("/Users(6)", expand="ForwardingProfiles($select=Name,AwayRoute/Internal/To)")
        assert nested.status_code == status
        if status == 200:
            away = next(one for one in nested.json()["ForwardingProfiles"] if one["Name"] == "Away")
            assert away == {"Name": "Away", "AwayRoute": {"Internal": {"To": "VoiceMail"}}}
            refused(api.get("/Users", expand="ForwardingProfiles($select=AwayRoute/No)"), 400)
    api = Api(pbx_factory(traits=["select-paths"]))
    route = {"IsPromptEnabled": True, "Prompt": "welcome.wav", "Route": {"To": "VoiceMail"}}
    assert api.patch("/Groups(2)", {"HolidaysRoute": route}).status_code == 204
    assert api.one("/Groups(2)", select="HolidaysRoute/Prompt")["HolidaysRoute"] == {"Prompt": "welcome.wav"}
    whole = api.one("/Groups(2)", select="HolidaysRoute/Prompt,HolidaysRoute")["HolidaysRoute"]
    assert whole["IsPromptEnabled"] is True


def test_the_service_document(pbx_factory: Factory) -> None:
    api = Api(pbx_factory(traits=["service-document"]))
    for path in ("", "/"):
        listed = {entry["name"]: entry for entry in api.one(path)["value"]}
        assert listed["Users"] == {"name": "Users", "kind": "EntitySet", "url": "Users"}
        assert listed["MailSettings"]["kind"] == "Singleton"
    assert Api(pbx_factory(traits=())).get("/").status_code == 404
    assert Api(api.pbx, sign_in=False).get("/").status_code == 401


def test_a_changed_role_counts_from_the_next_token_on(pbx_factory: Factory) -> None:
    for traits, at_once in ((["roles-with-next-token"], 200), ([], 403)):
        pbx = pbx_factory(traits=traits)
        api = Api(pbx)
        client = next(row for row in pbx.entities("ServicePrincipals") if row["Number"] == "900")
        groups = [{"GroupId": 1, "Rights": {"RoleName": "receptionists"}}]
        assert api.patch(f"/ServicePrincipals({client['Id']})", {"Groups": groups}).status_code == 204
        assert api.get("/Recordings").status_code == at_once
        api.sign_in()
        assert api.get("/Recordings").status_code == 403
        groups[0]["Rights"] = {"RoleName": "system_owners"}
        assert api.patch(f"/ServicePrincipals({client['Id']})", {"Groups": groups}).status_code == 204
        assert api.get("/Recordings").status_code == (403 if traits else 200)
        api.sign_in()
        assert api.get("/Recordings").status_code == 200


def test_numbers_of_objects_that_are_not_shown(pbx_factory: Factory) -> None:
    for traits, status in ((["hidden-objects"], 400), ([], 201)):
        api = Api(pbx_factory(traits=traits))
        for path, number in (("/Users", "199"), ("/Queues", "899"), ("/Trunks", "10099"), ("/Parkings", "SP9")):
            assert number not in [row["Number"] for row in api.rows(path)]
            answer = api.post(path, {"Number": number})
            assert answer.status_code == status
            if status == 400:
                refused(answer, 400, "WARNINGS.XAPI.ALREADY_IN_USE", "Number")
        assert api.get("/Users(Number='199')").status_code == (404 if traits else 200)
