"""Decisions of one line that nothing else would miss: each of these tests fails where the decision is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from threecx_xapi import paging

from pbx_as_code.description import Property
from pbx_as_code.engine.access.etags import agree
from pbx_as_code.engine.options.desired import without_held
from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]


def test_a_list_that_is_shorter_than_its_count_decides_nothing(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [f"78{n}" for n in range(10, 30)]
    for number in numbers:
        pbx.put("Fax", {"Number": number})
    whole = paging.iterate

    def short(*args: Any, **more: Any) -> Iterator[Any]:
        return (row for row in whole(*args, **more) if row["Number"] != numbers[-1])

    monkeypatch.setattr(paging, "iterate", short)
    assert all(task("fax", number=number, state="absent")["changed"] for number in numbers)
    assert not {row["Number"] for row in pbx.entities("Fax")} & set(numbers)


@pytest.mark.parametrize("body", ["<html><title>Sign in</title></html>", '{"Id": 1'])
def test_a_write_that_a_proxy_answers_is_no_success(body: str, pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("Fax", {"Id": 7001, "Number": "7801"})
    pbx.fail(r"Fax\(7001\)$", method="PATCH", status=200, body=body)
    failed = task("operation", operation="UpdateFax", parameters={"Id": 7001}, body={"OutboundCallerId": "1"})
    assert "could not be called" in failed.msg
    assert "not known" in failed.msg


def test_settings_whose_etag_is_only_a_header_are_guarded(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    from threecx_xapi.client import XapiClient

    send = XapiClient.request

    def request(self: Any, method: str, path: str, **more: Any) -> Any:
        reply = send(self, method, path, **more)
        if method != "GET" or path != "/MailSettings":
            return reply
        assert reply.headers["etag"]
        return replace(reply, content=json.dumps({n: v for n, v in reply.json().items() if "etag" not in n}).encode())

    monkeypatch.setattr(XapiClient, "request", request)
    assert task("mail_settings", mail_user="mine")["changed"]
    assert pbx.writes[0].headers["if-match"]


def test_an_etag_is_what_stands_in_its_quotes() -> None:
    assert agree('W/"1"', '"1"')
    assert agree('"1"', 'W/"1"')
    assert agree('"7", W/"2"', '"2"')
    assert agree('"7", "2"', 'W/"2"')
    assert agree("*", 'W/"1"')
    assert not agree('W/"1"', 'W/"2"')
    assert not agree('W/"11"', 'W/"1"')


def test_a_credential_that_is_empty_is_not_held() -> None:
    secret = Property("Password", "password", secret=True)
    wanted = {"Password": "invented"}
    assert without_held((secret,), wanted, {"Password": ""}) == wanted
    assert without_held((secret,), wanted, {"Password": None}) == wanted
    assert without_held((secret,), wanted, {"Password": "theirs"}) == {}
    assert without_held((secret,), wanted, {}) == {}, "it may have one and not say so"


def test_a_trunk_that_is_gone_is_not_looked_for(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("OutboundRules", {"Id": 77, "Name": "Gone", "Routes": [{"TrunkId": -1}]})
    pbx.clear_log()
    assert task("outbound_rule_info", id=77)["outbound_rules"][0]["routes"][0]["trunk"] == "-1"
    assert not [request for request in pbx.requests if request.path.endswith("/Trunks")]


@pytest.mark.parametrize("nothing", [0, None])
def test_a_trunk_with_the_id_zero_is_none(nothing: int | None, pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("OutboundRules", {"Id": 77, "Name": "None", "Routes": []})
    pbx._in_loop(lambda: pbx._store.change("OutboundRules", 77, {"Routes": [{"TrunkId": nothing}]}))
    pbx.clear_log()
    rule = task("outbound_rule_info", id=77)["outbound_rules"][0]
    assert rule["routes"][0]["trunk"] is None
    assert not [request for request in pbx.requests if request.path.endswith("/Trunks")]


def test_a_new_one_of_another_name_than_was_sent_is_there(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its id, which the PBX answered: by its name it cannot be found."""
    from threecx_xapi.client import XapiClient

    send = XapiClient.request

    def request(self: Any, method: str, path: str, **more: Any) -> Any:
        reply = send(self, method, path, **more)
        if method == "POST":
            pbx._in_loop(lambda: pbx._store.change("Queues", reply.json()["Id"], {"Name": "Shortened"}))
        return reply

    monkeypatch.setattr(XapiClient, "request", request)
    failed = task("queue", name="Shortened by the PBX")
    assert failed.data["changed"]
    assert "did not store name" in failed.msg


def test_a_new_one_whose_id_the_pbx_does_not_answer_is_told_from_last_years(pbx: SimulatedPbx, task: Task) -> None:
    day = {"day": 4, "month": 7, "day_end": 4, "month_end": 7}
    old = task("holiday", name="Easter", year=2026, year_end=2026, **day)["holiday"]
    pbx.go_by({"faults": [{"path": "/Holidays$", "method": "POST", "status": 201, "body": "", "processed": True}]})
    new = task("holiday", name="Easter", year=2027, year_end=2027, **day)
    assert new["changed"]
    assert new["holiday"]["year"] == 2027
    assert new["holiday"]["id"] != old["id"]


def test_true_is_no_id(pbx: SimulatedPbx, task: Task) -> None:
    """Python takes it for 1, and there is one of that id."""
    pbx.put("Contacts", {"Id": 1, "LastName": "First"})
    pbx.clear_log()
    for name in ("contact", "group", "inbound_rule", "outbound_rule", "user"):
        assert "number is needed" in task(name, id=True, state="absent").msg
    assert pbx.writes == []


def test_the_template_a_task_gives_goes_before_that_of_a_row(pbx: SimulatedPbx, task: Task) -> None:
    row = {"number": "10050", "gateway": {"template_filename": "provider.pv.xml"}}
    given = task("trunk", template="other.pv.xml", **row)
    paths = [request.path for request in pbx.requests]
    assert any("InitTrunk(template='other.pv.xml')" in path for path in paths), given.data
    assert not any("InitTrunk(template='provider.pv.xml')" in path for path in paths)


def test_a_row_without_its_key_is_not_understood(pbx: SimulatedPbx, task: Task) -> None:
    """In every way of finding one: numbers are looked for by their ending, among all that fit."""
    pbx.put("BlackListNumbers", {"Id": "1", "CallerId": "+15550199", "Description": "x"})
    body = {"@odata.count": 1, "value": [{"CallerId": "+15550199", "Description": "x"}]}
    for options in ({"description": "new"}, {"state": "absent"}):
        pbx.go_by({"faults": [{"path": "/BlackListNumbers$", "method": "GET", "status": 200, "body": body}]})
        assert "cannot be understood" in task("black_list_number", caller_id="+15550199", **options).msg


def test_a_prompt_set_without_its_id_cannot_be_chosen(pbx: SimulatedPbx, task: Task) -> None:
    body = {"@odata.count": 1, "value": [{"PromptSetName": "Unheard", "Folder": "x"}]}
    active = {"Id": 9, "PromptSetName": "Other", "Folder": "invented"}
    answers = {"/PromptSets$": body, "GetActive": active}
    pbx.go_by(
        {"faults": [{"path": path, "method": "GET", "status": 200, "body": one} for path, one in answers.items()]}
    )
    pbx.clear_log()
    assert "mistake of the collection" not in task("active_prompt_set", prompt_set="Unheard").msg
    assert pbx.writes == []
