"""Which object a task means: by its id, by its natural key, by both."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pbx_simulator import SimulatedPbx
from tests.collection.planted import plant

Task = Callable[..., Any]


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
