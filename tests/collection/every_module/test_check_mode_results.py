"""A playbook that uses results works in check mode too: every key of a real result is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.entity_values import ENTITIES, by_key, new, options, plant, told
from tests.collection.property_values import given, identifying

Task = Callable[..., Any]


def keys(value: Any, within: str = "") -> Iterator[str]:
    """Return the paths of all keys."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield within + name
            yield from keys(inner, f"{within}{name}.")
    elif isinstance(value, list):
        for item in value:
            yield from keys(item, f"{within[:-1]}[].")


def least(name: str) -> dict[str, Any]:
    """As few options as one can be created with."""
    description = ENTITIES[name]
    needed = {*description.required_for_create, *(key.option for key in description.natural_keys[:1])}
    needed |= {key.option for key in description.natural_keys} if description.together else set()
    names = {key.name for key in description.natural_keys} | {description.key.name}
    return {
        prop.option: identifying(prop) if prop.name in names else given(prop)
        for prop in description.properties
        if prop.option in needed or (prop.name == description.key.name and not prop.read_only)
    }


@pytest.mark.parametrize("much", [False, True])
def test_creation(much: bool, pbx: SimulatedPbx, task: Task) -> None:
    missing: dict[str, set[str]] = {}
    for name, description in ENTITIES.items():
        if not description.can_create or description.making is not None:
            continue
        wanted = {**(new(description) if much else least(name)), **told(description)}
        would = task(name, **wanted, check_mode=True)
        real = task(name, **wanted)
        assert would["changed"] == real["changed"] is True, name
        missing[name] = set(keys(real[name])) - set(keys(would[name]))
        if description.key.name == "Id" and description.key.kind == "int":
            assert would[name]["id"] is None
        assert would["diff"]["after"].keys() <= real["diff"]["after"].keys(), "no noise in the diff"
    assert {name: lacks for name, lacks in missing.items() if lacks} == {}


def test_a_change_and_a_removal(pbx: SimulatedPbx, task: Task) -> None:
    missing: dict[str, set[str]] = {}
    for name, description in ENTITIES.items():
        row = plant(pbx, description)
        key = by_key(description, row)
        changing = next((prop for prop in options(description) if not prop.fields), None)
        if description.can_update and changing is not None:
            wanted = {**key, changing.option: given(changing)}
            would, real = task(name, **wanted, check_mode=True), task(name, **wanted)
            missing[name] = set(keys(real[name])) - set(keys(would[name]))
        if description.can_delete:
            would, real = task(name, **key, state="absent", check_mode=True), task(name, **key, state="absent")
            missing[f"{name} absent"] = set(keys(real[name])) - set(keys(would[name]))
    assert {name: lacks for name, lacks in missing.items() if lacks} == {}


def test_a_backup(pbx: SimulatedPbx, task: Task) -> None:
    would, real = task("backup", file_name="x", check_mode=True), task("backup", file_name="x")
    assert set(keys(real["backup"])) <= set(keys(would["backup"]))


def test_what_is_within_another_one(pbx: SimulatedPbx, task: Task) -> None:
    wanted = {"number": "100", "name": "ROUTE", "value": "x"}
    would, real = task("dn_property", **wanted, check_mode=True), task("dn_property", **wanted)
    assert set(keys(real["dn_property"])) <= set(keys(would["dn_property"]))
