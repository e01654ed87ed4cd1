"""If names of references cannot be read, names are never compared with ids, and nothing is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pbx_as_code.description import EntityDescription, Property, SettingsDescription
from pbx_as_code.engine import connection as _client
from pbx_simulator import SimulatedPbx
from tests.collection.entity_values import ENTITIES, by_key, plant
from tests.collection.property_values import given
from tests.collection.tree import OF_ENTITIES
from tests.descriptions import described

Task = Callable[..., Any]
SALES = {"number": "GRP2", "name": "Sales"}
#: Of which a client says more than "you may not": it is not known what things are called.
FAILING: dict[str, dict[str, Any]] = {
    "500 once": {"n": 1, "status": 500},
    "502 from a proxy": {"from": 1, "status": 502, "body": "<html><title>Bad gateway</title></html>"},
    "reset": {"from": 1, "disconnect": "before"},
    "HTML with 200": {"n": 1, "status": 200, "body": "<html><title>Sign in</title></html>"},
    "half a JSON": {"n": 1, "cut": 0.5},
    "busy": {"from": 1, "status": 429},
}
REFUSED = {"403": 403, "404": 404}


def listed(prop: Property) -> Iterator[str]:
    """The entity sets that must be listed to know what is in this option."""
    if prop.reference is not None and prop.reference.stores != prop.reference.names[0]:
        yield prop.reference.entity_set
    for field in prop.fields:
        yield from listed(field)


#: Every option that refers to others by an id: name of the module, the property, where those are listed.
OPTIONS = [
    (name, prop, entity_set)
    for name, description in ENTITIES.items()
    for prop in description.properties
    if not prop.read_only
    for entity_set in dict.fromkeys(listed(prop))
]


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    from threecx_xapi.client import XapiClient

    monkeypatch.setattr(XapiClient, "_sleep", staticmethod(lambda _seconds: None))


@pytest.fixture
def task(task: Task) -> Task:
    """Give each task a new client, so that no task knows names that an earlier one has read."""

    def run(name: str, /, **options: Any) -> Any:
        _client.forget()
        return task(name, **options)

    return run


def failing(entity_set: str, what: dict[str, Any]) -> dict[str, Any]:
    return {"faults": [{"path": f"/v1/{entity_set}$", "method": "GET", **what}]}


def test_the_loop_below_goes_over_every_one() -> None:
    assert len({name for name, *_ in OPTIONS}) >= 11
    assert len(OPTIONS) >= 17


@pytest.mark.parametrize("fault", FAILING)
def test_an_error_is_never_taken_for_a_lack_of_rights(fault: str, pbx: SimulatedPbx, task: Task) -> None:
    wrong = []
    for name, prop, entity_set in OPTIONS:
        row = plant(pbx, ENTITIES[name])
        before = pbx.snapshot()
        every = ("replace", "add", "remove") if fault == "500 once" else ("remove",)
        for lists in every if prop.many else (None,):
            pbx.go_by(failing(entity_set, FAILING[fault]))
            more = {"lists": lists} if lists else {}
            result = task(name, **by_key(ENTITIES[name], row), **{prop.option: given(prop)}, **more)
            pbx.go_by(None)
            if not result.data.get("failed") or result.data["changed"] or pbx.writes:
                wrong.append((name, prop.option, lists, result.data.get("msg"), [str(w.body) for w in pbx.writes]))
                pbx.restore(before)
                pbx.clear_log()
    assert wrong == []


@pytest.mark.parametrize("fault", REFUSED)
def test_an_option_whose_names_may_not_be_read_fails_and_others_work(fault: str, pbx: SimulatedPbx, task: Task) -> None:
    wrong = []
    for name, prop, entity_set in OPTIONS:
        row = plant(pbx, ENTITIES[name])
        # Once: that the second look-up succeeds makes no names of the ids that were read before it. Always comes first:
        # from then on it is known that no new token helps against a 403, so one that is met once is not repeated with
        # another.
        for what in ({"from": 1, "status": REFUSED[fault]}, {"n": 1, "status": REFUSED[fault]}):
            for lists in ("add", "remove") if prop.many else (None,):
                pbx.go_by(failing(entity_set, what))
                more = {"lists": lists} if lists else {}
                result = task(name, **by_key(ENTITIES[name], row), **{prop.option: given(prop)}, **more)
                if not result.data.get("failed") or result.data["changed"] or pbx.writes:
                    wrong.append((name, prop.option, lists, result.data.get("msg"), pbx.writes))
                    pbx.clear_log()
        pbx.go_by(failing(entity_set, {"from": 1, "status": REFUSED[fault]}))
        untouched = task(name, **by_key(ENTITIES[name], row))
        assert untouched["changed"] is False
        pbx.go_by(None)
    assert wrong == []


def test_the_member_of_a_department_stays_in_it_and_is_not_stored_twice(pbx: SimulatedPbx, task: Task) -> None:
    task("user", number="103", groups=[{"group": "Sales"}], lists="add")
    before = [row for row in pbx.entities("Users") if row["Number"] == "103"]
    for lists, group in (("remove", "Sales"), ("add", "DEFAULT")):
        pbx.clear_log()
        pbx.go_by(failing("Groups", {"n": 1, "status": 500}))
        failed = task("user", number="103", groups=[{"group": group}], lists=lists)
        pbx.go_by(None)
        assert "departments could not be read" in failed.msg.lower()
        assert failed["status"] == 500
        assert pbx.writes == []
    assert [row for row in pbx.entities("Users") if row["Number"] == "103"] == before
    assert task("user", number="103", groups=[{"group": "Sales"}], lists="remove")["changed"]


def test_ids_that_are_there_already_can_be_given_where_names_may_not_be_read(pbx: SimulatedPbx, task: Task) -> None:
    pbx.go_by(failing("Groups", {"from": 1, "status": 403}))
    [user] = task("user_info", number="103")["users"]
    assert [group["group"] for group in user["groups"]] == ["1"]
    assert any("cannot be read" in warning for warning in task("user_info", number="103").warnings)
    assert not task("user", number="103", groups=[{"group": "1"}])["changed"]
    assert "not allowed" in task("user", number="103", groups=[{"group": "1"}, {"group": "2"}]).msg
    assert pbx.writes == []


def test_settings_that_refer_to_others_are_no_exception(pbx: SimulatedPbx, task: Task) -> None:
    settings = [
        (entity.name, prop, entity_set)
        for entity in (described(name) for name in OF_ENTITIES if not name.endswith("_info"))
        if isinstance(entity, SettingsDescription)
        for prop in entity.properties
        for entity_set in dict.fromkeys(listed(prop))
    ]
    for name, prop, _ in settings:
        names = ["Company Prompt Set", "English Prompt Set"]
        assert any(task(name, **{prop.option: one})["changed"] for one in names)
        pbx.clear_log()
        for one in names:
            reading = [re.escape(request.path) for request in pbx.requests if request.path.endswith("PromptSets")]
            pbx.go_by(failing(reading[0].rpartition("/")[2] if reading else "PromptSets", {"n": 1, "status": 500}))
            assert task(name, **{prop.option: one}).msg
        pbx.go_by(None)
        assert pbx.writes == []


class TestDeleted:
    """A PBX may keep the number of what was deleted; what leads there is told, and stays as it is."""

    def test_every_option_that_refers_to_a_number_or_an_id_says_so(self, pbx: SimulatedPbx, task: Task) -> None:
        silent = []
        for name, description in ENTITIES.items():
            if not isinstance(description, EntityDescription) or not description.can_update:
                continue
            for prop in description.properties:
                if not set(referred(prop)):
                    continue
                row = plant(pbx, description)
                if prop.encoding:  # the key that is planted leads nowhere
                    led = {"position": 1, "type": "BLF", "extension": "200"}
                    assert task(name, **by_key(description, row), **{prop.option: [led]})["changed"]
                [shown] = [
                    one
                    for value in task(f"{name}_info", **by_key(description, row)).data.values()
                    if isinstance(value, list)
                    for one in value
                ]
                if not shown.get(prop.option):
                    continue
                options = {**by_key(description, row), prop.option: shown[prop.option]}
                told = task(name, **options)
                assert told["changed"] is False
                assert not any("any more" in warning for warning in told.warnings), told.warnings
                snapshot = pbx.snapshot()
                # No longer listed, but still referred to.
                for entity_set in set(referred(prop)):
                    pbx.fail(f"/v1/{entity_set}$", status=200, body={"@odata.count": 0, "value": []}, times=None)
                told = task(name, **options)
                pbx.go_by(None)
                pbx.restore(snapshot)
                if told.data.get("failed"):
                    assert "There is no" in told.msg or "there is no" in told.msg
                elif not any("any more" in warning for warning in told.warnings):
                    silent.append((name, prop.option, told.data, told.warnings))
        assert silent == []


def referred(prop: Property) -> Iterator[str]:
    """The entity sets that an option refers to."""
    if prop.read_only:
        return
    if prop.reference is not None:
        yield prop.reference.entity_set
    for field in prop.fields:
        yield from referred(field)


@pytest.mark.parametrize("fault", FAILING)
def test_results_never_show_ids_because_of_an_error(fault: str, pbx: SimulatedPbx, task: Task) -> None:
    for kind, entity_set in (("user", "Groups"), ("outbound_rule", "Trunks"), ("holiday", "Groups")):
        what = {"from": 1, **{name: value for name, value in FAILING[fault].items() if name != "n"}}
        pbx.go_by(failing(entity_set, what))
        assert task(f"{kind}_info").msg, (kind, fault)
        pbx.go_by(None)


def test_an_id_that_an_empty_list_leaves_unnamed_is_told(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[[SimulatedPbx], Task]
) -> None:
    for module, options, entity_set, label in (
        ("user_info", {"number": "100"}, "Groups", "department"),
        ("user", {"number": "100", "mobile": "+15550199"}, "Groups", "department"),
        ("outbound_rule_info", {}, "Trunks", "trunk"),
    ):
        pbx = pbx_factory(traits=("strict-odata",) if entity_set == "Trunks" else ("as-seen",))
        pbx.go_by({"faults": [{"path": f"/{entity_set}$", "method": "GET", "status": 200, "body": {"value": []}}]})
        [warning] = task_on(pbx)(module, **options).warnings
        assert f"lists no {label} with Id " in warning
        assert "may not see it" in warning
        pbx.go_by(None)
        _client.forget()
        assert task_on(pbx)(module, **options).warnings == []


def test_an_object_whose_key_is_none_is_no_mistake_of_ours(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[[SimulatedPbx], Task]
) -> None:
    """`make fuzz` found it: nulls are kept by the key of an object."""
    for module, entity_set, row in (
        ("peer_info", "Peers", {"Hidden": None, "Number": "1"}),
        ("blocklist_address_info", "Blocklist", {"AddedBy": None, "BlockType": None}),
        ("user_info", "Users", {"Number": "1", "Enabled": None, "SendEmailMissedCalls": None}),
    ):
        keys: tuple[Any, ...] = ({}, ["a", True], None, 1.5)
        for key in keys:
            pbx = pbx_factory()
            body = {"value": [{**row, "Id": key}]}
            pbx.go_by({"faults": [{"path": f"/{entity_set}$", "method": "GET", "status": 200, "body": body}]})
            assert "mistake" not in str(task_on(pbx)(module).data)
            _client.forget()
