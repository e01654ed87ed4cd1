"""The engine against a simulated PBX: what is changed, what is sent, what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]
#: How each entity is named by its key, and how it is put there. The secrets are invented.
ENTITIES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "fax": ("Fax", {"id": 7001}, {"Id": 7001, "Number": "7801", "OutboundCallerId": "1", "AuthPassword": "CANARY-1"}),
    "fxs": (
        "Fxs",
        {"mac_address": "AA:00:00:00:00:01"},
        {"MacAddress": "aa0000000001", "Name": "x", "Password": "CANARY-2"},
    ),
    "call_flow_app": ("CallFlowApps", {"id": 7002}, {"Id": 7002, "Number": "7802", "Name": "x", "ScriptCode": "y"}),
    "firmware": ("Firmwares", {"id": "f/w 'x'% 1"}, {"Id": "f/w 'x'% 1", "Model": "T46S", "Vendor": "Yealink"}),
    "phone_logo": ("PhoneLogos", {"filename": "O'Brien & Söhne.png"}, {"Filename": "O'Brien & Söhne.png"}),
}
CHANGES = {"fax": {"outbound_caller_id": "2"}, "fxs": {"name": "z"}, "call_flow_app": {"name": "z"}}
THEIRS = {
    "fax": {"OutboundCallerId": "theirs"},
    "fxs": {"Name": "theirs"},
    "call_flow_app": {"Name": "theirs"},
    "firmware": {"Model": "theirs"},
    "phone_logo": {"DisplayName": "theirs"},
}


def plant(pbx: SimulatedPbx, name: str) -> None:
    pbx.put(ENTITIES[name][0], ENTITIES[name][2])
    pbx.clear_log()


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


# --- naming one


def test_key_and_natural_key_must_agree(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    pbx.put("Fax", {"Id": 7003, "Number": "7803"})
    pbx.clear_log()
    for state in ("absent", "present"):
        for options in (
            {"id": 7001, "number": "7803"},
            {"id": 7001, "number": "nobody"},
            {"id": 9999, "number": "7803"},
        ):
            failed = task("fax", **options, state=state)
            assert "Give only options that identify the intended one" in failed.msg
    assert not task("fax", id=9999, number="nobody", state="absent")["changed"]
    assert task("fax", id=7003, number="7803").warnings == []
    assert "Leave id out" in task("fax", id=9999, number="7899").msg, "the PBX gives it another id"
    assert pbx.writes == []


def test_a_natural_key_that_matches_two_is_no_guess(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    rows = {"value": [{"Id": 7001, "Number": "7801"}, {"Id": 7004, "Number": "7801"}]}  # no simulated PBX gets so far
    pbx.fail("/Fax$", status=200, body=json.dumps(rows), headers={"Content-Type": "application/json"}, method="GET")
    failed = task("fax", number="7801", state="absent")
    assert "means 2 of them" in failed.msg
    assert "fax 7001" in failed.msg
    assert "fax 7004" in failed.msg
    assert pbx.writes == []


def test_a_pbx_that_ignores_the_filter_loses_nothing(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    rows = {"value": [{"Id": 1, "Number": "1"}, {"Id": 7001, "Number": "7801"}]}
    pbx.fail(
        "/Fax$", status=200, times=9, body=json.dumps(rows), headers={"Content-Type": "application/json"}, method="GET"
    )
    assert "ignored the filter" in task("fax", number="7801", state="absent").msg
    assert pbx.writes == []


def test_an_id_cannot_be_chosen(pbx: SimulatedPbx, task: Task) -> None:
    failed = task("fax", id=4711, outbound_caller_id="1")
    assert "the PBX itself gives a new one its id" in failed.msg
    assert pbx.writes == []


def test_numbers_do_not_change(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    for check_mode in (True, False):
        failed = task("fax", id=7001, number="7999", check_mode=check_mode)
        assert failed["target"] == "number"
        assert "Renumbering is impossible" in failed.msg
        assert "leave id out to create another fax" in failed.msg
        assert "or remove fax 7001 (number 7801) and create it again" in failed.msg
    removal = task("fax", id=7001, number="7999", state="absent")
    assert removal["target"] == "number"
    assert "Renumbering" not in removal.msg
    assert "To remove 7001, leave number out" in removal.msg
    assert pbx.writes == []


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("fax", {"id": "abc"}),
        ("fax", {"id": True}),
        ("fax", {"id": [1]}),
        ("fax", {"id": 1.5}),
        ("fax", {"id": 10**12}),
        ("fax", {"number": ""}),
        ("fax", {"number": "  "}),
        ("fax", {"number": ["1"]}),
        ("fax", {"number": {"a": "b"}}),
        ("fax", {"id": None, "number": None}),
        ("fax", {}),
        ("fax", {"number": "1", "nmber": "1"}),
        ("fax", {"number": "888\n"}),
        ("fax", {"number": True}),
        ("fax", {"number": 8.1}),
        ("fax", {"number": "1", "state": "present", "if_match": 5}),
        ("fax", {"number": "1", "if_match": ["x"]}),
        ("fax", {"number": "1", "request_timeout": float("inf")}),
        ("fax", {"number": "1", "request_timeout": 1e300}),
        ("fax", {"number": "1", "request_timeout": float("nan")}),
        ("firmware", {"id": "yealink\n"}),
        ("firmware", {"id": 66.86}),
        ("fxs", {"mac_address": 1122334455}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "name": True}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "model": 1.10}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "codecs": [None]}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "fxs_lines": [{"number": "1"}]}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "fxs_lines": [{"key": None, "number": "1"}]}),
        ("fxs", {"mac_address": "001122334455", "state": "present", "fxs_lines": [{"key": 1}, {"key": 1}]}),
        ("fax", {"number": "1", "if_match": ""}),
        ("fax", {"number": "1", "if_match": 'W/"1"\nX: y'}),
        ("fxs", {"mac_address": "not a mac"}),
        ("fxs", {"mac_address": ""}),
        ("firmware", {"id": ""}),
        ("phone_logo", {"filename": ""}),
        ("phone_logo", {"filename": "x", "state": "present"}),
        ("call_flow_app", {"id": "1; drop"}),
        ("fax", {"number": "1", "host": "http://pbx.example.com/admin"}),
        ("fax", {"number": "1", "host": "http://user:hidden@pbx.example.com"}),
        ("fax", {"number": "1", "host": "pbx\r\nX-Evil: 1"}),
        ("fax", {"number": "1", "host": "ftp://pbx.example.com"}),
        ("fax", {"number": "1", "access_token": "and a client id"}),
    ],
)
def test_refused_before_anything_is_sent(pbx: SimulatedPbx, task: Task, name: str, options: dict[str, Any]) -> None:
    failed = task(name, **{"state": "absent", **options})
    assert failed.msg
    assert "hidden" not in json.dumps(failed.data)
    assert pbx.requests == []


# --- ETags


@pytest.mark.parametrize("name", ENTITIES)
def test_a_stale_if_match_is_refused_in_check_mode_too(pbx: SimulatedPbx, task: Task, name: str) -> None:
    entity_set, key, row = ENTITIES[name]
    plant(pbx, name)
    stale = next(v for v in task(f"{name}_info", **key).data.values() if isinstance(v, list))[0]["etag"]
    pbx.put(entity_set, {**row, **THEIRS[name]})
    before = pbx.entities(entity_set)
    for check_mode in (True, False):
        failed = task(name, **key, state="absent", if_match=stale, check_mode=check_mode)
        assert failed["status"] == 412
        assert f"threecx_{name}_info" in failed.msg
        assert len(pbx.writes) == (0 if check_mode else 1), "nothing is tried again"
    assert pbx.entities(entity_set) == before


def test_if_match_that_fits_and_any(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    [fax] = task("fax_info", id=7001)["faxes"]
    changed = task("fax", id=7001, outbound_caller_id="2", if_match=fax["etag"])
    assert pbx.writes[0].headers["if-match"] == fax["etag"]
    assert task("fax", id=7001, outbound_caller_id="3", etag=changed["fax"]["etag"])["changed"], "etag is another name"
    assert task("fax", id=7001, state="absent", if_match="*", check_mode=True)["changed"]
    assert task("fax", id=7001, state="absent", if_match="*")["changed"]
    assert pbx.writes[-1].headers["if-match"] == "*"
    assert not task("fax", id=7001, state="absent", if_match=fax["etag"])["changed"], "gone already is gone"


def test_if_match_never_creates(pbx: SimulatedPbx, task: Task) -> None:
    failed = task("fax", number="7811", if_match='W/"1"')
    assert failed["status"] == 412
    assert "Leave if_match out to create one" in failed.msg
    assert pbx.writes == []


def test_somebody_else_was_quicker(pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    from pbx_as_code.engine.access.pbx import EntitySet

    plant(pbx, "fax")
    change, remove = EntitySet.change, EntitySet.remove

    theirs = iter(("theirs, first", "theirs"))

    def meanwhile(self: EntitySet, *args: Any) -> None:
        pbx.put("Fax", {"Id": 7001, "Number": "7801", "OutboundCallerId": next(theirs), "AuthPassword": "CANARY-7"})
        (change if len(args) == 4 else remove)(self, *args)

    monkeypatch.setattr(EntitySet, "change", meanwhile)
    monkeypatch.setattr(EntitySet, "remove", meanwhile)
    for options in ({"outbound_caller_id": "mine"}, {"state": "absent"}):
        failed = task("fax", id=7001, **options)
        assert failed["status"] == 412
        assert 'outbound_caller_id: "' in failed.msg
        assert '-> "theirs' in failed.msg
        assert "CANARY" not in json.dumps(failed.data)
    assert len(pbx.writes) == 2
    assert [row["OutboundCallerId"] for row in pbx.entities("Fax") if row["Id"] == 7001] == ["theirs"]


@pytest.mark.parametrize("status", [404, 412])
def test_gone_while_it_was_being_removed(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    from pbx_as_code.engine.access.pbx import EntitySet

    plant(pbx, "fax")
    remove = EntitySet.remove

    def meanwhile(self: EntitySet, *args: Any) -> None:
        pbx.remove("Fax", 7001)
        pbx.fail(r"/Fax\(7001\)", status=status, method="DELETE")  # which of the two a PBX says, varies
        remove(self, *args)

    monkeypatch.setattr(EntitySet, "remove", meanwhile)
    assert task("fax", id=7001, state="absent").data == {"changed": False}


@pytest.mark.parametrize("options", [{"outbound_caller_id": "2"}, {"state": "absent"}, {"number": "7999", "id": None}])
def test_a_write_that_cannot_be_read_back_has_changed_the_pbx_all_the_same(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    from pbx_as_code.engine.access.pbx import EntitySet

    plant(pbx, "fax")
    for verb in ("create", "change", "remove"):
        monkeypatch.setattr(EntitySet, verb, _then_forbidden(getattr(EntitySet, verb), pbx))
    failed = task("fax", **{"id": 7001, **options})
    assert failed.data["changed"] is True
    assert failed["status"] == 403
    assert "was accepted by" in failed.msg
    assert "but the result could not be read" in failed.msg
    assert pbx.writes[0].status < 300


def _then_forbidden(write: Callable[..., Any], pbx: SimulatedPbx) -> Callable[..., Any]:
    """The same write, after which nothing can be read any more."""

    def writing(*args: Any) -> Any:
        try:
            return write(*args)
        finally:
            pbx.fail(r"/Fax$", status=403, method="GET", times=2)  # a new token does not help

    return writing


@pytest.mark.parametrize("options", [{"outbound_caller_id": "2"}, {"state": "absent"}])
def test_a_refused_write_is_what_is_told_even_when_nothing_can_be_read_after(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    from pbx_as_code.engine.access.pbx import EntitySet

    plant(pbx, "fax")
    pbx.fail(r"/Fax\(7001\)", status=412)
    for verb in ("change", "remove"):
        monkeypatch.setattr(EntitySet, verb, _then_forbidden(getattr(EntitySet, verb), pbx))
    failed = task("fax", id=7001, **options)
    assert failed["status"] == 412
    assert failed.data["changed"] is False
    assert "Nothing was changed." in failed.msg


def test_gone_while_it_was_being_changed(pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    from pbx_as_code.engine.access.pbx import EntitySet

    change = EntitySet.change

    def meanwhile(self: EntitySet, *args: Any) -> None:
        pbx.remove("Fax", 7001)
        change(self, *args)

    monkeypatch.setattr(EntitySet, "change", meanwhile)
    plant(pbx, "fax")
    failed = task("fax", id=7001, outbound_caller_id="2")
    assert failed["status"] == 404
    assert "was removed from" in failed.msg
    assert "does not offer" not in failed.msg


def test_without_etags(pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]) -> None:
    pbx = pbx_factory(etags=False)
    task = task_on(pbx)
    plant(pbx, "fax")
    assert "etag" not in task("fax_info", id=7001)["faxes"][0]
    assert task("fax", id=7001, outbound_caller_id="2")["changed"]
    assert task("fax", id=7001, state="absent")["changed"]
    assert all("if-match" not in write.headers for write in pbx.writes)


def test_strict_etags(pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]) -> None:
    pbx = pbx_factory(strict_etags=True)
    task = task_on(pbx)
    plant(pbx, "fax")
    assert task("fax", id=7001, outbound_caller_id="2")["changed"]
    assert task("fax", id=7001, state="absent")["changed"]


# --- accepted and not stored


def test_accepted_and_not_stored(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    pbx.fail(r"/Fax\(7001\)", status=204, times=1, body="", method="PATCH")
    failed = task("fax", id=7001, outbound_caller_id="2")
    assert "did not store outbound_caller_id" in failed.msg
    assert failed["target"] == "outbound_caller_id"
    assert failed.data["changed"] is False

    pbx.fail(r"/Fax\(7001\)", status=204, times=1, body="", method="DELETE")
    assert "still has it" in task("fax", id=7001, state="absent").msg


# --- reading


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
