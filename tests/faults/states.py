"""Every module in every state it can be asked for, and what comes of it where nothing goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pbx_simulator import SimulatedPbx
from tests.collection import memory
from tests.collection.entity_values import ENTITIES, by_key, naming, new, options, plant, told, ways, writable
from tests.collection.every_module.test_lists import LISTS, window
from tests.collection.property_values import given, identifying
from tests.collection.settings_values import SETTINGS
from tests.collection.settings_values import options as settings_options
from tests.collection.settings_values import plant as plant_settings
from tests.collection.tasks import Task
from tests.collection.tree import NAMES
from tests.faults.worlds import Place, World, settle, touched, world

#: Modules by their names without threecx_. threecx_config is a hundred tasks in one: tests/config has its faults.
MODULES = [name.removeprefix("threecx_") for name in NAMES if name != "threecx_config"]
_RED = {"number": "100", "name": "COLOUR", "value": "red"}
_SERVICE = "3CXGatewayService"


@dataclass(frozen=True)
class State:
    """A task that can be tried again and again from the same beginning.

    baseline: what is stored before; repeatable: it does nothing where it has been done.
    """

    module: str
    name: str
    options: dict[str, Any]
    baseline: Any
    repeatable: bool = True

    def __str__(self) -> str:
        return f"{self.module}, {self.name}"


@dataclass(frozen=True)
class Reference:
    """Outcome of a state without faults."""

    data: dict[str, Any]
    requests: int
    first_write: int
    """Which of the requests it is, from 1 on; one more than there are where nothing is written."""
    writes: int
    before: World = field(repr=False)
    goal: World = field(repr=False)
    touched: frozenset[Place]
    would: bool
    """Value of `changed` in check mode."""
    again: bool
    """Value of `changed` when the task runs again."""


def reference(pbx: SimulatedPbx, task: Task, state: State) -> Reference:
    """Run the task of a state without faults."""
    pbx.go_by(None)
    pbx.restore(state.baseline)
    memory.forget()  # what was looked up before is of another beginning
    before = world(pbx)
    would = task(state.module, check_mode=True, **state.options)
    assert not touched(before, world(pbx))
    task(f"{state.module.removesuffix('_info')}_info" if state.module != "operation" else "fax_info")  # signs in
    pbx.restore(state.baseline)
    memory.forget()
    pbx.clear_log()
    done = task(state.module, **state.options)
    assert not done.data.get("failed"), f"{state}: {done.data}"
    requests = [logged for logged in pbx.requests if logged.path.startswith("/xapi/v1")]
    first = next((n for n, logged in enumerate(requests, 1) if logged.is_write), len(requests) + 1)
    settle(pbx)
    goal, writes = world(pbx), len(pbx.writes)
    again = task(state.module, **state.options).data if state.repeatable else {}
    changed = frozenset(touched(before, goal))
    assert would["changed"] == done["changed"] == bool(writes), f"{state}: {done.data}"
    assert not state.repeatable or bool(changed) == bool(writes)
    return Reference(
        done.data, len(requests), first, writes, before, goal, changed, bool(would["changed"]),
        bool(again.get("changed")),
    )  # fmt: skip


def states(pbx: SimulatedPbx, task: Task, seeded: Any, module: str) -> Iterator[State]:
    """The states of one module.

    Args:
        seeded: what is stored at first
    """
    pbx.go_by(None)
    pbx.restore(seeded)
    if module.endswith("_info"):
        yield from _reading(pbx, module)
    elif module in ENTITIES:
        yield from _of_entity(pbx, task, module)
    elif module in SETTINGS:
        yield from _of_settings(pbx, task, module)
    else:
        yield from {"dn_property": _of_dn_property, "service": _of_service, "operation": _of_operation}[module](
            pbx, task
        )


def _after(pbx: SimulatedPbx, task: Task, state: State) -> Any:
    """Return the stored data after the task of a state."""
    pbx.restore(state.baseline)
    memory.forget()
    task(state.module, **state.options)["changed"]
    return pbx.snapshot()


def _reading(pbx: SimulatedPbx, module: str) -> Iterator[State]:
    name = module.removesuffix("_info")
    if name in SETTINGS:
        plant_settings(pbx, SETTINGS[name])
        yield State(module, "read", {}, pbx.snapshot())
        return
    within = {"number": "100"} if name == "dn_property" else {}
    days = window(name) if name in LISTS else {}
    yield State(module, "every one", within | days, pbx.snapshot())
    if name in ENTITIES:
        key = by_key(ENTITIES[name], plant(pbx, ENTITIES[name]))
        yield State(module, "one", key, pbx.snapshot())


def _of_entity(pbx: SimulatedPbx, task: Task, module: str) -> Iterator[State]:
    description, seeded = ENTITIES[module], pbx.snapshot()
    if description.making is not None:
        made = State(module, "create", {"file_name": "weekly"}, seeded)
        yield made
        yield State(module, "create without waiting", {"file_name": "weekly", "wait": False}, seeded)
    elif description.can_create:
        made = State(module, "create", new(description) | told(description), seeded)
        yield made
        yield State(module, "created already", made.options, _after(pbx, task, made))
    pbx.restore(seeded)
    planted = plant(pbx, description)
    there, key = pbx.snapshot(), by_key(description, planted)
    if description.can_update:
        changed = State(module, "change", key | {prop.option: given(prop) for prop in options(description)}, there)
        yield changed
        yield State(module, "changed already", changed.options, _after(pbx, task, changed))
    elif writable(description):
        yield State(module, "there already", key, there)
    if description.can_delete:
        yield State(module, "remove", {**key, "state": "absent"}, there)
        properties = {prop.name: prop for prop in description.properties}
        names = naming(description) - {description.key.name} or {description.key.name}
        way = next((way for way in ways(description) if {key.name for key in way} <= names), None)
        nobody = {
            key.option: identifying(properties[key.name]) if key.name in properties else "one-nobody"
            for key in (way or (description.key,))
        }
        yield State(module, "removed already", {**nobody, "state": "absent"}, there)


def _of_settings(pbx: SimulatedPbx, task: Task, module: str) -> Iterator[State]:
    description = SETTINGS[module]
    plant_settings(pbx, description)
    baseline = pbx.snapshot()
    everything = {prop.option: given(prop) for prop in settings_options(description)}
    changed = State(module, "change", everything, baseline)
    if task(module, check_mode=True, **everything).data.get("failed"):  # what excludes each other
        option = next(iter(everything))
        changed = State(module, "change", {option: everything[option]}, baseline)
    yield changed
    yield State(module, "changed already", changed.options, _after(pbx, task, changed))


def _of_dn_property(pbx: SimulatedPbx, task: Task) -> Iterator[State]:
    made = State("dn_property", "create", _RED, pbx.snapshot())
    yield made
    there = _after(pbx, task, made)
    yield State("dn_property", "created already", _RED, there)
    yield State("dn_property", "change", {**_RED, "value": "blue"}, there)
    gone = {"number": "100", "name": "COLOUR", "state": "absent"}
    yield State("dn_property", "remove", gone, there)
    yield State("dn_property", "removed already", gone, made.baseline)


def _of_service(pbx: SimulatedPbx, task: Task) -> Iterator[State]:
    def at(**row: Any) -> Any:
        pbx.put("Services", {"Name": _SERVICE, **row})
        return pbx.snapshot()

    running = at(Status="Running", StartStopEnabled=True, RestartEnabled=True)
    stopped = at(Status="Stopped")
    off = at(Status="Stopped", StartStopEnabled=False, RestartEnabled=False)
    for name, begin, asked in (
        ("start", stopped, {"state": "started"}),
        ("started already", running, {"state": "started"}),
        ("stop", running, {"state": "stopped"}),
        ("disable", running, {"enabled": False}),
        ("enable and start", off, {"enabled": True, "state": "started"}),
        ("start without waiting", stopped, {"state": "started", "wait": False}),
    ):
        yield State("service", name, {"name": _SERVICE, **asked}, begin)
    yield State("service", "restart", {"name": _SERVICE, "state": "restarted"}, running, repeatable=False)


def _of_operation(pbx: SimulatedPbx, _: Task) -> Iterator[State]:
    fax = pbx.put("Fax", {"Id": 7001, "Number": "7801", "OutboundCallerId": "1"})
    pbx.clear_log()
    there, one = pbx.snapshot(), {"parameters": {"Id": fax["Id"]}}
    changing = {"operation": "UpdateFax", **one, "body": {"OutboundCallerId": "2"}}
    needed = {"if_match": "*"} if "require-if-match" in pbx.traits else {}
    for name, asked, repeatable in (
        ("list", {"operation": "ListFax"}, True),
        ("read", {"operation": "GetFax", **one}, True),
        ("create", {"operation": "CreateFax", "body": {"OutboundCallerId": "3"}}, False),
        ("change", {**changing, **needed}, False),
        ("change whatever it is", {**changing, "if_match": "*"}, False),
        ("remove", {"operation": "DeleteFax", **one, **needed}, False),
        ("remove several", {"operation": "BulkFaxDelete", "body": {"ids": [fax["Id"]]}}, False),
    ):
        yield State("operation", name, asked, there, repeatable)
