"""At the edge of what is allowed, one step on either side: bodies, filters, projections and references."""

from __future__ import annotations

from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from pbx_simulator.errors import Refusal
from pbx_simulator.model.binding import bind_value
from pbx_simulator.model.schema import Property, Type, Value
from pbx_simulator.odata.query import Query, project
from tests.simulator.support import Api, refused


def fits(given: Any, value: Value) -> bool:
    try:
        return bind_value(given, value) is not None
    except Refusal:
        return False


@pytest.mark.parametrize(
    ("value", "allowed", "others"),
    [
        (Value("boolean"), [True, False], [1, 0, "true", []]),
        (Value("integer"), [0, 1, -5], [True, False, 1.0, "1", [], {}]),
        (Value("integer", format="uint8"), [0, 255], [-1, 256]),
        (Value("integer", format="int16"), [-(2**15), 2**15 - 1], [-(2**15) - 1, 2**15]),
        (Value("integer", format="int32"), [-(2**31), 2**31 - 1], [-(2**31) - 1, 2**31]),
        (Value("integer"), [-(2**63), 2**63 - 1], [-(2**63) - 1, 2**63]),
        (Value("integer", minimum=3, maximum=5), [3, 5], [2, 6]),
        (Value("number"), [0, 1.5, "INF", "-INF", "NaN"], [True, "1.5", "inf", None]),
        (Value("string"), ["", "x"], [5, True, []]),
        (Value("string", max_length=3), ["", "abc"], ["abcd"]),
        (Value("enum", members=("A", "B")), ["A", "B"], ["a", "A,B", "", 0]),
        (Value("enum", members=("A", "B"), flags=True), ["A", "A,B", "B, A"], ["C", "A,C", "A,,B"]),
        (
            Value("string", format="date-time"),
            ["2026-02-28T08:00:00Z", "2028-02-29T08:00+01:00", "2026-01-01T00:00:00.1234567Z"],
            ["2026-02-29T08:00:00Z", "2026-13-01T08:00:00Z", "2026-01-01T08:00:00", "2026-01-01T08:00:00Zz",
                "x2026-01-01T08:00:00Z"],
        ),
        (Value("string", format="date"), ["2028-02-29"], ["2026-02-29", "2026-04-31", "2026-1-1", "2026-01-01Z",
            "2026-01-01T00:00:00Z"]),
        (Value("string", format="time"), ["00:00", "23:59:59", "09:00:00.0000000"], ["24:00:00", "09:60", "9:00",
            "09:00:00Z", "09:00:60"]),
        (Value("string", format="duration"), ["PT0S", "-PT1M", "P5DT13H43M24.96S"], ["P", "PT", "P1DT", "1H", "PT1.5M",
            "P1W"]),
        (Value("string", format="uuid"), ["00000000-0000-4000-8000-00000000000A"],
            ["00000000-0000-4000-8000-00000000000", "{0}"]),
    ],
    ids=lambda it: str(it)[:40] if isinstance(it, Value) else None,
)  # fmt: skip
def test_what_a_value_may_be(value: Value, allowed: list[Any], others: list[Any]) -> None:
    assert [one for one in allowed if not fits(one, value)] == []
    assert [one for one in others if fits(one, value)] == []


def test_true_is_no_number_on_the_wire(api: Api) -> None:
    rule = api.rows("/OutboundRules")[0]["Id"]
    for wrong in (True, 1.0, "1"):
        assert "delta" in refused(api.patch(f"/OutboundRules({rule})", {"Priority": wrong}), 400)["message"]


# $filter


def found(api: Api, path: str, text: str) -> list[str]:
    return [str(row.get("Number") or row.get("Name")) for row in api.rows(path, filter=text)]


def test_the_functions_of_a_filter_calculate(api: Api) -> None:
    for text in (
        "substring(LastName,1) eq 'oreno'",
        "substring(LastName,1,3) eq 'ore' and substring(LastName,0,2) eq 'Mo'",
        "substring(LastName,2,1) eq 'r' and substring(LastName,5,9) eq 'o' and substring(LastName,2,0) eq ''",
        "startswith(LastName,'More') and not startswith(LastName,'ore')",
        "endswith(LastName,'eno') and not endswith(LastName,'en')",
        "contains(LastName,'ren') and not contains(LastName,'REN')",
        "tolower(LastName) eq 'moreno' and toupper(LastName) eq 'MORENO'",
        "trim(concat(' ',LastName)) eq 'Moreno' and concat(LastName,' ') ne 'Moreno'",
        "length(LastName) eq 6 and indexof(LastName,'o') eq 1 and indexof(LastName,'x') eq -1",
    ):
        assert found(api, "/Users", f"({text}) and Number eq '100'") == ["100"], text
        assert found(api, "/Users", f"not ({text}) and Number eq '100'") == [], text
    for text in (
        "year(StartTime) eq 2026 and month(StartTime) eq 1 and day(StartTime) eq 5 and hour(StartTime) eq 9",
        "hour(StartTime) eq 9 and minute(EndTime) eq 3 and second(EndTime) eq 0",
    ):
        assert [row["Id"] for row in api.rows("/Recordings", filter=text)] == [1], text
    for text in ("floor(Rate) eq 0", "ceiling(Rate) eq 1", "round(Rate) eq 0", "Rate add 1 gt 1", "Rate mul 100 eq 2"):
        assert "Germany" in [row["CountryName"] for row in api.rows("/CallCostSettings", filter=text)], text


