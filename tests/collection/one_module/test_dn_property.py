"""Entities that are there only within another one, and that functions and actions reach: properties of a number."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.documented import returned
from tests.collection.pages.test_docs_results import check

Task = Callable[..., Any]
RED = {"number": "100", "name": "COLOUR", "value": "red"}
ACTIONS = "/xapi/v1/DNProperties/Pbx."


def listed(task: Task, number: str = "100", **options: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = task("dn_property_info", number=number, **options)["dn_properties"]
    return found


def test_it_is_made_changed_and_removed_once(pbx: SimulatedPbx, task: Task) -> None:
    for step, options, action, body in (
        ("made", RED, "Create", {"dnNumber": "100", "property": {"Name": "COLOUR", "Value": "red"}}),
        ("changed", {**RED, "value": "blue"}, "Update", {
            "dnNumber": "100", "property": {"Id": 1, "Name": "COLOUR", "Value": "blue", "Description": None}}),
        ("described", {"number": "100", "name": "COLOUR", "description": "of the door"}, "Update", {
            "dnNumber": "100", "property": {"Id": 1, "Name": "COLOUR", "Value": "blue", "Description": "of the door"}}),
        ("removed", {"number": "100", "name": "COLOUR", "state": "absent"}, "Delete", {
            "dnNumber": "100", "propertyName": "COLOUR"}),
    ):  # fmt: skip
        pbx.clear_log()
        before = listed(task)
        would = task("dn_property", check_mode=True, **options)
        assert would["changed"], step
        assert pbx.writes == []
        assert listed(task) == before

        result = task("dn_property", **options)
        assert result["changed"], step
        plain = {name: value for name, value in result["diff"]["after"].items() if name != "id"}
        assert {name: plain.get(name) for name in would["diff"]["after"]} == would["diff"]["after"]
        [write] = pbx.writes
        assert (write.method, write.path) == ("POST", f"{ACTIONS}{action}DNProperty")
        assert json.loads(write.body) == body
        assert "if-match" not in write.headers
        check(result["dn_property"], returned("threecx_dn_property")["dn_property"], step)

        again = task("dn_property", **options)
        assert not again["changed"], step
        assert len(pbx.writes) == 1
    assert listed(task) == []


def test_what_is_read_can_be_given_back(pbx: SimulatedPbx, task: Task) -> None:
    task("dn_property", **RED, description="of the door")
    task("dn_property", **{**RED, "name": "SIZE"})
    task("dn_property", **{**RED, "number": "101"})
    pbx.clear_log()
    rows = listed(task)
    assert [(row["number"], row["name"], row["id"]) for row in rows] == [("100", "COLOUR", 1), ("100", "SIZE", 2)]
    check(rows, returned("threecx_dn_property_info")["dn_properties"], "dn_properties")
    for row in rows:
        back = task("dn_property", **row)
        assert not back["changed"]
        assert back.warnings == []
        assert back["dn_property"] == row
    assert listed(task, name="SIZE") == rows[1:]
    assert listed(task, name="size") == []
    assert listed(task, filter="Value eq 'green'") == []
    assert listed(task, "102") == []
    assert pbx.writes == []


def test_it_is_removed_where_it_is_as_the_task_says(pbx: SimulatedPbx, task: Task) -> None:
    task("dn_property", **RED)
    assert "is not as the task says: value" in task("dn_property", **{**RED, "value": "blue"}, state="absent").msg
    assert task("dn_property", **RED, state="absent")["changed"]
    assert not task("dn_property", **RED, state="absent")["changed"]


def test_null_clears(pbx: SimulatedPbx, task: Task) -> None:
    task("dn_property", **RED)
    assert task("dn_property", **{**RED, "value": None})["changed"]
    assert listed(task)[0]["value"] is None
    assert not task("dn_property", **{**RED, "value": None})["changed"]


@pytest.mark.parametrize("number", ["100", "O'Brien/1"])
def test_the_number_is_written_as_a_literal(number: str, pbx: SimulatedPbx, task: Task) -> None:
    assert listed(task, number) == []
    quoted = number.replace("'", "''").replace("/", "%2F")
    [read] = [request for request in pbx.requests if request.method == "GET"]
    assert read.path in {f"{ACTIONS}GetPropertiesByDn(dnNumber='{q}')" for q in (quoted, quoted.replace("'", "%27"))}


def test_more_than_a_page_of_them(pbx: SimulatedPbx, task: Task) -> None:
    kind = {"Value": "x", "Description": None}
    pbx._store.dn_properties["100"] = {f"P{n:03}": {"Id": n, "Name": f"P{n:03}", **kind} for n in range(1, 251)}
    assert len(listed(task)) == 250
    assert not task("dn_property", number="100", name="P249", value="x")["changed"]


def test_what_cannot_be_meant_is_refused(pbx: SimulatedPbx, task: Task) -> None:
    assert "number" in task("dn_property", name="COLOUR").msg
    assert "name" in task("dn_property", number="100").msg
    assert "number" in task("dn_property_info").msg
    for name in ("dn_property", "dn_property_info"):
        assert "it is empty" in task(name, number=" ", name="COLOUR").msg
        assert "control character" in task(name, number="1\n0", name="COLOUR").msg
    assert "if_match" in task("dn_property", **RED, if_match="*").msg
    assert pbx.writes == []


def test_failures_say_what_happened(pbx: SimulatedPbx, task: Task) -> None:
    refused = task("dn_property", **{**RED, "number": "nobody"})
    assert (refused["status"], refused["target"]) == (400, "dnNumber")
    assert "DN property with name COLOUR" in refused.msg
    task("dn_property", **RED)
    for action, options in (("Update", {**RED, "value": "blue"}), ("Delete", {**RED, "state": "absent"})):
        pbx.fail(f"Pbx.{action}", status=403, method="POST", times=None)  # a new token does not help
        assert "DN property COLOUR (number 100)" in task("dn_property", **options).msg
        pbx.go_by(None)
        pbx.fail(f"Pbx.{action}", status=204, method="POST")
        assert task("dn_property", **options).data["failed"], "accepted and not done"
    pbx.fail("Pbx.GetPropertiesByDn", status=404)
    assert "does not offer" in task("dn_property", **RED).msg
