"""The fault plan: which requests meet a fault, what that does, and what a plan may not say."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable
from dataclasses import fields
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import yaml

import pbx_simulator
from pbx_simulator import PlanError, SimulatedPbx
from pbx_simulator.cli import main
from pbx_simulator.faults.fault import Fault
from pbx_simulator.faults.plan import read
from tests.simulator.support import BARE, Api

Factory = Callable[..., SimulatedPbx]
PAGE = Path(pbx_simulator.__file__).parent / "FAULTS.md"
FAX = "/xapi/v1/Fax"


def one(**fault: Any) -> dict[str, Any]:
    """A plan of one fault."""
    return {"faults": [fault]}


def statuses(api: Api, how_many: int) -> list[int]:
    return [api.get("/Fax").status_code for _ in range(how_many)]


# --- which requests


@pytest.mark.parametrize(
    ("which", "met"),
    [
        ({}, {1, 2, 3, 4, 5, 6}),
        ({"n": 3}, {3}),
        ({"n": [1, 5]}, {1, 5}),
        ({"every": 2}, {2, 4, 6}),
        ({"from": 3, "to": 4}, {3, 4}),
        ({"from": 5}, {5, 6}),
        ({"every": 2, "from": 3}, {4, 6}),
        ({"every": 2, "times": 2}, {2, 4}),
        ({"times": 1}, {1}),
        ({"probability": 1}, {1, 2, 3, 4, 5, 6}),
    ],
)
def test_which_requests_meet_it(pbx: SimulatedPbx, api: Api, which: dict[str, Any], met: set[int]) -> None:
    pbx.go_by(one(path="/Fax$", status=409, **which))
    assert {n for n, status in enumerate(statuses(api, 6), 1) if status == 409} == met


def test_chance_is_repeated_by_its_seed(pbx: SimulatedPbx, api: Api) -> None:
    def met(seed: int) -> list[int]:
        pbx.go_by({"seed": seed, **one(path="/Fax$", status=409, probability=0.5)})
        return statuses(api, 30)

    first = met(1)
    assert set(first) == {200, 409}
    assert met(1) == first
    assert met(2) != first


def test_each_fault_counts_for_itself_and_the_first_that_is_due_happens(pbx: SimulatedPbx, api: Api) -> None:
    pbx.go_by(
        {"faults": [{"path": "/Fax$", "n": 2, "status": 403}, {"path": "/Fax$", "from": 2, "to": 3, "status": 404}]}
    )
    assert statuses(api, 4) == [200, 403, 404, 200]
    pbx.go_by(None)
    assert pbx.faults == []


def test_the_log_tells_who_met_one(pbx: SimulatedPbx, api: Api) -> None:
    pbx.go_by(one(path="/Fax$", n=[2, 3], status=502, processed=True))
    statuses(api, 2)
    pbx.go_by(one(path="/Fax$", status=502))
    statuses(api, 1)
    seen = [(logged.status, logged.faulty, logged.processed) for logged in pbx.requests if logged.path == FAX]
    assert seen == [(200, False, True), (502, True, True), (502, True, False)]


def test_starting_over_goes_by_the_plan_again(pbx_factory: Factory) -> None:
    pbx = pbx_factory(faults=one(path="/Fax$", n=1, status=409))
    assert statuses(Api(pbx), 2) == [409, 200]
    pbx.reset()
    assert statuses(Api(pbx), 2) == [409, 200]


# --- what happens


def test_retry_after_as_a_date_is_by_the_clock_of_the_pbx(pbx: SimulatedPbx, api: Api) -> None:
    pbx.go_by({"clock": 3600, **one(path="/Fax$", status=503, retry_after=30, retry_after_as="date")})
    api.sign_in()
    answer = api.get("/Fax")
    then, now = (parsedate_to_datetime(answer.headers[name]) for name in ("Retry-After", "Date"))
    assert 29 <= (then - now).total_seconds() <= 30
    pbx.go_by(one(path="/Fax$", status=429, retry_after=1.5))
    api.sign_in()
    assert api.get("/Fax").headers["Retry-After"] == "1.5"


def test_a_clock_that_is_wrong_shows_in_date_and_tokens(pbx: SimulatedPbx, api: Api) -> None:
    right = jwt.decode(api.sign_in()["access_token"], options={"verify_signature": False})["iat"]
    pbx.go_by(one(path="/Fax$", n=1, clock=-3600))
    answer = api.get("/Fax")
    assert answer.status_code == 401, "a token of the future"
    claims = jwt.decode(api.sign_in()["access_token"], options={"verify_signature": False})
    assert -3600 <= claims["iat"] - right < -3500
    assert claims["exp"] - claims["iat"] == 3600
    answer = api.get("/Fax")
    assert answer.status_code == 200
    assert abs(parsedate_to_datetime(answer.headers["Date"]).timestamp() - claims["iat"]) < 60


def test_a_processed_request_may_be_answered_otherwise(pbx: SimulatedPbx, api: Api) -> None:
    pbx.go_by(one(path="/TenantProperties", status=502, body="<html>", processed=True, method="POST"))
    assert api.post("/TenantProperties", {"Name": "new", "Value": "1"}).status_code == 502
    assert "new" in {row["Name"] for row in pbx.entities("TenantProperties")}


def test_an_answer_is_cut_off_honestly_or_not(pbx: SimulatedPbx, api: Api) -> None:
    whole = api.get("/Fax").content
    pbx.go_by(one(path="/Fax$", cut=0.5))
    assert api.get("/Fax").content == whole[: len(whole) // 2]
    pbx.go_by(one(path="/Fax$", cut=10, honest=False))
    with pytest.raises(httpx.RemoteProtocolError, match=f"received 10 bytes, expected {len(whole)}"):
        api.get("/Fax")
    pbx.go_by(one(path="/Fax$", status=200, body="abc", cut=10**9, honest=False))
    assert api.get("/Fax").text == "abc", "there is no more of it"


def test_headers_go_in_the_place_of_its_own(pbx: SimulatedPbx, api: Api) -> None:
    pbx.go_by(one(path="/Fax$", headers={"Content-Type": "text/html"}))
    answer = api.get("/Fax")
    assert answer.headers.get_list("content-type") == ["text/html"]
    assert answer.json()["value"]
    pbx.go_by(one(path="/Fax$", status=307, headers={"Location": "http://192.0.2.1/"}))
    assert api.get("/Fax").headers["Location"] == "http://192.0.2.1/"


@pytest.mark.parametrize("size", [0, 5, 13, 14, 200_000])
def test_an_answer_of_any_size_is_streamed(pbx: SimulatedPbx, api: Api, size: int) -> None:
    pbx.go_by(one(path="/Fax$", size=size))
    answer = api.get("/Fax")
    assert len(answer.content) == size == int(answer.headers["Content-Length"])
    assert size < 14 or list(answer.json()) == ["value"]


def test_an_answer_that_never_ends_ends_with_who_reads_it(pbx: SimulatedPbx, api: Api) -> None:
    pbx.go_by(one(path="/Fax$", size=math.inf, n=1))
    with api.http.stream("GET", f"{pbx.url}{FAX}") as answer:
        read = b""
        for piece in answer.iter_raw():
            read += piece
            if len(read) > 1_000_000:
                break
    assert read.startswith(b'{"value":["xxx')
    assert "content-length" not in answer.headers
    assert api.get("/Fax").status_code == 200


def test_tokens_die_at_a_request(pbx: SimulatedPbx, api: Api) -> None:
    pbx.go_by(one(path="/Fax$", n=2, revoke=True))
    assert statuses(api, 3) == [200, 401, 401]
    api.sign_in()
    assert statuses(api, 1) == [200]


# --- being away


def refused(pbx: SimulatedPbx) -> bool:
    try:
        BARE.get(f"{pbx.url}{FAX}")
    except httpx.ConnectError:
        return True
    return False


def test_it_answers_and_is_away_for_a_while(pbx: SimulatedPbx, api: Api) -> None:
    pbx.go_by(one(path="/Fax$", n=1, away=3599))
    answer = api.get("/Fax")
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")
    assert refused(pbx)
    pbx.come_back()
    assert statuses(api, 1) == [200]


def test_it_restarts_and_has_forgotten_its_tokens(pbx: SimulatedPbx, api: Api) -> None:
    other = Api(pbx)
    pbx.go_by(one(path="/Fax$", n=1, disconnect="before", revoke=True, away=0))
    with pytest.raises(httpx.TransportError):
        api.get("/Fax")
    while refused(pbx):  # it is back when the server's thread comes to it
        pass
    assert statuses(api, 1) == [401]
    assert statuses(other, 1) == [401]


def test_being_away_resets_those_who_wait(pbx: SimulatedPbx, api: Api) -> None:
    gate = pbx.hold("/Fax$")
    ends: list[BaseException] = []

    def wait() -> None:
        try:
            api.get("/Fax")
        except httpx.TransportError as error:
            ends.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert gate.wait_arrived()
    pbx.go_away()
    pbx.go_away()
    waiting.join()
    assert ends
    assert refused(pbx)
    pbx.come_back()
    pbx.come_back()
    gate.open()
    assert statuses(Api(pbx), 1) == [200]


def test_it_can_be_stopped_while_it_is_away(pbx_factory: Factory) -> None:
    pbx = pbx_factory()
    pbx.go_away()
    pbx.close()
    assert refused(pbx)
    with SimulatedPbx(port=pbx.port) as next_one:
        assert not refused(next_one)


# --- what is stored, kept and put back


def test_a_snapshot_is_put_back_with_ids_and_etags(pbx: SimulatedPbx, api: Api) -> None:
    kept = pbx.snapshot()

    def make() -> dict[str, Any]:
        made: dict[str, Any] = api.post("/Fax", {"AuthID": "one"}).json()
        return made

    first = make()
    pbx.put("Fax", {"Id": first["Id"], "AuthID": "changed"})
    pbx.restore(kept)
    assert first["Id"] not in {row["Id"] for row in pbx.entities("Fax")}
    again = make()
    assert {**again, "AuthPassword": 0} == {**first, "AuthPassword": 0}
    pbx.restore(kept)
    assert first["Id"] not in {row["Id"] for row in pbx.entities("Fax")}


# --- over HTTP and on the command line


def test_other_processes_set_a_plan_and_see_what_was_met(pbx: SimulatedPbx, api: Api) -> None:
    control = f"{pbx.url}/_simulator/faults"
    assert BARE.put(control, json=one(path="/Fax$", every=2, status=409)).status_code == 204
    assert statuses(api, 5) == [200, 409, 200, 409, 200]
    assert BARE.get(control).json() == [{"path": "/Fax$", "method": None, "seen": 5, "met": 2}]
    bad = BARE.put(control, json=one(status=42))
    assert (bad.status_code, bad.json()) == (400, {"error": "fault 1: status is an HTTP status from 200 to 599"})
    assert BARE.put(control, json=[]).status_code == 400
    assert len(pbx.faults) == 1, "a plan that is refused changes nothing"
    assert BARE.delete(control).status_code == 204
    assert statuses(api, 2) == [200, 200]


def test_other_processes_send_it_away(pbx: SimulatedPbx) -> None:
    away = f"{pbx.url}/_simulator/away"
    assert BARE.post(away, json={"seconds": "long"}).status_code == 400
    assert BARE.post(away, json={"seconds": 3000}).status_code == 204
    assert refused(pbx)
    pbx.come_back()
    assert not refused(pbx)


def test_a_plan_that_cannot_be_meant_is_one_line_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("faults:\n- status: 42\n")
    assert main(["--port", "0", "--faults", str(file)]) == 1
    said = capsys.readouterr()
    assert said.err == f"threecx-simulator: the fault plan {file}: fault 1: status is an HTTP status from 200 to 599\n"
    assert said.out == ""


# --- what a plan may say


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (["faults"], "a plan is a mapping"),
        ({"fault": []}, "a plan has no fault; there is seed, clock, faults"),
        ({"faults": {}}, "faults is a list"),
        ({"seed": 1.5}, "seed is a whole number"),
        ({"clock": "late"}, "clock is a number of seconds"),
        ({"faults": ["503"]}, "fault 1 is a mapping"),
        (one(code=503), "fault 1 has no code; there is path, status"),
        (one(path="Fax("), "fault 1: path is no regular expression"),
        (one(path=5), "fault 1: path cannot be 5"),
        (one(status="503"), "fault 1: status cannot be '503'"),
        (one(status=True), "fault 1: status cannot be True"),
        (one(n=0), "fault 1: n is a whole number from 1 on"),
        (one(n=["a"]), "fault 1: n is a whole number from 1 on"),
        (one(every=0), "fault 1: every is a whole number from 1 on"),
        ({"faults": [{"status": 503}, {"from": 5, "to": 2}]}, "fault 2: to (2) comes before from (5)"),
        (one(probability=5), "fault 1: probability is a number above 0 and at most 1, not 5"),
        (one(probability=math.nan), "fault 1: probability"),
        (one(times=0), "fault 1: times"),
        (one(delay=-1), "fault 1: delay cannot be -1"),
        (one(delay=math.inf), "fault 1: delay cannot be inf"),
        (one(drip=math.nan), "fault 1: drip cannot be nan"),
        (one(disconnect="during"), "fault 1: disconnect"),
        (one(retry_after_as="minutes"), "fault 1: retry_after_as"),
        (one(clock=math.inf), "fault 1: clock"),
        (one(headers={"A": "b\r\nC: d"}), "fault 1: headers"),
        (one(headers={"A": 5}), "fault 1: headers"),
        (one(revoke="yes"), "fault 1: revoke cannot be 'yes'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(plan: Any, why: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(yaml.safe_dump(plan))
    with pytest.raises(PlanError) as refusal:
        read(file)
    assert str(refusal.value).startswith(f"the fault plan {file}: {why}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(("text", "why"), [(b"faults: [", "is no YAML at line"), (b"\xff", "is not UTF-8")])
def test_a_file_that_is_no_plan(tmp_path: Path, text: bytes, why: str) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes(text)
    with pytest.raises(PlanError, match=why):
        read(file)
    with pytest.raises(PlanError, match="cannot be read: No such file"):
        read(tmp_path / "none.yaml")
    file.write_text("")
    assert read(file).faults == ()


def test_the_page_tells_everything_and_its_example_is_a_plan() -> None:
    page = PAGE.read_text()
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    plan = read(yaml.safe_load(example))
    assert (len(plan.faults), plan.clock) == (5, -3600)
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", page, re.MULTILINE))))
    known = {field.name for field in fields(Fault) if field.init} - {"when"}
    assert told == known | {"n", "every", "from", "to", "probability"}
