"""`threecx trace`: from files and from a PBX, as text and as JSON; wrong input is one message."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx

ACME = str(Path(__file__).parents[1] / "callflow" / "acme")
TUESDAY = ("--at", "2026-11-24 10:00", "--caller", "+15551234")


def test_a_trace_is_told_step_by_step(threecx: Threecx) -> None:
    done = threecx("trace", "+4930101", "--from", ACME, *TUESDAY)
    assert done.status == 0, done.err
    title, *steps = done.out.splitlines()
    assert title == "call to DID +4930101, Tue 2026-11-24 10:00 Europe/Berlin, caller +15551234"
    assert "└─ queue 800 (Service): rings 101, 102 (RingAll) for 60 s, local time Tue 10:00" in steps
    assert "   ├─ answered → answered by one of 101, 102" in steps
    assert "      │  ├─ NYC is closed at Tue 2026-11-24 04:01: Tuesday 09:00-17:00 [D9 M]" in steps
    assert "      └─ the call ends (after 60 s)" in steps
    assert not done.err


def test_json_has_the_words_of_the_pbx(threecx: Threecx) -> None:
    done = threecx("trace", "+4930101", "--from", ACME, *TUESDAY, "--json")
    (made,) = json.loads(done.out)["traces"]
    assert made["call"] == {
        "start": {"kind": "did", "key": "+4930101"}, "at": "2026-11-24T10:00:00+01:00", "caller": "+15551234",
        "ignore_state": False,
    }  # fmt: skip
    rule = made["trace"]["branches"][0]["then"]["branches"][0]
    assert rule["reason"] == "BasedOnDID"
    queue = rule["then"]["branches"][0]["then"]
    assert queue["rings"] == {"seconds": 60, "at_most": 60}
    assert queue["place"] == "groups.yml:2:3"
    missed = queue["branches"][1]
    assert missed["reason"] == "NoAnswer"
    assert missed["then"]["reason"] == "OutOfOfficeHours"
    assert missed["then"]["branches"][0]["then"]["end"]["ending"] == "ended"


def test_any_object_is_a_start_and_an_hour_may_come_twice(threecx: Threecx) -> None:
    for start in (("queue", "800"), ("800",), ("Service",), ("queue", "Service")):
        done = threecx("trace", *start, "--from", ACME, "--at", "2026-11-24 10:00")
        assert done.out.startswith("call to queue 800 (Service), Tue 2026-11-24 10:00"), done.err
    done = threecx("trace", "queue", "800", "--from", ACME, "--at", "2026-10-25 02:30")
    assert done.out.count("comes twice on 2026-10-25 in Europe/Berlin") == 2
    assert "UTC+0200" in done.out
    assert "UTC+0100" in done.out


def test_assumptions_change_the_trace(threecx: Threecx) -> None:
    done = threecx("trace", "user", "101", "--from", ACME, *TUESDAY, "--assume", "101=busy")
    assert "user 101 (Anna): busy: the call goes on at once" in done.out
    done = threecx("trace", "+4930101", "--from", ACME, *TUESDAY, "--assume", "all=logged-out")
    assert "no agent is logged in: the call goes on at once" in done.out


def test_a_pbx_is_read_and_not_written(
    threecx: Threecx, simulated: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = threecx("trace", "+15550100", "--at", "2026-11-24 10:00", pbx=simulated)
    assert done.status == 0, done.err
    assert "digital receptionist 802 (Welcome)" in done.out
    assert "states of " in done.out
    (tmp_path / "threecx").mkdir()
    profile = f'[profiles.acme]\nurl = "{simulated.url}"\nclient_id = "{simulated.client_id}"\n'
    (tmp_path / "threecx" / "config.toml").write_text(profile, encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    secret = {"THREECX_CLIENT_SECRET": simulated.client_secret}
    again = threecx("trace", "+15550100", "--at", "2026-11-24 10:00", "--from", "acme", **secret)
    assert again.status == 0, again.err
    assert again.out.splitlines()[1:] == done.out.splitlines()[1:]
    assert {request.method for request in simulated.requests if "connect/token" not in request.path} == {"GET"}


def test_what_a_role_may_not_read_is_unknown_or_told(threecx: Threecx, simulated: SimulatedPbx) -> None:
    whole = threecx("trace", "+15550100", "--at", "2026-11-24 10:00", "--brief", pbx=simulated)
    for path, unknown in (
        ("/DidNumbers", ""), ("/OutboundRules/Pbx.GetEmergency", ""), ("/CountryCodes", "Unknown: Country codes"),
        ("/BlackListNumbers", "Unknown: "), ("/Parkings", "Unknown: "),
    ):  # fmt: skip
        simulated.go_by({"faults": [{"path": path, "method": "GET", "status": 403}]})
        done = threecx("trace", "+15550100", "--at", "2026-11-24 10:00", "--brief", pbx=simulated)
        assert done.out.splitlines()[1:] == whole.out.splitlines()[1:], (path, done.err)
        assert done.err.startswith(unknown), path
        assert bool(done.err) is bool(unknown), (path, done.err)
    simulated.go_by({"faults": [{"path": "/Holidays", "method": "GET", "status": 403}]})
    done = threecx("trace", "+15550100", "--at", "2026-11-24 10:00", pbx=simulated)
    assert (done.status, done.out) == (1, ""), "without holidays the answer would be wrong"
    assert "Holidays could not be read" in done.err


def test_members_that_cannot_be_rung_are_told_with_the_reason(threecx: Threecx) -> None:
    states = ("--assume", "101=busy", "--assume", "102=unregistered")
    done = threecx("trace", "queue", "800", "--from", ACME, *TUESDAY, *states)
    assert "nobody can be rung: callers wait for 60 s" in done.out
    assert "101 cannot be rung: on a call, as you assume [Q6 M]" in done.out
    assert "102 cannot be rung: not registered, as you assume [Q6 M]" in done.out


WRONG = {
    ("+4930999", "--from", ACME): "There is no DID and no object +4930999. There are: +4930103",
    ("1012", "--from", ACME): "There is no DID and no object 1012. There are: 102, 101, ",
    ("queue", "899", "--from", ACME): "There is no queue 899. There are: 800",
    ("queue", "800", "--from", ACME, "--at", "Christmas"): "Christmas is no time. Write: 2026-12-25 18:00",
    ("queue", "800", "--from", ACME, "--at", "2026-11-24 10:00 Berlin"): "there is no time zone Berlin",
    ("queue", "800", "--from", ACME, "-f", ACME): "with -f as well, in the order of the layers",
    ("queue", "800", "--from", ACME, "--assume", "101=asleep"): "there is no asleep. Choose from busy",
    ("queue", "800", "--from", ACME, "--assume", "999=busy"): "there is no user 999",
    ("--from", ACME): "Name the START of the call",
    ("--from", ACME, "--out", "112"): "--out needs --from-extension",
    ("--from", ACME, "--out", "112", "--from-extension", "999"): "There is no user 999",
    ("800", "--from", "./nowhere"): "There is no directory ./nowhere",
}


def test_each_name_that_may_be_meant_is_told_once(threecx: Threecx) -> None:
    said = threecx("trace", "+4930999", "--from", ACME).err.partition("There are: ")[2].partition(" and ")[0]
    assert len(said.split(", ")) == len(set(said.split(", "))) == 3


@pytest.mark.parametrize("arguments", WRONG)
def test_wrong_input_is_one_message(threecx: Threecx, arguments: tuple[str, ...]) -> None:
    done = threecx("trace", *arguments)
    assert done.status == 1
    assert WRONG[arguments] in done.err
    assert not done.out
