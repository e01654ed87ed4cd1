"""XAPI.md, "Reading", point by point, at wire level."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from pbx_simulator import SimulatedPbx
from pbx_simulator.model import document
from tests.simulator.support import BARE, Api, refused

Factory = Callable[..., SimulatedPbx]


@pytest.fixture
def many(pbx_factory: Factory) -> Api:
    users = [{"Number": str(1000 + n), "FirstName": f"User {n}"} for n in range(250)]
    return Api(pbx_factory({"Users": users}))


def test_a_list_answers_context_and_value(pbx: SimulatedPbx, api: Api) -> None:
    answer = api.one("/Fax")
    assert answer.keys() == {"@odata.context", "value"}
    assert answer["@odata.context"] == f"{pbx.url}/xapi/v1/$metadata#Fax"
    assert [row["Number"] for row in answer["value"]] == ["888", "860", "861"]


def test_the_count_is_there_only_where_asked_for(many: Api) -> None:
    answer = many.one("/Users", count="true", filter="startswith(Number,'10')", top="3")
    assert (answer["@odata.count"], len(answer["value"])) == (100, 3)
    assert "@odata.count" not in many.one("/Users", count="false", top="1")
    refused(many.get("/Users", count="yes"), 400)


def test_top_is_capped_at_100_rows_and_there_is_no_next_link(many: Api) -> None:
    for query in ({}, {"top": "100"}, {"top": "500"}):
        answer = many.one("/Users", **query)
        assert len(answer["value"]) == 100
        assert "@odata.nextLink" not in answer
    assert len(many.rows("/Users", top="7")) == 7
    assert many.rows("/Users", top="0") == []


def test_skip_pages_through_every_row(many: Api) -> None:
    pages = [many.rows("/Users", top="100", skip=str(skip), select="Number") for skip in (0, 100, 200, 300)]
    assert [len(page) for page in pages] == [100, 100, 50, 0]
    numbers = [row["Number"] for page in pages for row in page]
    assert numbers == [str(1000 + n) for n in range(250)]


@pytest.mark.parametrize("query", [{"top": "-1"}, {"top": "x"}, {"skip": "-1"}, {"skip": "1.5"}, {"top": ""}])
def test_an_ill_formed_page_is_refused(api: Api, query: dict[str, str]) -> None:
    refused(api.get("/Fax", **query), 400)


def test_another_page_cap_can_be_asked_for(pbx_factory: Factory) -> None:
    assert len(Api(pbx_factory(page_cap=2)).rows("/Users")) == 2


def test_a_singleton_answers_one_plain_object(pbx: SimulatedPbx, api: Api) -> None:
    answer = api.one("/AntiHackingSettings")
    assert "value" not in answer
    assert answer["@odata.context"] == f"{pbx.url}/xapi/v1/$metadata#AntiHackingSettings"
    assert "HackBarrierRed" in answer


def test_the_cheap_probe_carries_the_release(pbx_factory: Factory) -> None:
    answer = Api(pbx_factory(release="20.0.9.995")).get("/Defs", select="Id")
    assert answer.headers["X-3CX-Version"] == "20.0.9.995"
    assert answer.json().keys() - {"@odata.context", "@odata.etag"} == {"Id"}


def test_every_answer_carries_the_release_refusals_too(api: Api) -> None:
    assert api.get("/Fax(1)").headers["X-3CX-Version"] == "20.0.10"


# navigation and large properties


def test_navigation_properties_are_absent_unless_named(api: Api) -> None:
    user = api.rows("/Users", top="1")[0]
    assert user.keys().isdisjoint({"Groups", "ForwardingProfiles", "ForwardingExceptions", "Greetings", "Phones"})
    user = api.rows("/Users", top="1", expand="Groups,Phones")[0]
    assert {"Groups", "Phones"} <= user.keys()
    assert "Greetings" not in user


def test_expand_is_nested(api: Api) -> None:
    user = api.rows("/Users", filter="Number eq '200'", expand="Groups($expand=Rights)")[0]
    assert [(g["Name"], g["Rights"]["RoleName"]) for g in user["Groups"]] == [("Sales", "managers")]
    flat = api.rows("/Users", filter="Number eq '200'", expand="Groups")[0]
    assert "Rights" not in flat["Groups"][0]


def test_expand_takes_options(api: Api) -> None:
    options = "Groups($expand=Rights($select=RoleName);$select=Name;$filter=Name eq 'Sales';$top=1;$orderby=Name desc)"
    user = api.rows("/Users", filter="Number eq '200'", select="Number", expand=options)[0]
    assert user["Groups"] == [{"Name": "Sales", "Rights": {"RoleName": "managers"}}]
    nobody = api.rows("/Users", filter="Number eq '100'", expand="Groups($filter=Name eq 'Sales';$count=true)")[0]
    assert (nobody["Groups"], nobody["Groups@odata.count"]) == ([], 0)


@pytest.mark.parametrize(
    ("path", "expand", "names"),
    [
        ("/Queues", "Agents,Managers", ["Agents", "Managers"]),
        ("/RingGroups", "Members", ["Members"]),
        ("/Receptionists", "Forwards", ["Forwards"]),
        ("/Groups", "Members,OfficeHolidays", ["Members"]),
        ("/Users", "ForwardingProfiles", ["ForwardingProfiles"]),
    ],
)
def test_the_expands_xapi_md_names(api: Api, path: str, expand: str, names: list[str]) -> None:
    row = api.rows(path, expand=expand)[0]
    assert all(row[name] for name in names)
    assert set(expand.split(",")) <= row.keys()


@pytest.mark.parametrize(
    "expand",
    [
        "Groups($levels=2)",
        "Groups/Rights",
        "Groups/$ref",
        "Groups($top=1,$skip=0)",
        "Nonsense",
        "FirstName",
        "Groups(",
        "Groups($expand=Nope)",
        "Groups($nope=1)",
        "Groups,,Phones",
        "Groups)",
    ],
)
def test_a_bad_expand_is_refused(api: Api, expand: str) -> None:
    refused(api.get("/Users", expand=expand), 400)


def test_members_of_a_department_follow_its_users(api: Api) -> None:
    before = {m["Number"] for m in api.rows("/Groups(2)/Members")}
    assert before == {"200", "201"}
    user = api.rows("/Users", filter="Number eq '102'")[0]
    assert api.patch(f"/Users({user['Id']})", {"Groups": [{"GroupId": 2}]}).status_code == 204
    assert {m["Number"] for m in api.rows("/Groups(2)/Members")} == {"200", "201", "102"}


def test_the_names_of_what_a_row_refers_to_follow_it(api: Api) -> None:
    assert api.patch("/Groups(2)", {"Name": "Vertrieb"}).status_code == 204
    assert api.patch("/Users({})".format(api.one("/Users(Number='300')")["Id"]), {"LastName": "Sato"}).is_success
    assert api.patch(
        "/Trunks({})".format(api.one("/Trunks(Number='10000')")["Id"]), {"Gateway": {"Name": "New"}}
    ).is_success
    user = api.one("/Users(Number='200')", expand="Groups")
    assert [group["Name"] for group in user["Groups"]] == ["Vertrieb"]
    assert [user["Number"] for user in api.rows("/Users", filter="Groups/any(g: g/Name eq 'Vertrieb')")] == [
        "200",
        "201",
    ]
    queue = api.one("/Queues(Number='800')", expand="Agents,Managers")
    assert [agent["Name"] for agent in queue["Agents"] + queue["Managers"]] == ["Hiro Sato", "Ines Costa", "Hiro Sato"]
    national = api.rows("/OutboundRules", filter="Name eq 'National'")[0]
    assert national["Routes"][0]["TrunkName"] == "New"


def test_what_is_stored_shows_the_members_of_a_department(api: Api) -> None:
    groups = {group["Name"]: group for group in api.pbx.entities("Groups")}
    assert [member["Number"] for member in groups["Sales"]["Members"]] == ["200", "201"]


def test_large_properties_are_absent_unless_selected(api: Api) -> None:
    app = api.rows("/CallFlowApps", filter="Number eq '850'")[0]
    assert "ScriptCode" not in app
    assert "ScriptCode" not in api.one(f"/CallFlowApps({app['Id']})")
    assert api.one(f"/CallFlowApps({app['Id']})", select="ScriptCode")["ScriptCode"].startswith("// invented")


def test_default_projections_carry_credentials(api: Api) -> None:
    user = api.rows("/Users", top="1")[0]
    for secret in ("AuthPassword", "AccessPassword", "DeskphonePassword", "VMPIN"):
        assert user[secret]
    assert all(row["AuthPassword"] for row in api.rows("/Fax"))
    assert all(row["Secret"] and row["Password"] for row in api.rows("/Fxs"))
    assert api.one("/LicenseStatus")["LicenseKey"]
    phone = api.rows("/Users", filter="Number eq '300'", expand="Phones")[0]["Phones"][0]
    assert phone["ProvisioningLinkExt"]


def test_a_new_user_has_credentials_too(api: Api) -> None:
    created = api.post("/Users", {"FirstName": "New"}).json()
    assert created["AuthPassword"] == f"invented-sip-{created['Number']}"


# select, order, search


def test_select_names_the_properties(pbx: SimulatedPbx, api: Api) -> None:
    answer = api.one("/Fax", select="Id,Number")
    assert answer["@odata.context"] == f"{pbx.url}/xapi/v1/$metadata#Fax(Id,Number)"
    assert all(row.keys() == {"@odata.etag", "Id", "Number"} for row in answer["value"])
    for wrong in ("Id,Nonsense", "Id,,Number", "Number/Nonsense", "Number asc", "id"):
        refused(api.get("/Fax", select=wrong), 400)


def test_select_and_expand_stand_together(api: Api) -> None:
    user = api.rows("/Users", filter="Number eq '200'", select="Number", expand="Groups($select=Name)")[0]
    assert user.keys() == {"@odata.etag", "Number", "Groups"}
    assert user["Groups"] == [{"Name": "Sales"}]
    assert api.rows("/Users", select="Groups", top="1")[0].keys() == {"@odata.etag"}


def test_json_is_the_only_format(api: Api) -> None:
    assert api.get("/Fax", format="json").status_code == 200
    refused(api.get("/Fax", format="xml"), 400)


def test_orderby(api: Api) -> None:
    assert [r["Number"] for r in api.rows("/Fax", orderby="Number desc")] == ["888", "861", "860"]
    rows = api.rows("/Users", orderby="PrimaryGroupId desc,Number asc", select="Number")
    assert [r["Number"] for r in rows][:4] == ["300", "301", "200", "201"]
    nulls = [r["Number"] for r in api.rows("/Users", orderby="Mobile,Number desc")]
    assert nulls == ["301", "300", "201", "200", "104", "103", "102", "101", "100"]
    nulls = [r["Number"] for r in api.rows("/Users", orderby="Mobile desc,Number")]
    assert nulls == ["100", "101", "102", "103", "104", "200", "201", "300", "301"]


def test_moments_are_ordered_as_moments(api: Api) -> None:
    for address, expires in (("192.0.2.1", "2030-01-01T01:00:00+02:00"), ("192.0.2.2", "2030-01-01T00:00:00Z")):
        api.pbx.put("Blocklist", {"Description": address, "ExpiresAt": expires})
    found = api.rows("/Blocklist", filter="startswith(Description,'192.0.2.')", orderby="ExpiresAt desc")
    assert [row["Description"] for row in found][:2] == ["192.0.2.2", "192.0.2.1"]


@pytest.mark.parametrize("order", ["Nonsense", "Number sideways", "Number asc desc", "Groups", ","])
def test_a_bad_orderby_is_refused(api: Api, order: str) -> None:
    refused(api.get("/Users", orderby=order), 400)


def test_search_looks_into_the_texts(api: Api) -> None:
    assert [r["Number"] for r in api.rows("/Users", search="o'brien")] == ["101"]
    assert [r["Number"] for r in api.rows("/Users", search="lee OR tanaka")] == ["201", "300"]
    assert api.rows("/Users", search="nobody is called that") == []


@pytest.mark.parametrize("query", ["$nonsense=1", "$top=1&$top=2", "$select=Id&$select=Number", "$filter=", "$top=%FF"])
def test_an_unknown_or_repeated_option_is_refused(api: Api, query: str) -> None:
    refused(api.http.get(f"{api.pbx.url}/xapi/v1/Fax?{query}"), 400)


def test_an_option_the_document_does_not_give_the_operation_is_refused(api: Api) -> None:
    fax = api.rows("/Fax")[0]
    refused(api.get(f"/Fax({fax['Id']})", filter="Id eq 1"), 400)


def test_options_without_a_dollar_are_not_odata(api: Api) -> None:
    assert api.http.get(f"{api.pbx.url}/xapi/v1/Fax?top=1&anything=else").json()["value"][1:]


# keys


def test_string_keys_are_literals(api: Api) -> None:
    assert api.one("/Fxs('001122334455')")["MacAddress"] == "001122334455"
    refused(api.get("/Fxs('000000000000')"), 404, "WARNINGS.XAPI.NOT_FOUND", "MacAddress")


@pytest.mark.parametrize("key", ["001122334455", "'001122334455", "'a'b'", "abc", "true"])
def test_an_unquoted_string_key_is_refused(api: Api, key: str) -> None:
    answer = api.get(f"/Fxs({key})")
    assert answer.status_code in (400, 404)
    assert "error" in answer.json()


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        ("O'Brien", "'O''Brien'"),
        ("O'Brien", "%27O%27%27Brien%27"),
        ("a/b c%", "'a%2Fb%20c%25'"),
        ("Müller", "'M%C3%BCller'"),
        ("a,b=c", "'a,b=c'"),
        ("a(b)", "'a(b)'"),
        ("a\nb\x01", "'a%0Ab%01'"),
    ],
)
def test_odd_string_keys_arrive(api: Api, stored: str, sent: str) -> None:
    api.pbx.put("TenantProperties", {"Name": stored, "Value": "1"})
    assert api.one(f"/TenantProperties({sent})")["Name"] == stored
    assert api.pbx.requests[-1].path == f"/xapi/v1/TenantProperties({sent})"


@pytest.mark.parametrize("key", ["'12'", "1.5", "99999999999", "x", ""])
def test_an_integer_key_is_bare(api: Api, key: str) -> None:
    assert api.get(f"/Fax({key})").status_code in (400, 404)


def test_a_key_may_be_named(api: Api) -> None:
    fax = api.rows("/Fax")[0]
    assert api.one(f"/Fax(Id={fax['Id']})")["Number"] == fax["Number"]


def test_alternate_keys(api: Api) -> None:
    for path, number in (("Fax", "860"), ("Users", "100"), ("Queues", "800"), ("Trunks", "10000"), ("Parkings", "SP1")):
        assert api.one(f"/{path}(Number='{number}')")["Number"] == number
    assert api.one("/Peers(Number='800')")["Type"] == "Queue"
    refused(api.get("/Fax(Number='800')"), 404, "WARNINGS.XAPI.NOT_FOUND", "Number")


@pytest.mark.parametrize(
    ("release", "old"), [("20.0.5", True), ("20.0.7", True), ("20.0.8", False), ("20.0.10", False)]
)
def test_a_parking_is_looked_up_as_its_release_does(pbx_factory: Factory, release: str, old: bool) -> None:
    api = Api(pbx_factory(release=release))
    by_function, by_key = "/Parkings/Pbx.GetByNumber(number='SP1')", "/Parkings(Number='SP1')"
    here, gone = (by_function, by_key) if old else (by_key, by_function)
    assert api.one(here)["Number"] == "SP1"
    refused(api.get(gone), 404)
    assert [r["Number"] for r in api.rows("/Parkings", filter="Number eq 'SP1'")] == ["SP1"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Firmwares", "fanvil-x4u-2.12.16.5"),
        ("PhoneLogos", "company.png"),
        ("Backups", "nightly.zip"),
        ("CustomPrompts", "summer.wav"),
    ],
)
def test_some_sets_have_list_and_delete_but_no_get_by_key(api: Api, name: str, key: str) -> None:
    before = len(api.rows(f"/{name}"))
    refused(api.get(f"/{name}('{key}')"), 405)
    assert api.delete(f"/{name}('{key}')").status_code == 204
    assert len(api.rows(f"/{name}")) == before - 1


# what the document does not know


def test_a_request_the_document_does_not_know_is_named(api: Api) -> None:
    for path in ("/Nonsense", "/Fax(1)/Nonsense", "/Fax/Pbx.Nonsense()", "/fax", "/Fax(Nonsense='1')", "/Fax[1]"):
        error = refused(api.get(path), 404)
        assert f"GET /xapi/v1{path}" in error["message"]


def test_put_and_other_methods_answer_405(api: Api) -> None:
    fax = api.rows("/Fax")[0]
    for method, path in (("PUT", f"/Fax({fax['Id']})"), ("DELETE", "/Fax"), ("POST", f"/Fax({fax['Id']})")):
        answer = api.send(method, path, json={})
        refused(answer, 405)
        assert "GET" in answer.headers["Allow"]


# the document itself


def test_the_document_is_served_without_a_token(pbx: SimulatedPbx) -> None:
    as_yaml = BARE.get(f"{pbx.url}/xapi/v1/swagger.yaml")
    assert as_yaml.status_code == 200
    assert as_yaml.content == document.locate().read_bytes()
    as_json = BARE.get(f"{pbx.url}/xapi/v1/swagger.json")
    assert as_json.json() == document.load()
    assert as_json.headers["content-type"] == "application/json"


def test_the_metadata_says_what_the_document_says(api: Api) -> None:
    answer = api.get("/$metadata")
    assert answer.headers["content-type"] == "application/xml"
    edm = "{http://docs.oasis-open.org/odata/ns/edm}"
    root = ElementTree.fromstring(answer.content)
    sets = {node.get("Name"): node.get("EntityType") for node in root.iter(f"{edm}EntitySet")}
    assert sets["Fax"] == "Pbx.Fax"
    singletons = [node.get("Type") or "" for node in root.iter(f"{edm}Singleton")]
    # Beside those of the document, one for each path that only leads to operations.
    assert len(sets) + len([name for name in singletons if name.startswith("Pbx.")]) == 94
    types = {node.get("Name"): node for node in root.iter(f"{edm}EntityType")}
    assert types["Fax"].get("BaseType") == "Pbx.DN"
    assert [ref.get("Name") for ref in types["DN"].iter(f"{edm}PropertyRef")] == ["Id"]
    assert [ref.get("Name") for ref in types["Fxs"].iter(f"{edm}PropertyRef")] == ["MacAddress"]
    mode = next(node for node in types["DN"].iter(f"{edm}Property") if node.get("Name") == "TranscriptionMode")
    assert mode.get("Type") == "Pbx.TranscriptionType"
    kinds = [f"{edm}{tag}" for tag in ("EntityType", "ComplexType", "EnumType", "TypeDefinition")]
    known = {
        f"{schema.get('Namespace')}.{node.get('Name')}"
        for schema in root.iter(f"{edm}Schema")
        for node in schema
        if node.tag in kinds
    }
    named = {
        value.removeprefix("Collection(").removesuffix(")")
        for node in root.iter()
        for attribute in ("Type", "BaseType", "EntityType")
        if (value := node.get(attribute)) is not None
    }
    assert {name for name in named if not name.startswith("Edm.")} <= known
    assert BARE.get(f"{api.pbx.url}/xapi/v1/$metadata").status_code == 401


def test_peers_are_everything_with_a_number(api: Api) -> None:
    peers = {row["Number"]: row["Type"] for row in api.rows("/Peers")}
    assert peers["100"] == "Extension"
    assert peers["SP1"] == "Parking"
    assert peers["888"] == "Fax"


def test_my_user_is_the_person_signed_in(pbx: SimulatedPbx, api: Api) -> None:
    body = {"Username": "101", "Password": "simulated-password-of-101", "SecurityCode": ""}
    token = api.http.post("/webclient/api/Login/GetAccessToken", json=body).json()["Token"]
    api.http.headers["Authorization"] = f"Bearer {token['access_token']}"
    assert api.one("/MyUser")["Number"] == "101"
    assert api.one("/MyGroup")["Name"] == "DEFAULT"


def test_thousands_of_users_are_found(pbx_factory: Factory) -> None:
    users = [{"Number": str(10000 + n), "FirstName": f"U{n}", "Groups": []} for n in range(3_000)]
    api = Api(pbx_factory({"Users": users, "Groups": [{"Name": "DEFAULT", "IsDefault": True}]}))
    assert api.one("/Users", count="true", top="1")["@odata.count"] == 3_000
    assert [r["FirstName"] for r in api.rows("/Users", filter="Number eq '12999'", select="FirstName")] == ["U2999"]
    assert api.one("/Users(Number='12000')")["FirstName"] == "U2000"
    assert [r["FirstName"] for r in api.rows("/Users", orderby="Number desc", skip="2990", select="FirstName")][
        -1
    ] == "U0"
