"""The order of a trunk's inbound rules: readable, and set by whatever tells the rules apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]
RULES = [
    {"Id": 71, "RuleName": "Main", "Condition": "BasedOnDID", "Data": "+15550100", "CallType": "AllCalls",
        "CustomData": "a"},
    {"Id": 72, "RuleName": "Shop", "Condition": "BasedOnDID", "Data": "+15550104", "CallType": "AllCalls",
        "CustomData": "b"},
    {"Id": 73, "RuleName": "Shop", "Condition": "BasedOnCallerID", "Data": "+44*", "CallType": "AllCalls",
        "CustomData": "c"},
    {"Id": 74, "RuleName": "Rest", "Condition": "ForwardAll", "CallType": "AllCalls", "CustomData": "d"},
]  # fmt: skip


@pytest.fixture
def ids(pbx: SimulatedPbx) -> Callable[[], list[int]]:
    """The order of the rules of a trunk that has four."""
    [trunk] = [row for row in pbx.entities("Trunks") if row["Number"] == "10000"]
    for rule in RULES:
        pbx.put("InboundRules", {**rule, "TrunkDN": {"Number": "10000"}})
    pbx.put("Trunks", {**trunk, "RoutingRules": RULES})
    pbx.clear_log()

    def read() -> list[int]:
        [row] = [row for row in pbx.entities("Trunks") if row["Number"] == "10000"]
        return [rule["Id"] for rule in row["RoutingRules"] if rule["Id"] in (71, 72, 73, 74)]

    return read


Ids = Callable[[], list[int]]


def test_it_is_read(ids: Ids, task: Task) -> None:
    [trunk] = task("trunk_info", number="10000")["trunks"]
    rules = [rule for rule in trunk["routing_rules"] if rule["id"] in (71, 72, 73, 74)]
    assert [rule["rule_name"] for rule in rules] == ["Main", "Shop", "Shop", "Rest"]
    assert {"rule_name", "condition", "call_type"} <= rules[0].keys()
    assert not task("trunk", number="10000", routing_rules=trunk["routing_rules"])["changed"]


@pytest.mark.parametrize("lists", ["replace", "add"])
def test_the_given_ones_come_first_and_nothing_is_lost(ids: Ids, lists: str, pbx: SimulatedPbx, task: Task) -> None:
    wanted = [{"rule_name": "Rest"}, {"condition": "BasedOnCallerID", "data": "+44*"}]
    would = task("trunk", number="10000", routing_rules=wanted, lists=lists, check_mode=True)
    assert would["changed"]
    assert pbx.writes == []
    changed = task("trunk", number="10000", routing_rules=wanted, lists=lists)
    assert changed["changed"]
    assert [rule["id"] for rule in changed["trunk"]["routing_rules"]][:2] == [74, 73]
    assert ids() == [74, 73, 71, 72]
    [write] = pbx.writes
    sent = [rule for rule in json.loads(write.body)["RoutingRules"] if rule["Id"] in (71, 72, 73, 74)]
    assert [rule["CustomData"] for rule in sent] == ["d", "c", "a", "b"], "all of each rule goes along"
    assert not task("trunk", number="10000", routing_rules=wanted, lists=lists)["changed"]
    assert not task("trunk", number="10000", routing_rules=[])["changed"]


def test_a_rule_that_is_not_there_or_is_not_the_only_one(ids: Ids, pbx: SimulatedPbx, task: Task) -> None:
    missing = task("trunk", number="10000", routing_rules=[{"rule_name": "Rest"}, {"rule_name": "Mian"}])
    assert "routing_rules[1]: there is no item with rule_name Mian" in missing.msg
    assert "did you mean Main?" in missing.msg
    several = task("trunk", number="10000", routing_rules=[{"rule_name": "Shop"}])
    assert "rule_name Shop fits 2 of the items" in several.msg
    assert "fits" in task("trunk", number="10000", routing_rules=[{"condition": "BasedOnDID"}]).msg
    assert task("trunk", number="10000", routing_rules=[{"id": 73, "rule_name": "Shop"}], check_mode=True)["changed"]
    assert "can be changed, but not removed" in task("trunk", number="10000", routing_rules=[], lists="remove").msg
    early = task("trunk", number="10000", routing_rules=[{"rule_name": "New"}], check_mode=True)
    assert "Ignore this if an earlier task" in early.warnings[0]
    assert pbx.writes == []


def test_equal_items_mean_all_rules_that_they_fit(ids: Ids, task: Task) -> None:
    wanted = [{"rule_name": "Rest"}, {"rule_name": "Shop"}, {"rule_name": "Main"}, {"rule_name": "Shop"}]
    assert task("trunk", number="10000", routing_rules=wanted)["changed"]
    assert ids() == [74, 72, 71, 73]
    assert not task("trunk", number="10000", routing_rules=wanted)["changed"]


def test_a_new_trunk_has_no_rules_yet(pbx: SimulatedPbx, task: Task) -> None:
    new = {"number": "10050", "template": "provider.pv.xml", "routing_rules": [{"rule_name": "Main"}]}
    assert "there is no item with rule_name Main" in task("trunk", **new).msg
    assert pbx.writes == []
    assert task("trunk", **new, check_mode=True)["changed"]
