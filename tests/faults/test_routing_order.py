"""The order of a trunk's inbound rules, changed by two tasks at a time: no rule and no order is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pbx_as_code.engine.access.pbx import EntitySet
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task, tasks_on
from tests.faults.test_lost_updates import right_before

#: Both kinds of PBX: without ETags, and with ETags of trunks that do not change with the rules of a trunk.
both = pytest.mark.parametrize("pbx", [("as-seen",), ("strict-odata",)], ids=lambda names: names[0], indirect=True)
adding_or_replacing = pytest.mark.parametrize("lists", ["add", "replace"])


@pytest.fixture
def pbx(request: pytest.FixtureRequest, pbx_factory: Callable[..., SimulatedPbx]) -> SimulatedPbx:
    """A PBX whose first trunk has three rules, after those that are seeded."""
    pbx = pbx_factory(traits=request.param)
    for number, name in enumerate(("Main", "Shop", "Rest")):
        create(tasks_on(pbx), name, f"+1555019{number}")
    pbx.clear_log()
    return pbx


def create(task: Task, name: str, did: str) -> None:
    destination = {"to": "Extension", "number": "100"}
    made = task(
        "inbound_rule",
        rule_name=name,
        trunk="10000",
        condition="BasedOnDID",
        data=did,
        call_type="AllCalls",
        office_hours_destination=destination,
    )
    assert made["changed"]


def order(pbx: SimulatedPbx) -> list[str]:
    [row] = [row for row in pbx.entities("Trunks") if row["Number"] == "10000"]
    return [rule["RuleName"] for rule in row["RoutingRules"] if rule["RuleName"] in ("Main", "Shop", "Rest", "New")]


def first(task: Task, name: str, **options: Any) -> Any:
    return task("trunk", number="10000", routing_rules=[{"rule_name": name}], **options)


@both
@adding_or_replacing
def test_a_rule_that_is_moved_meanwhile(pbx: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, lists: str) -> None:
    """With lists: add each rule is moved before what is there by then; an order that is declared as
    a whole is refused.
    """
    task = tasks_on(pbx)
    with right_before(monkeypatch, EntitySet, "locked", lambda: first(tasks_on(pbx), "Shop")["changed"]):
        moved = first(task, "Rest", lists=lists)
    if lists == "add":
        assert moved["changed"]
        assert order(pbx) == ["Rest", "Shop", "Main"]
    else:
        assert moved["status"] == 412
        assert "routing_rules" in moved.msg
        assert order(pbx) == ["Shop", "Main", "Rest"]


@both
@adding_or_replacing
def test_a_rule_that_is_created_meanwhile_stays(pbx: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, lists: str) -> None:
    task = tasks_on(pbx)
    with right_before(monkeypatch, EntitySet, "locked", lambda: create(tasks_on(pbx), "New", "+15550199")):
        moved = first(task, "Rest", lists=lists)
    assert "New" in order(pbx)
    assert moved.data["changed"] or moved["status"] == 412
    assert first(task, "Rest", lists=lists)["changed"] != moved.data["changed"]
    assert order(pbx) == ["Rest", "Main", "Shop", "New"]
