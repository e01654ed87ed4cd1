"""The fault switch: latency, 401 in mid-run, 429, 503, empty 500, HTML, resets, slow bodies. Nothing here sleeps."""

from __future__ import annotations

import threading

import httpx
import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import BARE, Api, refused


@pytest.mark.parametrize("status", [401, 403, 404, 412, 428])
def test_a_refusal_in_the_odata_form(pbx: SimulatedPbx, api: Api, status: int) -> None:
    pbx.fail("/Fax", status)
    refused(api.get("/Fax"), status)
    assert api.get("/Fax").status_code == 200


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_from_a_front_end(pbx: SimulatedPbx, api: Api, status: int) -> None:
    pbx.fail("/Fax", status, times=2, headers={"Retry-After": "3"})
    answers = [api.get("/Fax") for _ in range(3)]
    assert [a.status_code for a in answers] == [status, status, 200]
    assert answers[0].headers["Retry-After"] == "3"
    assert answers[0].content == b""


def test_an_empty_500_and_html_and_a_plain_string(pbx: SimulatedPbx, api: Api) -> None:
    pbx.fail("/Fax", 500)
    assert api.get("/Fax").content == b""
    pbx.fail("/Fax", 502, body="<html>Bad gateway</html>")
    assert api.get("/Fax").headers["content-type"] == "text/html; charset=utf-8"
    pbx.fail("/Fax", 400, body={"error": "plain"})
    assert api.get("/Fax").json() == {"error": "plain"}
    pbx.fail("/Fax", 200, body=b"not json", headers={"Content-Type": "application/json"})
    assert api.get("/Fax").headers["content-type"] == "application/json"


def test_a_fault_meets_only_what_it_names(pbx: SimulatedPbx, api: Api) -> None:
    pbx.fail(r"/Fax\(\d+\)$", 503, method="DELETE", times=None)
    key = api.rows("/Fax")[1]["Id"]
    assert api.get(f"/Fax({key})").status_code == 200
    assert [api.delete(f"/Fax({key})").status_code for _ in range(3)] == [503] * 3
    pbx.reset()
    api.sign_in()
    assert api.delete(f"/Fax({key})").status_code == 204


def test_a_sign_in_can_fail_too(pbx: SimulatedPbx) -> None:
    pbx.fail("/connect/token", 503)
    assert BARE.post(f"{pbx.url}/connect/token", data={}).status_code == 503


@pytest.mark.parametrize(("moment", "stored"), [("before", False), (True, False), ("after", True)])
def test_a_reset_before_or_after_processing(pbx: SimulatedPbx, api: Api, moment: bool | str, stored: bool) -> None:
    pbx.fail("/TenantProperties", method="POST", disconnect=moment)
    with pytest.raises(httpx.TransportError):
        api.post("/TenantProperties", {"Name": "new", "Value": "1"})
    assert ("new" in {row["Name"] for row in api.rows("/TenantProperties")}) is stored
    assert pbx.writes[-1].status == 0


def test_latency_is_a_gate_the_test_opens(pbx: SimulatedPbx, api: Api) -> None:
    gate = pbx.hold("/Fax")
    answers: list[httpx.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(api.get("/Fax")))
    waiting.start()
    assert gate.wait_arrived()
    assert answers == []
    assert api.get("/Queues").status_code == 200
    gate.open()
    waiting.join()
    assert answers[0].status_code == 200


def test_a_request_at_the_gate_times_out_and_the_pbx_goes_on(pbx: SimulatedPbx, api: Api) -> None:
    gate = pbx.hold("/Fax")
    with pytest.raises(httpx.ReadTimeout):
        api.http.get(f"{pbx.url}/xapi/v1/Fax", timeout=0.05)
    gate.open()
    assert api.get("/Fax").status_code == 200


def test_a_closed_gate_does_not_keep_the_pbx_from_stopping() -> None:
    with SimulatedPbx() as pbx:
        api = Api(pbx)
        gate = pbx.hold("/Fax")
        failures: list[Exception] = []

        def ask() -> None:
            try:
                api.get("/Fax")
            except httpx.TransportError as error:
                failures.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        assert gate.wait_arrived()
    asking.join()
    assert failures


def test_a_body_can_drip(pbx: SimulatedPbx, api: Api) -> None:
    pbx.fail("/Fax", 200, body="abc", drip=0.0)
    with api.http.stream("GET", f"{pbx.url}/xapi/v1/Fax") as answer:
        pieces = list(answer.iter_raw())
    assert b"".join(pieces) == b"abc"
    pbx.fail("/Queues", drip=30.0)
    with pytest.raises(httpx.ReadTimeout):
        api.http.get(f"{pbx.url}/xapi/v1/Queues", timeout=0.05)


def test_a_fault_that_makes_no_sense_is_refused(pbx: SimulatedPbx) -> None:
    with pytest.raises(ValueError, match="status"):
        pbx.fail("/Fax", 42)
    with pytest.raises(ValueError, match="disconnect"):
        pbx.fail("/Fax", disconnect="sometimes")
    with pytest.raises(ValueError, match="regular expression"):
        pbx.fail("/Fax(")
