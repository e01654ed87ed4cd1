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


def test_singletons_have_etags_too(api: Api) -> None:
    tag = api.one("/AntiHackingSettings")["@odata.etag"]
    assert api.patch("/AntiHackingSettings", {"HackBarrierRed": 1}, headers={"If-Match": tag}).status_code == 204
    refused(api.patch("/AntiHackingSettings", {"HackBarrierRed": 2}, headers={"If-Match": tag}), 412)
