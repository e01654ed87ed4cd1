"""Hidden departments of favourites: sent back as they were, never compared, never shown, whatever a
PATCH does to them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.entity_values import ENTITIES
from tests.collection.tasks import Task

OnPbx = Callable[[SimulatedPbx], Task]
both = pytest.mark.parametrize("trait", ["favourites-kept", "favourites-dropped"])
#: Kinds of objects in the built-in seed that can be in departments, with their entity sets.
IN_DEPARTMENTS = {"user": "Users", "queue": "Queues", "ring_group": "RingGroups", "receptionist": "Receptionists"}


def memberships(pbx: SimulatedPbx, entity_set: str, number: str) -> list[int]:
    [row] = [row for row in pbx.entities(entity_set) if row["Number"] == number]
    return [group["GroupId"] for group in row["Groups"]]


def hidden_ids(pbx: SimulatedPbx) -> set[int]:
    return {row["Id"] for row in pbx.entities("Groups") if row["Name"].startswith("___FAVORITES___")}


def put_all_in_favourites(pbx: SimulatedPbx) -> int:
    """Put one of each kind in a hidden department; its id."""
    one = min(hidden_ids(pbx))
    for entity_set in IN_DEPARTMENTS.values():
        row = pbx.entities(entity_set)[0]
        others = [{"GroupId": group["GroupId"], "Rights": group["Rights"]} for group in row["Groups"] or ()]
        if one not in {group["GroupId"] for group in others}:
            pbx.put(entity_set, {"Id": row["Id"], "Groups": [*others, {"GroupId": one}]})
    return one


@both
@pytest.mark.parametrize("name", IN_DEPARTMENTS)
def test_a_change_of_departments_keeps_the_hidden_one(name: str, trait: str, task_on: OnPbx) -> None:
    entity_set = IN_DEPARTMENTS[name]
    with SimulatedPbx(traits=["as-seen", trait]) as pbx:
        task = task_on(pbx)
        hidden = put_all_in_favourites(pbx)
        number = pbx.entities(entity_set)[0]["Number"]
        departments = {row["Name"]: row["Id"] for row in pbx.entities("Groups")}
        for lists, groups, left in (
            ("replace", ["Sales"], {"Sales"}),
            ("add", ["Support"], {"Sales", "Support"}),
            ("remove", ["Sales"], {"Support"}),
            ("replace", ["Sales", "Support"], {"Sales", "Support"}),
        ):
            asked = {"number": number, "lists": lists, "groups": [{"group": group} for group in groups]}
            assert task(name, **asked, check_mode=True)["changed"]
            result = task(name, **asked)
            assert result["changed"], (lists, groups)
            assert not result.warnings
            assert "FAVORITES" not in json.dumps(result.data)
            assert set(memberships(pbx, entity_set, number)) == {hidden, *(departments[one] for one in left)}
            assert not task(name, **asked)["changed"], (lists, groups)
        again = task(f"{name}_info", number=number)
        assert "FAVORITES" not in json.dumps(again.data)
        [shown] = again[f"{name}s"]
        assert not task(name, number=number, groups=shown["groups"])["changed"]


@both
def test_the_membership_goes_back_as_it_was(trait: str, task_on: OnPbx) -> None:
    with SimulatedPbx(traits=["as-seen", trait, "membership-rows"]) as pbx:
        task = task_on(pbx)
        number = pbx.entities("Users")[0]["Number"]
        task("user_info", number=number)
        task("user", number=number, groups=[{"group": "Support"}])
        sent = json.loads(pbx.writes[-1].body)["Groups"]
        assert {"GroupId", "Id"} <= sent[-1].keys()
        assert sent[-1]["GroupId"] in hidden_ids(pbx)


@both
def test_an_older_result_that_names_it_can_be_given_back(trait: str, task_on: OnPbx) -> None:
    with SimulatedPbx(traits=[trait]) as pbx:
        task = task_on(pbx)
        user = pbx.entities("Users")[0]
        groups = [{"group": name} for name in ("Support", f"___FAVORITES___{user['Number']}")]
        assert task("user", number=user["Number"], groups=groups)["changed"]
        assert not task("user", number=user["Number"], groups=groups)["changed"]
        assert len(memberships(pbx, "Users", user["Number"])) == 2


@both
def test_departments_are_listed_without_them(trait: str, task_on: OnPbx) -> None:
    with SimulatedPbx(traits=["as-seen", trait]) as pbx:
        task = task_on(pbx)
        every = task("group_info")["groups"]
        assert {group["name"] for group in every} == {
            row["Name"] for row in pbx.entities("Groups") if row["Id"] not in hidden_ids(pbx)
        }
        assert len(task("group_info", limit=2)["groups"]) == 2
        assert len(task("group_info", filter="Id gt 0", order_by="Id desc", limit=2)["groups"]) == 2
        assert task("group_info", id=min(hidden_ids(pbx)))["groups"] == []
        name = f"___FAVORITES___{pbx.entities('Users')[0]['Number']}"
        for options in ({"name": name}, {"name": name, "state": "absent"}, {"number": "FGRP100"}):
            assert "hidden department" in task("group", **options).msg
        assert (
            "FAVORITES" not in task("user", number="100", groups=[{"group": "__FAVORITES__100"}]).msg.partition(";")[2]
        )
        assert pbx.writes == []


def test_whoever_may_not_list_departments_keeps_the_hidden_one_too(task_on: OnPbx) -> None:
    with SimulatedPbx(traits=["as-seen", "membership-rows"]) as pbx:
        task = task_on(pbx)
        number = pbx.entities("Users")[0]["Number"]
        pbx.fail(path="/Groups$", status=403)
        result = task("user_info", number=number)
        assert "FAVORITES" not in json.dumps(result.data)


def test_every_list_of_departments_is_known() -> None:
    """One deeper in a structure would have to be looked for there."""

    def lists(properties: Any, within: str) -> list[str]:
        found = [f"{within}{prop.name}" for prop in properties if prop.lists_departments]
        return found + [one for prop in properties for one in lists(prop.fields, f"{within}{prop.name}.")]

    everywhere = {one for entity in ENTITIES.values() for one in lists(entity.properties, "")}
    assert everywhere == {"Groups", "GroupIds", "PublicInfoGroups"}


def test_a_hidden_department_cannot_be_reached_in_any_way(task_on: OnPbx) -> None:
    with SimulatedPbx(traits=["as-seen"]) as pbx:
        task = task_on(pbx)
        one = min(hidden_ids(pbx))
        [row] = [row for row in pbx.entities("Groups") if row["Id"] == one]
        pbx.put("Groups", {"Id": 77, "Number": "FGRP977", "Name": "___FAVORITES___977"})  # nobody is in it
        pbx.clear_log()
        managing: tuple[dict[str, Any], ...] = (
            {"id": 77, "state": "absent"},
            {"id": 77, "name": "___FAVORITES___977", "language": "de"},
            {"number": "fgrp977", "state": "absent"},
            {"name": "___favorites___977"},
            {"name": " ___FAVORITES___977"},
        )
        for options in managing:
            for check_mode in (True, False):
                assert "is a hidden department" in task("group", **options, check_mode=check_mode).msg, options
        using: tuple[tuple[str, dict[str, Any]], ...] = (
            ("user", {"number": "101", "primary_group": row["Name"]}),
            ("user", {"number": "101", "primary_group": row["Number"]}),
            ("queue", {"number": "800", "forward_no_answer": {"to": "Extension", "number": row["Number"]}}),
        )
        for kind, options in using:
            assert "is a hidden department" in task(kind, **options).msg, options
        assert pbx.writes == []
        for kind in ("peer_info", "group_info"):
            assert not any(word in json.dumps(task(kind).data) for word in ("FAVORITES", "FGRP")), kind
