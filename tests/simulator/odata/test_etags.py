"""XAPI.md, "ETags": given or not, 412 when changed, 428 where strict, `*`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api, refused

Factory = Callable[..., SimulatedPbx]
PATH = "/Fxs('001122334455')"


def etag(api: Api) -> str:
    tag = api.one(PATH)["@odata.etag"]
    assert isinstance(tag, str)
    return tag


def test_an_entity_carries_its_etag_and_so_does_the_answer(api: Api) -> None:
    answer = api.get(PATH)
    assert answer.headers["ETag"] == answer.json()["@odata.etag"] == etag(api)
    assert {row["MacAddress"]: row["@odata.etag"] for row in api.rows("/Fxs")}["001122334455"] == etag(api)
    assert "ETag" not in api.get("/Fxs").headers


def test_the_etag_does_not_depend_on_what_is_shown(api: Api) -> None:
    assert api.one(PATH, select="Name")["@odata.etag"] == etag(api)


def test_a_write_changes_the_etag_and_one_that_changes_nothing_does_not(api: Api) -> None:
    first = etag(api)
    answer = api.patch(PATH, {"Name": "Other"})
    assert answer.headers["ETag"] == etag(api) != first
    second = etag(api)
    api.patch(PATH, {"Name": "Other"})
    assert etag(api) == second


def test_a_row_made_again_under_the_same_key_has_another_etag(api: Api) -> None:
    first = etag(api)
    assert api.delete(PATH).status_code == 204
    assert api.post("/Fxs", {"MacAddress": "001122334455"}).status_code == 201
    assert etag(api) != first


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_stale_if_match_answers_412_and_changes_nothing(api: Api, method: str) -> None:
    stale = etag(api)
    api.pbx.put("Fxs", {"MacAddress": "001122334455", "Name": "Changed behind your back"})
    body = {"Name": "Mine"} if method == "PATCH" else None
    refused(api.send(method, PATH, json=body, headers={"If-Match": stale}), 412)
    assert api.one(PATH)["Name"] == "Changed behind your back"


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
@pytest.mark.parametrize("given", ["fresh", "star", "one of several", "strong"])
def test_a_fresh_if_match_lets_the_write_through(api: Api, method: str, given: str) -> None:
    tag = etag(api)
    header = {"fresh": tag, "star": "*", "one of several": f'"x", {tag}', "strong": tag.removeprefix("W/")}[given]
    answer = api.send(method, PATH, json={"Name": "Mine"} if method == "PATCH" else None, headers={"If-Match": header})
    assert answer.status_code == 204


def test_star_means_if_it_exists(api: Api) -> None:
    refused(api.delete("/Fxs('000000000000')", headers={"If-Match": "*"}), 404)


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_strict_pbx_answers_428_to_a_write_without_if_match(pbx_factory: Factory, method: str) -> None:
    api = Api(pbx_factory(strict_etags=True))
    body = {"Name": "Mine"} if method == "PATCH" else None
    refused(api.send(method, PATH, json=body), 428)
    refused(api.send(method, PATH, json=body, headers={"If-Match": 'W/"stale"'}), 412)
    assert api.send(method, PATH, json=body, headers={"If-Match": etag(api)}).status_code == 204
    assert api.post("/Fax", {}).status_code == 201


def test_a_pbx_without_etags_gives_none_and_ignores_if_match(pbx_factory: Factory) -> None:
    api = Api(pbx_factory(etags=False, strict_etags=True))
    answer = api.get(PATH)
    assert "ETag" not in answer.headers
    assert "@odata.etag" not in answer.json()
    assert all("@odata.etag" not in row for row in api.rows("/Fxs"))
    assert "ETag" not in api.patch(PATH, {"Name": "Mine"}).headers
    assert api.delete(PATH, headers={"If-Match": 'W/"stale"'}).status_code == 204


def test_members_of_a_department_are_part_of_it(api: Api) -> None:
    path = "/Groups(2)"
    first = api.one(path)["@odata.etag"]
    users = {user["Number"]: user["@odata.etag"] for user in api.rows("/Users")}
    answer = api.patch(path, {"Members": [{"Number": "201"}, {"Number": "200"}]}, headers={"If-Match": first})
    assert (answer.status_code, answer.headers["ETag"], api.one(path)["@odata.etag"]) == (204, first, first)
    answer = api.patch(path, {"Members": [{"Number": "201"}]}, headers={"If-Match": first})
    assert answer.headers["ETag"] == api.one(path)["@odata.etag"] != first
    refused(api.patch(path, {"Members": []}, headers={"If-Match": first}), 412)
    changed = {user["Number"] for user in api.rows("/Users") if user["@odata.etag"] != users[user["Number"]]}
    assert changed == {"200"}


@pytest.mark.parametrize(
    ("send", "touched"),
    [
        (("POST", "/Users/Pbx.RegeneratePasswords", {"Ids": [11], "opts": {"SipAuth": True}}), {"200"}),
        (("POST", "/Users/Pbx.BulkUpdate", {"ids": [11], "user": {"Language": "DE"}}), {"200"}),
        (("POST", "/Users/Pbx.BulkUpdate", {"ids": [11], "user": {"Language": "EN"}}), set()),
        (("PATCH", "/Users(11)", {"Groups": [{"GroupId": 3}]}), {"200"}),
        (("PATCH", "/Users(11)", {"Groups": [{"GroupId": 2}]}), set()),
        (("PATCH", "/Groups(2)", {"Name": "Vertrieb"}), set()),
        (("POST", "/Groups/Pbx.DeleteCompanyById", {"id": 3}), {"300", "301"}),
    ],
)
def test_an_etag_changes_exactly_when_its_entity_does(
    api: Api, send: tuple[str, str, dict[str, object]], touched: set[str]
) -> None:
    assert api.one("/Users(11)")["Number"] == "200"
    before = {user["Number"]: user["@odata.etag"] for user in api.rows("/Users")}
    assert api.send(send[0], send[1], json=send[2]).is_success
    after = {user["Number"]: user["@odata.etag"] for user in api.rows("/Users")}
    assert {number for number, tag in before.items() if after.get(number) != tag} == touched


def test_a_queue_changes_when_its_agent_goes_and_not_when_it_is_renamed(api: Api) -> None:
    first = api.one("/Queues(Number='800')")["@odata.etag"]
    key = api.one("/Users(Number='301')")["Id"]
    api.patch(f"/Users({key})", {"LastName": "Other"})
    assert api.one("/Queues(Number='800')")["@odata.etag"] == first
    api.delete(f"/Users({key})")
    assert api.one("/Queues(Number='800')")["@odata.etag"] != first


def test_a_created_entity_brings_its_etag(api: Api) -> None:
    answer = api.post("/Fax", {})
    tag = answer.headers["ETag"]
    assert answer.json()["@odata.etag"] == tag
    path = "/Fax({})".format(answer.json()["Id"])
    answer = api.patch(path, {"AuthID": "x"}, headers={"If-Match": tag})
    assert answer.status_code == 204
    assert api.delete(path, headers={"If-Match": answer.headers["ETag"]}).status_code == 204


@pytest.mark.parametrize("header", ["", "00000001", '"x"', 'W/"x", "y"', "w/x", '"*"'])
def test_an_if_match_that_names_another_version_answers_412(api: Api, header: str) -> None:
    for method, body in (("PATCH", {"Name": "Mine"}), ("PATCH", {"Nonsense": 1}), ("DELETE", None)):
        refused(api.send(method, PATH, json=body, headers={"If-Match": header}), 412)
    assert api.one(PATH)["Name"] != "Mine"


def test_what_is_not_there_is_404_whatever_if_match_says(pbx_factory: Factory) -> None:
    api = Api(pbx_factory(strict_etags=True))
    for headers in ({}, {"If-Match": "*"}, {"If-Match": 'W/"x"'}):
        refused(api.delete("/Fxs('000000000000')", headers=headers), 404)
        refused(api.patch("/Fxs('000000000000')", {"Nonsense": 1}, headers=headers), 404)


def test_singletons_have_etags_too(api: Api) -> None:
    tag = api.one("/AntiHackingSettings")["@odata.etag"]
    assert api.patch("/AntiHackingSettings", {"HackBarrierRed": 1}, headers={"If-Match": tag}).status_code == 204
    refused(api.patch("/AntiHackingSettings", {"HackBarrierRed": 2}, headers={"If-Match": tag}), 412)
