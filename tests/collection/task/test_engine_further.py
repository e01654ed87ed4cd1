"""The engine with entities of shapes that no module has so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collection.plugins.module_utils._module import with_connection
from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.description import EntityDescription, Key, Property
from pbx_as_code.engine.options.option_specs import argument_spec
from pbx_as_code.engine.perform import EntityRunner
from pbx_simulator import SimulatedPbx

QUEUE = EntityDescription(
    name="queue",
    plural="queues",
    label="queue",
    entity_set="Queues",
    key=Key("Id", "id", "int"),
    natural_keys=(Key("Number", "number"),),
    properties=(
        Property("Id", "id", "int", read_only=True),
        Property("Number", "number", immutable=True),
        Property("Name", "name"),
        Property("RingTimeout", "ring_timeout", "int", nullable=True),
        Property(
            "Agents",
            "agents",
            "complex",
            many=True,
            navigation=True,
            item_key=("Number",),
            fields=(Property("Number", "number"),),
        ),
    ),
    can_create=True,
    can_update=True,
    can_delete=True,
    required_for_create=("name",),
)
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(pbx: SimulatedPbx) -> Run:
    """A task of a description: ``run(QUEUE, number="800", name="Sales")``."""
    [user, *_] = [user["Number"] for user in pbx.entities("Users")]
    pbx.put("Queues", {"Id": 7101, "Number": "7901", "Name": "Sales", "RingTimeout": 20, "Agents": [{"Number": user}]})
    pbx.clear_log()

    def of(description: EntityDescription, **options: Any) -> dict[str, Any]:
        given = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret, **options}
        checked = validate(description.name, with_connection(argument_spec(description)), given)
        assert checked.problem is None, checked.problem
        runner = EntityRunner(description, info=False)
        result, _ = runner.perform(given=given, validated=checked.params, check_mode=False, diff_mode=True)
        if result.get("failed"):
            del result["changed"]  # false there too, and must not pass for a task that had nothing to do
        return result

    return of


def test_navigation_properties_are_read_where_they_are_compared(pbx: SimulatedPbx, run: Run) -> None:
    [agent, other] = [user["Number"] for user in pbx.entities("Users")][:2]
    assert not run(QUEUE, number="7901", name="Sales")["changed"]
    assert all("expand" not in request.query for request in pbx.requests)
    assert not run(QUEUE, number="7901", agents=[{"number": agent}])["changed"], "absent is not empty"
    assert pbx.writes == []
    assert run(QUEUE, number="7901", agents=[{"number": other}, {"number": agent}])["changed"]
    assert not run(QUEUE, number="7901", agents=[{"number": agent}, {"number": other}])["changed"]
    assert run(QUEUE, number="7901", agents=[])["changed"]
    assert not run(QUEUE, number="7901", agents=[])["changed"]
    assert len(pbx.writes) == 2


def test_zero_is_a_value(pbx: SimulatedPbx, run: Run) -> None:
    assert run(QUEUE, number="7901", ring_timeout=0)["queue"]["ring_timeout"] == 0
    assert not run(QUEUE, number="7901", ring_timeout=0)["changed"]
    assert pbx.writes[0].body == b'{"RingTimeout":0}'


def test_what_cannot_be_null_cannot_be_cleared(pbx: SimulatedPbx, run: Run) -> None:
    failed = run(QUEUE, number="7901", name=None)
    assert "name of queue 7101 (number 7901)" in failed["msg"]
    assert "cannot be cleared" in failed["msg"]
    assert failed["target"] == "name"
    assert pbx.writes == []


def test_what_is_settled_at_creation_is_not_even_tried(pbx: SimulatedPbx, run: Run) -> None:
    settled = tuple(replace(prop, immutable=True) if prop.name == "Name" else prop for prop in QUEUE.properties)
    failed = run(replace(QUEUE, properties=settled), number="7901", name="Other", ring_timeout=5)
    assert "name of queue 7101 (number 7901)" in failed["msg"]
    assert "is 'Sales' and cannot be changed once it is created" in failed["msg"]
    assert failed["target"] == "name"
    assert pbx.writes == []


def test_creation_needs_what_the_pbx_needs(pbx: SimulatedPbx, run: Run) -> None:
    for options in ({}, {"name": None}):
        failed = run(QUEUE, number="7902", **options)
        assert "creating it needs name" in failed["msg"]
        assert failed["target"] == "name"
    assert pbx.writes == []
    assert run(QUEUE, number="7902", name="Support")["changed"]


def test_what_the_api_cannot_do_is_said_before_it_is_tried(pbx: SimulatedPbx, run: Run) -> None:
    failed = run(replace(QUEUE, can_create=False), number="7902", name="Support")
    assert "XAPI cannot create one" in failed["msg"]
    failed = run(replace(QUEUE, can_update=False), number="7901", name="Other")
    assert "differs in name, but the API cannot change it" in failed["msg"]
    assert pbx.writes == []
