"""The engine against a simulated PBX: what is changed, what is sent, what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.planted import ENTITIES, plant

Task = Callable[..., Any]
CHANGES = {"fax": {"outbound_caller_id": "2"}, "fxs": {"name": "z"}, "call_flow_app": {"name": "z"}}


def lines(pbx: SimulatedPbx) -> list[str]:
    return [f"{request.method} {request.path.removeprefix('/xapi/v1')}" for request in pbx.writes]


@pytest.mark.parametrize("name", ENTITIES)
def test_removal(pbx: SimulatedPbx, task: Task, name: str) -> None:
    entity_set, key, row = ENTITIES[name]
    plant(pbx, name)
    others = len(pbx.entities(entity_set)) - 1

    would = task(name, **key, state="absent", check_mode=True)
    assert would["changed"]
    assert pbx.writes == []

    removed = task(name, **key, state="absent")
    assert removed["changed"]
    assert removed[name] == would[name]
    assert removed["diff"]["after"] == {}
    assert removed["diff"]["before"]
    [write] = pbx.writes
    assert (write.method, write.body) == ("DELETE", b"")
    assert write.headers["if-match"] == removed[name]["etag"]
    assert len(pbx.entities(entity_set)) == others

    again = task(name, **key, state="absent")
    assert again.data == {"changed": False}
    assert len(pbx.writes) == 1
    assert "CANARY" not in json.dumps([would.data, removed.data])


@pytest.mark.parametrize("name", CHANGES)
def test_update(pbx: SimulatedPbx, task: Task, name: str) -> None:
    _, key, _ = ENTITIES[name]
    plant(pbx, name)
    [(option, value)] = CHANGES[name].items()

    would = task(name, **key, **CHANGES[name], check_mode=True)
    assert would["changed"]
    assert pbx.writes == []

    changed = task(name, **key, **CHANGES[name])
    assert changed["changed"]
    assert changed[name][option] == value == would[name][option]
    assert changed["diff"] == would["diff"]
    assert list(changed["diff"]["after"]) == [option], "only what differs is shown"
    [write] = pbx.writes
    assert write.method == "PATCH"
    assert len(json.loads(write.body)) == 1, "only what differs is sent"
    assert "if-match" in write.headers

    again = task(name, **key, **CHANGES[name])
    assert not again["changed"]
    assert "diff" not in again.data
    assert len(pbx.writes) == 1


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("fax", {"number": "7810", "outbound_caller_id": "1", "auth_password": "CANARY-1"}),
        (
            "fxs",
            {"mac_address": "00-0B-82-AA-BB-CC", "brand": "Grandstream", "codecs": ["PCMU"], "password": "CANARY"},
        ),
        ("call_flow_app", {"number": "7811", "name": "Opening hours", "script_code": "class X {}"}),
    ],
)
def test_creation(pbx: SimulatedPbx, task: Task, name: str, options: dict[str, Any]) -> None:
    would = task(name, **options, check_mode=True)
    assert would["changed"]
    assert pbx.writes == []
    assert would[name].get("id") is None, "the PBX has not given it one"

    created = task(name, **options)
    assert created["changed"]
    assert created["diff"]["before"] == {}
    assert lines(pbx) == [f"POST /{ENTITIES[name][0]}"]

    again = task(name, **options)
    assert not again["changed"]
    assert len(pbx.writes) == 1
    assert "CANARY" not in json.dumps([would.data, created.data, again.data])


def test_creation_starts_from_what_the_pbx_hands_out(pbx: SimulatedPbx, task: Task) -> None:
    task("fax", number="7810")
    asked = [request.path for request in pbx.requests]
    assert "/xapi/v1/Fax/Pbx.InitFax()" in asked
    assert "TranscriptionMode" in json.loads(pbx.writes[0].body)


def test_a_numeric_mac_address_is_found_in_any_notation_and_case(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("Fxs", {"MacAddress": "AABBCCDDEEFF", "Name": "upper"})
    pbx.put("Fxs", {"MacAddress": "aabbccddeef0", "Name": "lower"})
    for written, name in (("aa:bb:cc:dd:ee:ff", "upper"), ("AABB.CCDD.EEF0", "lower")):
        [found] = task("fxs_info", mac_address=written)["fxs_gateways"]
        assert found["name"] == name
        assert not task("fxs", mac_address=written, name=name)["changed"]


def test_null_clears_and_absent_leaves_alone(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    cleared = task("fax", number="7801", outbound_caller_id=None)
    assert cleared["changed"]
    assert json.loads(pbx.writes[0].body) == {"OutboundCallerId": None}
    assert cleared["fax"]["outbound_caller_id"] is None
    assert not task("fax", number="7801", outbound_caller_id=None)["changed"]
    assert not task("fax", number="7801")["changed"]


@pytest.mark.parametrize("name", CHANGES)
def test_what_info_returns_can_be_given_back(pbx: SimulatedPbx, task: Task, name: str) -> None:
    _, key, _ = ENTITIES[name]
    plant(pbx, name)
    info = task(f"{name}_info", **key)
    [rows] = [value for value in info.data.values() if isinstance(value, list)]
    [row] = rows
    assert row["etag"]
    for entity in rows:
        result = task(name, **entity)
        assert not result["changed"], result.data
        assert result.warnings == []
    assert pbx.writes == []


@pytest.mark.parametrize("name", ENTITIES)
def test_what_info_returns_can_be_removed(pbx: SimulatedPbx, task: Task, name: str) -> None:
    _, key, _ = ENTITIES[name]
    plant(pbx, name)
    [row] = next(value for value in task(f"{name}_info", **key).data.values() if isinstance(value, list))
    assert task(name, **row, state="absent", check_mode=True)["changed"]
    assert task(name, **row, state="absent")["changed"]
    assert not task(name, **row, state="absent")["changed"], "gone already is gone"
    assert [write.method for write in pbx.writes] == ["DELETE"]


def test_what_is_not_as_the_task_says_is_not_removed(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    for options in ({"outbound_caller_id": "2"}, {"auth_password": "CANARY-other"}, {"transcription_mode": ["Both"]}):
        failed = task("fax", id=7001, **options, state="absent")
        assert "is not as the task says" in failed.msg
        assert failed["target"] in options
        assert "CANARY" not in json.dumps(failed.data)
    assert pbx.writes == []


def test_an_empty_list_of_flags_clears_them(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("Fax", {"Id": 7001, "Number": "7801", "TranscriptionMode": "Voicemail"})
    assert task("fax", id=7001, transcription_mode=[])["changed"]
    assert json.loads(pbx.writes[0].body) == {"TranscriptionMode": None}
    assert not task("fax", id=7001, transcription_mode=[])["changed"]


def test_what_the_pbx_fills_in_is_not_sent_and_a_difference_is_told(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "call_flow_app")
    result = task("call_flow_app", number="7802", compilation_result="something else")
    assert not result["changed"]
    assert pbx.writes == []
    assert "compilation_result" in result.warnings[0]

    created = task("call_flow_app", number="7803", name="x", compilation_result="something else")
    assert created["changed"]
    assert "CompilationResult" not in json.loads(pbx.writes[0].body)
    assert "compilation_result" in created.warnings[0]

    pbx.put("Fxs", {"MacAddress": "aa0000000001", "Provisioning": {"ProvLink": "http://x/CANARY", "RemotePort": 1}})
    nested = task("fxs", mac_address="aa0000000001", provisioning={"prov_link": "http://x/CANARY-2"})
    assert not nested["changed"]
    assert "provisioning.prov_link" in nested.warnings[0]
    assert "CANARY" not in json.dumps([nested.data, nested.warnings])


def test_large_properties_are_read_when_they_matter(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "call_flow_app")
    assert not task("call_flow_app", id=7002, script_code="y")["changed"]
    assert task("call_flow_app", id=7002, script_code="z")["changed"]
    assert not task("call_flow_app", id=7002, script_code="z")["changed"]
    assert task("call_flow_app_info", id=7002)["call_flow_apps"][0]["script_code"] == "z"
    assert all("script_code" not in row for row in task("call_flow_app_info")["call_flow_apps"])


def test_update_secrets(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    assert not task("fax", number="7801", auth_password="CANARY-1")["changed"], "the PBX shows it, so it is compared"
    assert not task("fax", number="7801", auth_password="CANARY-9", update_secrets="on_create")["changed"]
    assert pbx.writes == []
    changed = task("fax", number="7801", auth_password="CANARY-9")
    assert changed["changed"]
    assert changed["diff"] == {"before": {"auth_password": "(hidden)"}, "after": {"auth_password": "(hidden, changed)"}}
    assert "CANARY" not in json.dumps(changed.data)


def test_accepted_and_not_stored(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    pbx.fail(r"/Fax\(7001\)", status=204, times=1, body="", method="PATCH")
    failed = task("fax", id=7001, outbound_caller_id="2")
    assert "did not store outbound_caller_id" in failed.msg
    assert failed["target"] == "outbound_caller_id"
    assert failed.data["changed"] is False

    pbx.fail(r"/Fax\(7001\)", status=204, times=1, body="", method="DELETE")
    assert "still has it" in task("fax", id=7001, state="absent").msg


def test_info_reads_every_row(pbx: SimulatedPbx, task: Task) -> None:
    there = len(pbx.entities("Fax"))
    for number in range(250):
        pbx.put("Fax", {"Id": 8000 + number, "Number": str(80000 + number)})
    assert len(task("fax_info")["faxes"]) == there + 250
    assert [fax["id"] for fax in task("fax_info", number="80200")["faxes"]] == [8200]
    assert task("fax_info", number="none")["faxes"] == []
    assert len(task("fax_info", filter="startswith(Number,'8020')")["faxes"]) == 10
    assert task("fax_info", number="80200", filter="Id eq 1")["faxes"] == []
    assert pbx.sign_ins == 1


def test_info_shows_credentials_only_when_told(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    assert "CANARY" not in json.dumps(task("fax_info").data)
    assert task("fax_info", id=7001, reveal_secrets=True)["faxes"][0]["auth_password"] == "CANARY-1"
