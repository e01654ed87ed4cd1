"""The order of a trunk's inbound rules, changed by two tasks at a time: no rule and no order is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.access.pbx import EntitySet
from pbx_as_code.engine.access.target import LISTED_IN
from pbx_as_code.entities import NAMES, description
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


@both
@pytest.mark.parametrize("write", ["create", "change", "remove", "remove many"])
def test_a_rule_is_not_written_while_the_order_is_set(pbx: SimulatedPbx, write: str) -> None:
    """A PBX takes the whole list: a rule that is written between its reading and its writing would be lost."""
    task, rules = tasks_on(pbx), {row["RuleName"]: row["Id"] for row in pbx.entities("InboundRules")}

    def other() -> None:
        if write == "create":
            create(tasks_on(pbx), "New", "+15550199")
        elif write == "change":
            destination = {"to": "Extension", "number": "101"}
            assert task("inbound_rule", id=rules["Main"], office_hours_destination=destination)["changed"]
        elif write == "remove":
            assert task("inbound_rule", id=rules["Main"], state="absent")["changed"]
        else:
            with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
                assert not Pbx(client).remove_many("inbound_rule", [rules["Main"]])

    gate = pbx.hold(r"/Trunks\(", method="PATCH")
    with ThreadPoolExecutor(2) as pool:
        moved = pool.submit(first, tasks_on(pbx), "Rest")
        assert gate.wait_arrived()
        written = pool.submit(other)
        wait([written], timeout=0.5)  # it waits for the order
        gate.open()
        assert moved.result()["changed"]
        written.result()
    left = {"create": ["Rest", "Main", "Shop", "New"], "change": ["Rest", "Main", "Shop"]}.get(write, ["Rest", "Shop"])
    assert order(pbx) == left
    destinations = {row["RuleName"]: row["OfficeHoursDestination"]["Number"] for row in pbx.entities("InboundRules")}
    assert destinations.get("Main") == {"create": "100", "change": "101"}.get(write)


def test_every_list_of_other_objects_has_a_lock() -> None:
    found = {
        about.entity_set
        for about in map(description, NAMES)
        if isinstance(about, EntityDescription) and any(prop.order_only for prop in about.properties)
    }
    assert found == set(LISTED_IN.values())
