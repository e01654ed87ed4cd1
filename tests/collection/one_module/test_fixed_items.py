"""Lists whose items are always there: one is changed, and a misspelt key never makes another one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.entity_values import ENTITIES, by_key, told
from tests.collection.every_module.test_check_mode_results import least

Task = Callable[..., Any]
#: Every list of that kind: module, property, the key of an item as people may write it by mistake, and what was meant.
MISSPELT = {("user", "forwarding_profiles"): ("Avaliable", "Available"), ("group", "rights"): ("manager", "managers")}
FIXED = [(name, prop) for name, entity in ENTITIES.items() for prop in entity.properties if prop.standing]


def test_every_such_list_is_tried() -> None:
    assert {(name, prop.option) for name, prop in FIXED} == set(MISSPELT)


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_misspelt_key_is_refused_before_anything_is_sent(check_mode: bool, pbx: SimulatedPbx, task: Task) -> None:
    for name, prop in FIXED:
        description = ENTITIES[name]
        written, meant = MISSPELT[name, prop.option]
        field = next(field.option for field in prop.fields if field.name in prop.item_key)
        row = next(row for row in pbx.entities(description.entity_set) if row[prop.name])
        new = {**least(name), **told(description)}
        for target in (by_key(description, row), new):
            for lists in ("replace", "add"):
                for key, hint in (
                    (written, f"did you mean {meant}?"),
                    (meant.upper(), f"did you mean {meant}?"),
                    ("xyz", "."),
                ):
                    wanted = {prop.option: [{field: meant}, {field: key}], "lists": lists}
                    refused = task(name, **target, **wanted, check_mode=check_mode)
                    assert f"{prop.option}[1].{field}: there is no {key} on" in refused.msg
                    assert hint in refused.msg
                    assert meant in refused.msg
                    assert pbx.writes == []


def test_a_new_user_keeps_all_five_profiles(pbx: SimulatedPbx, task: Task) -> None:
    wanted = {"number": "179", "forwarding_profiles": [{"name": "Away", "custom_message": "Back at two"}]}
    would = task("user", **wanted, check_mode=True)
    made = task("user", **wanted)
    assert made["changed"]
    assert [
        {option: value for option, value in profile.items() if value is not None}
        for profile in would["diff"]["after"]["forwarding_profiles"]
    ] == wanted["forwarding_profiles"], "only what is given has a value: the PBX fills in the rest"
    profiles = {profile["name"]: profile for profile in made["user"]["forwarding_profiles"]}
    assert list(profiles) == ["Available", "Away", "Out of office", "Custom 1", "Custom 2"]
    assert profiles["Away"]["custom_message"] == "Back at two"
    post, patch = pbx.writes
    assert "ForwardingProfiles" not in json.loads(post.body), "sent along, they would be all there are"
    assert len(json.loads(patch.body)["ForwardingProfiles"]) == 5
    assert not task("user", **wanted)["changed"]


def test_a_profile_of_a_new_user_leads_to_another_number(pbx: SimulatedPbx, task: Task) -> None:
    """The profiles are sent after the creation, which makes uncertain what was known of other numbers."""
    route = {"no_answer_internal": {"to": "Extension", "number": "100"}}
    wanted = {"number": "179", "forwarding_profiles": [{"name": "Available", "available_route": route}]}
    made = task("user", **wanted)
    [profile] = [one for one in made["user"]["forwarding_profiles"] if one["name"] == "Available"]
    assert profile["available_route"]["no_answer_internal"]["number"] == "100"
    assert [write.method for write in pbx.writes] == ["POST", "PATCH"]
    assert not task("user", **wanted)["changed"]


def test_a_pbx_without_another_one_is_asked_afterwards(pbx: SimulatedPbx, task: Task) -> None:
    for row in pbx.entities("Users"):
        pbx.remove("Users", row["Id"])
    failed = task("user", number="179", forwarding_profiles=[{"name": "Avaliable"}])
    assert "Avaliable" in failed.msg
    [user] = pbx.entities("Users")
    assert len(user["ForwardingProfiles"]) == 5
    assert failed.data["changed"] is True, "the user was created"
