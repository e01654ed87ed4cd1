"""Every module of an entity: what is read can be given back, each option changes what it says, no credential is shown.

No module is named here: what the catalogue gains is tested by being there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.engine import connection as _client
from pbx_simulator import SimulatedPbx
from pbx_simulator.behaviours.related import memberships
from pbx_simulator.traits.storage import is_hidden
from tests.collection.conftest import Result
from tests.collection.documented import returned
from tests.collection.entity_values import ENTITIES, by_key, naming, new, options, plant, told, ways, writable
from tests.collection.pages.test_docs_results import check
from tests.collection.property_values import CANARY, given, holds, identifying
from tests.collection.shipped import as_a_module

Task = Callable[..., Result]
every = pytest.mark.parametrize("name", ENTITIES)
changeable = pytest.mark.parametrize("name", [name for name, it in ENTITIES.items() if it.can_update])
#: Entities that an action creates have separate tests.
creatable = pytest.mark.parametrize("name", [name for name, it in ENTITIES.items() if it.can_create and not it.making])
listing = pytest.mark.parametrize(
    "name", [name for name, it in ENTITIES.items() if it.can_update and any(prop.many for prop in options(it))]
)
called = pytest.mark.parametrize("name", [name for name, it in ENTITIES.items() if it.natural_keys])
#: Into how many tasks the options of a module are divided at most: each has its own where there are few.
TASKS = 8


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatedPbx]:
    with SimulatedPbx() as pbx:
        yield pbx


@pytest.fixture
def pbx(running: SimulatedPbx) -> SimulatedPbx:
    """The company as it is seeded: starting over takes a tenth of starting."""
    running.reset()
    return running


@pytest.fixture
def task(pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]) -> Task:
    """Tasks that never show a credential, whatever comes of them."""
    run = task_on(pbx)

    def watched(name: str, /, **options: Any) -> Result:
        result = run(name, **options)
        assert CANARY not in json.dumps([result.data, result.warnings]) or options.get("reveal_secrets")
        return result

    return watched


def chunks(properties: list[Property]) -> Iterator[list[Property]]:
    size = -(-len(properties) // TASKS) or 1
    for start in range(0, len(properties), size):
        yield properties[start : start + size]


def reading(name: str) -> dict[str, bool]:
    """Options with which an _info module returns all properties."""
    return {"reveal_secrets": True} if "secret=True" in repr(ENTITIES[name]) else {}


def removal(description: EntityDescription) -> list[dict[str, Any]]:
    """Options that remove an entity, if it can be removed."""
    return [{"state": "absent"}] if description.can_delete else []


def row_of(pbx: SimulatedPbx, description: EntityDescription, key: Any) -> dict[str, Any]:
    """Return the stored row."""
    [row] = [row for row in pbx.entities(description.entity_set) if row[description.key.name] == key]
    return row


def give_back(task: Task, pbx: SimulatedPbx, name: str, read: dict[str, Any], shown: dict[str, Any]) -> None:
    """Give a module what its _info module returned: nothing is changed, nothing is sent, nothing is said.

    Args:
        shown: the same without credentials, as the module returns it.
    """
    pbx.clear_log()
    if writable(ENTITIES[name]):
        back = task(name, **read)
        assert not back["changed"]
    else:  # it can only say that the one to be removed is as it was read
        back = task(name, **read, state="absent", check_mode=True)
        assert back["changed"]
    assert back[name] == shown
    assert back.warnings == []
    assert pbx.writes == []


@every
def test_what_is_seeded_can_be_given_back(name: str, pbx: SimulatedPbx, task: Task) -> None:
    description = ENTITIES[name]
    rows = task(f"{name}_info")[description.plural]
    assert len(rows) == len([row for row in pbx.entities(description.entity_set) if not is_hidden(row)])
    check(rows, returned(f"threecx_{name}_info")[description.plural], name)
    for row in rows:
        give_back(task, pbx, name, row, row)


@every
def test_what_is_read_can_be_given_back(name: str, pbx: SimulatedPbx, task: Task) -> None:
    """With something in every property; with its credentials too."""
    description = ENTITIES[name]
    key = by_key(description, plant(pbx, description))
    [shown] = task(f"{name}_info", **key)[description.plural]
    [whole] = task(f"{name}_info", **key, **reading(name))[description.plural]
    for read in (shown, whole):
        check([read], returned(f"threecx_{name}_info")[description.plural], name)
        give_back(task, pbx, name, read, shown)


@changeable
def test_each_option_changes_what_it_says(name: str, pbx: SimulatedPbx, task: Task) -> None:
    description = ENTITIES[name]
    planted = plant(pbx, description)
    key = by_key(description, planted)
    path = f"/xapi/v1/{description.entity_set}("
    so_already: dict[str, Any] = {}
    for chunk in chunks(options(description)):
        changing = {prop.option: given(prop) for prop in chunk}
        wanted = so_already | changing
        before = row_of(pbx, description, planted[description.key.name])
        pbx.clear_log()

        would = task(name, **key, **wanted, check_mode=True)
        assert would["changed"], wanted
        assert pbx.writes == []
        assert row_of(pbx, description, planted[description.key.name]) == before

        changed = task(name, **key, **wanted)
        assert changed["changed"]
        assert holds(changed[name], wanted)
        assert set(changed["diff"]["after"]) == set(would["diff"]["after"]) == set(changing)
        [write] = pbx.writes
        assert (write.method, write.path[: len(path)]) == ("PATCH", path)
        assert set(json.loads(write.body)) == {prop.name for prop in chunk}, "only what differs is sent"
        assert ("if-match" in write.headers) == ("no-etags" not in pbx.traits)
        stored = row_of(pbx, description, planted[description.key.name])
        known = {
            prop.name for prop in description.properties if not prop.order_only
        }  # what is omitted may follow from them, as names from ids
        assert {prop for prop in known if stored[prop] != before[prop]} == {prop.name for prop in chunk}

        again = task(name, **key, **wanted)
        assert not again["changed"], wanted
        assert len(pbx.writes) == 1
        so_already = changing
        check(changed[name], returned(f"threecx_{name}")[name], name)
        check(changed["diff"], returned(f"threecx_{name}")["diff"], "diff")


@listing
def test_lists_are_added_to_and_taken_from(name: str, pbx: SimulatedPbx, task: Task) -> None:
    description = ENTITIES[name]
    planted = plant(pbx, description)
    key = by_key(description, planted)
    lists = [prop for prop in options(description) if prop.many and not prop.standing]
    items = {prop.option: given(prop) for prop in lists}

    def held() -> dict[str, Any]:
        row = row_of(pbx, description, planted[description.key.name])
        return {prop.option: _meaning(_items(row[prop.name])) for prop in lists}

    before = held()
    in_departments = any(prop.name == "Groups" and "GroupId" in prop.item_key for prop in lists)
    ids = _memberships(pbx, planted) if in_departments else {}
    for mode, more in (("add", 1), ("remove", 0)):
        pbx.clear_log()
        assert task(name, **key, **items, lists=mode, check_mode=True)["changed"]
        assert pbx.writes == []
        assert task(name, **key, **items, lists=mode)["changed"]
        sent = json.loads(pbx.writes[0].body)
        assert set(sent) == {prop.name for prop in lists}
        kept = {group["GroupId"]: group.get("Id") for group in sent["Groups"]} if in_departments else {}
        assert {department: kept[department] for department in ids} == ids, "each goes back with its id"
        assert {option: len(stored) - more for option, stored in held().items()} == {
            option: len(stored) for option, stored in before.items()
        }
        assert not task(name, **key, **items, lists=mode)["changed"]
        assert len(pbx.writes) == 1
    assert held() == before


def _memberships(pbx: SimulatedPbx, row: dict[str, Any]) -> dict[int, int]:
    """The ids of the memberships that the PBX answers, by the ids of their departments."""
    of_its_own = "membership-rows" in pbx.traits
    groups = memberships(pbx._store, row) if of_its_own else row.get("Groups") or []
    return {group["GroupId"]: group["Id"] for group in groups}


def _meaning(stored: Any) -> Any:
    """Normalise a stored value: builds differ in null and empty text, and in the fields of a membership row."""
    if isinstance(stored, list):
        return [_meaning(item) for item in stored]
    if isinstance(stored, dict):
        if "GroupId" in stored:
            return {"GroupId": stored["GroupId"], "Rights": stored.get("Rights")}
        return {name: _meaning(value) for name, value in stored.items()}
    return None if stored == "" else stored


def _items(stored: Any) -> list[Any]:
    """The items of a list; of a text that holds one, an element of its XML for each."""
    return re.findall(r"<BLF .*?(?:/>|</BLF>)", stored) if isinstance(stored, str) else stored


@changeable
def test_what_is_not_stored_is_noticed(name: str, pbx: SimulatedPbx, task: Task) -> None:
    description = ENTITIES[name]
    key = by_key(description, plant(pbx, description))
    # Of a credential the PBX says only that there is one.
    wanted = {prop.option: given(prop) for prop in options(description) if prop.kind != "concealed"}
    pbx.fail(f"/{description.entity_set}", method="PATCH", status=204, body="")
    dropped = task(name, **key, **wanted)
    assert "accepted the write" in dropped.msg
    for option in wanted:
        assert option in dropped.msg


@creatable
def test_one_is_made_of_everything_that_can_be_said(name: str, pbx: SimulatedPbx, task: Task) -> None:
    description = ENTITIES[name]
    wanted = new(description)
    there = len(pbx.entities(description.entity_set))

    would = task(name, **wanted, **told(description), check_mode=True)
    assert would["changed"]
    assert holds(would[name], wanted)
    assert pbx.writes == []

    made = task(name, **wanted, **told(description))
    assert made["changed"]
    assert holds(made[name], wanted)
    assert made["diff"]["before"] == {}
    [write] = pbx.writes
    assert (write.method, write.path) == ("POST", f"/xapi/v1/{description.entity_set}")
    sent = {prop.name for prop in description.properties if prop.option in wanted}
    assert sent <= set(json.loads(write.body))
    assert len(pbx.entities(description.entity_set)) == there + 1

    again = task(name, **wanted, **told(description))
    assert not again["changed"]
    assert again.warnings == []
    assert len(pbx.writes) == 1
    check(made[name], returned(f"threecx_{name}")[name], name)


@pytest.mark.parametrize("name", [name for name in ENTITIES if ENTITIES[name].can_delete])
def test_it_is_removed_once(name: str, pbx: SimulatedPbx, task: Task) -> None:
    description = ENTITIES[name]
    planted = plant(pbx, description)
    key = by_key(description, planted)
    left = [row for row in pbx.entities(description.entity_set) if row[description.key.name] not in key.values()]

    would = task(name, **key, state="absent", check_mode=True)
    assert would["changed"]
    assert pbx.writes == []

    gone = task(name, **key, state="absent")
    assert gone["changed"]
    assert gone[name] == would[name]
    assert gone["diff"] == would["diff"]
    assert gone["diff"]["after"] == {}
    [write] = pbx.writes
    assert (write.method, write.body) == ("DELETE", b"")
    assert write.headers.get("if-match") == gone[name].get("etag")
    assert ("if-match" in write.headers) == ("no-etags" not in pbx.traits)
    assert pbx.entities(description.entity_set) == left

    again = task(name, **key, state="absent")
    assert again.data == {"changed": False}
    assert len(pbx.writes) == 1
    check(gone[name], returned(f"threecx_{name}")[name], name)


@every
def test_a_stale_etag_is_refused(name: str, pbx: SimulatedPbx, task: Task) -> None:
    pbx.traits = pbx.traits - {"no-etags"}
    description = ENTITIES[name]
    key = by_key(description, plant(pbx, description))
    before = pbx.entities(description.entity_set)
    asked = removal(description)
    if description.can_update:
        asked.append({prop.option: given(prop) for prop in options(description)})
    for check_mode in (True, False):
        for wanted in asked:
            refused = task(name, **key, **wanted, if_match='W/"stale"', check_mode=check_mode)
            assert "Nothing was changed" in refused.msg
            assert refused["status"] == 412
    assert pbx.entities(description.entity_set) == before


@every
def test_a_refused_write_shows_no_credential(name: str, pbx: SimulatedPbx, task: Task) -> None:
    """Try every error of the PBX and every lost race; `task` searches all output for planted and given credentials."""
    description = ENTITIES[name]
    key = by_key(description, plant(pbx, description))
    wanted = {prop.option: given(prop) for prop in options(description)} if description.can_update else {}
    steps = [*({**key, **gone} for gone in removal(description)), *([{**key, **wanted}] if wanted else [])]
    if description.can_create:
        steps.append(new(description) | told(description))
    for step in steps:
        for status in (400, 412, 500):
            # Whichever way it is read: a PBX that refuses several $expands at a time is asked for them one by one.
            pbx.fail(f"/{description.entity_set}", method=None, status=status, times=99)
            assert task(name, **step)["status"] == status
            pbx._faults.clear()
            for method in ("POST", "PATCH", "DELETE"):
                pbx.fail(f"/{description.entity_set}", method=method, status=status, times=1)
            assert task(name, **step)["status"] == status
            pbx._faults.clear()


@every
def test_it_does_the_same_in_a_process_of_its_own(
    name: str, pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    description = ENTITIES[name]
    planted = plant(pbx, description)
    key = by_key(description, planted)
    wanted = key | {prop.option: given(prop) for prop in options(description)} if description.can_update else {}
    steps = [
        (f"{name}_info", key),
        *([(name, wanted), (name, wanted), (name, {**wanted, "if_match": 'W/"stale"'})] if wanted else []),
        *([(name, new(description) | told(description))] if description.can_create else []),
        *((name, {**key, **gone}) for gone in removal(description) * 2),
    ]

    def without_etags(result: dict[str, Any]) -> dict[str, Any]:
        shown = [result.get(name, {}), *result.get(description.plural, [])]
        return {
            **result,
            name: [{k: v for k, v in one.items() if k != "etag"} for one in shown],
            description.plural: None,
        }

    begin = pbx.snapshot()
    here = [task(step, **given).data for step, given in steps]
    sent = [(write.method, write.path, write.body) for write in pbx.writes]
    pbx.restore(begin)
    pbx.clear_log()
    _client.forget()
    shipped = [as_a_module(step, pbx, monkeypatch, capsys, **given) for step, given in steps]
    assert [without_etags(result) for result in shipped] == [without_etags(result) for result in here]
    assert [(write.method, write.path, write.body) for write in pbx.writes] == sent


@called
def test_what_none_is_called(name: str, pbx: SimulatedPbx, task: Task) -> None:
    description = ENTITIES[name]
    properties = {prop.name: prop for prop in description.properties}
    for natural in description.natural_keys:
        nobody = {natural.option: identifying(properties[natural.name])}
        assert task(f"{name}_info", **nobody)[description.plural] == []
        for gone in removal(description):
            assert task(name, **nobody, **gone).data == {"changed": False}
        if writable(description) and not description.can_create:
            assert f"There is no {description.label}" in task(name, **nobody).msg
    assert pbx.writes == []


@called
def test_what_several_are_called(name: str, pbx: SimulatedPbx, task: Task) -> None:
    description = ENTITIES[name]
    rows = [plant(pbx, description), plant(pbx, description)]
    keys = [str(row[description.key.name]) for row in rows]
    for way in ways(description):
        same = {key.name: rows[0][key.name] for key in way}
        for row in rows:  # behind the back of the PBX, which might not have it
            pbx._store.amend(description.entity_set, row[description.key.name], same)
        both = {key.option: same[key.name] for key in way}
        assert len(task(f"{name}_info", **both)[description.plural]) == len(rows)
        for step in [*removal(description), *([{"state": "present"}] if writable(description) else [])]:
            refused = task(name, **both, **step)
            assert "means 2 of them" in refused.msg
            assert all(f"{description.label} {key}" in refused.msg for key in keys)
            assert refused["target"] == way[0].option
    assert pbx.writes == []


def test_nothing_is_left_out() -> None:
    """Every property of every entity is named, changed, made or filled by the PBX."""
    for description in ENTITIES.values():
        reached = {prop.option for prop in options(description)} | set(new(description))
        names = naming(description)
        for prop in description.properties:
            # A task only sets the order of separate objects; see test_routing_order.
            filled = prop.read_only or prop.order_only or prop.name in names or not description.can_update
            assert prop.option in reached or filled, f"{description.name}.{prop.option}"