def test_any_and_all_over_nothing_and_over_null(api: Api) -> None:
    number = api.post("/Trunks", {"Gateway": None}).json()["Number"]
    assert found(api, "/Trunks", "Gateway/Codecs/any(c: c eq 'PCMU')") == []
    assert number in found(api, "/Trunks", "Gateway/Codecs/all(c: c eq 'PCMU')"), "all of none"
    api.pbx.put("Users", {"Number": "110", "Phones": [{"Name": None}, {"Name": "desk"}]})
    # A comparison of null is no match for any, and a breach of all.
    assert found(api, "/Users", "Phones/any(p: contains(p/Name,'desk'))") == ["110"]
    assert "110" not in found(api, "/Users", "Phones/all(p: contains(p/Name,'desk'))")
    assert "110" not in found(api, "/Users", "Phones/all(p: not contains(p/Name,'x'))"), (
        "null is neither true nor false"
    )
    assert found(api, "/Users", "Number eq '110' and Phones/any(p: not contains(p/Name,'x'))") == ["110"]
    api.pbx.put("Users", {"Number": "111", "Phones": [{"Name": None}]})
    assert found(api, "/Users", "Number eq '111' and Phones/any(p: not contains(p/Name,'x'))") == []


# projections


def test_what_hides_in_a_structure_is_hidden_there_too(api: Api) -> None:
    settings = {"AgentType": "a", "PhonebookOverride": {"Number": "800"}}
    api.pbx.put("Users", {"Number": "110", "AgentSettings": settings})
    key = api.one("/Users(Number='110')")["Id"]
    for shown in (
        api.one(f"/Users({key})"),
        api.one(f"/Users({key})", select="AgentSettings"),
        api.rows("/Users", filter="Number eq '110'")[0],
        api.rows("/Users", filter="Number eq '110'", select="AgentSettings,Number")[0],
    ):
        assert shown["AgentSettings"]["AgentType"] == "a"
        assert "PhonebookOverride" not in shown["AgentSettings"]
    assert api.one("/Users(Number='100')")["AgentSettings"] is None


def test_what_hides_in_the_structures_of_a_list_is_hidden_there_too() -> None:
    """No document has such a list yet."""
    text, whole = Value("string"), {"Shown": "a", "Hidden": "b"}
    inner = Type("Inner", {"Shown": Property("Shown", text), "Hidden": Property("Hidden", text, large=True)})
    items = Property("Items", Value("complex", collection=True, inline=inner))
    one = Property("One", Value("complex", inline=inner))
    kind = Type("Outer", {"Items": items, "One": one})
    for query in (Query(), Query(select=("Items", "One"))):
        shown = project({"Items": [whole, None, whole], "One": whole}, kind, query, lambda *_: None)
        assert shown == {"Items": [{"Shown": "a"}, None, {"Shown": "a"}], "One": {"Shown": "a"}}
        assert project({"Items": None, "One": None}, kind, query, lambda *_: None) == {"Items": None, "One": None}


# references


def test_a_profile_with_two_routes_is_refused_whatever_it_is_called(api: Api) -> None:
    user = api.one("/Users(Number='100')", expand="ForwardingProfiles")
    ids = {profile["Name"]: profile["Id"] for profile in user["ForwardingProfiles"]}
    path = f"/Users({user['Id']})"
    both: dict[str, Any] = {"AvailableRoute": {}, "AwayRoute": {}}
    for named, target in [
        ({"Name": "Available"}, "AwayRoute"),
        ({"Name": "Away"}, "AvailableRoute"),
        ({"Name": "Of our own"}, "AvailableRoute"),
        ({"Id": ids["Available"]}, "AwayRoute"),
        ({"Id": ids["Away"]}, "AvailableRoute"),
    ]:
        body = {"ForwardingProfiles": [{**named, **both}]}
        refused(api.patch(path, body), 400, "WARNINGS.INVALID", target)
    wrong = {"ForwardingProfiles": [{"Id": ids["Away"], "AvailableRoute": {}}]}
    refused(api.patch(path, wrong), 400, "WARNINGS.INVALID", "AvailableRoute")
    for route in both:
        assert api.patch(path, {"ForwardingProfiles": [{"Name": "Of our own", route: {}}]}).status_code == 204


def test_a_route_over_a_trunk_there_is_not(pbx: SimulatedPbx, api: Api) -> None:
    routes = [{"TrunkId": 99, "TrunkName": "Nobody"}, {"TrunkName": "Unnamed"}, {"TrunkId": 5, "TrunkName": "Wrong"}]
    made = api.post("/OutboundRules", {"Name": "New", "Routes": routes}).json()
    shown = [(route["TrunkId"], route["TrunkName"]) for route in made["Routes"]]
    assert shown == [(-1, ""), (None, "Unnamed"), (5, "Backup Carrier")]
    refused(
        api.post("/OutboundRules", {"Name": "Other", "GroupIds": [1, 99]}), 400, "WARNINGS.XAPI.NOT_FOUND", "GroupIds"
    )
    assert [row["Name"] for row in pbx.entities("OutboundRules")] == ["National", "Emergency", "New"]
