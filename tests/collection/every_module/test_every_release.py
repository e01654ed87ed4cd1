"""Every module on the older releases: what is read can be given back, what is there can be set, what is not is refused.

The newest release has test_settings and test_entities; here no module is named either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from pbx_as_code.description import Description, EntityDescription, Property
from pbx_as_code.engine.options.option_specs import takes_rename
from pbx_simulator import SimulatedPbx
from tests.collection import entity_values, settings_values
from tests.collection.conftest import Result
from tests.collection.entity_values import ENTITIES
from tests.collection.every_module.test_lists import window
from tests.collection.property_values import can_differ, given, holds
from tests.collection.settings_values import SETTINGS
from tests.collection.tree import OF_ENTITIES
from tests.descriptions import described

Task = Callable[..., Result]
CHANGEABLE: dict[str, Description] = {**SETTINGS, **ENTITIES}
LOOKED_AT = sorted(
    name for name in OF_ENTITIES if name.endswith("_info") and name.removesuffix("_info") not in OF_ENTITIES
)


@pytest.fixture(scope="module", params=["20.0.5", "20.0.8"])
def running(request: pytest.FixtureRequest) -> Iterator[SimulatedPbx]:
    with SimulatedPbx(release=request.param) as pbx:
        yield pbx


@pytest.fixture
def pbx(running: SimulatedPbx) -> SimulatedPbx:
    """The company as it is seeded."""
    running.reset()
    return running


def number(release: str) -> tuple[int, ...]:
    return tuple(map(int, release.split(".")))


def lacks(pbx: SimulatedPbx, since: str | None) -> bool:
    return since is not None and number(pbx.release) < number(since)


def there(properties: tuple[Property, ...], pbx: SimulatedPbx) -> tuple[Property, ...]:
    """The properties as the release has them, down to the choices."""
    return tuple(
        replace(
            prop,
            fields=there(prop.fields, pbx),
            choices=tuple(choice for choice in prop.choices if not lacks(pbx, dict(prop.newer).get(choice))),
        )
        for prop in properties
        if not lacks(pbx, prop.since)
    )


def missing(properties: tuple[Property, ...], pbx: SimulatedPbx) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Options that the release lacks, at every depth: the option with a value, what the refusal names, since when."""
    for prop in properties:
        if prop.read_only:
            continue
        if lacks(pbx, prop.since):
            yield {prop.option: given(prop)}, prop.option, str(prop.since)
            continue
        for member, since in prop.newer:
            if lacks(pbx, since):
                several = prop.many or prop.kind == "flags"
                yield {prop.option: [member] if several else member}, f"{prop.option} {member}", since
        within = f"{prop.option}[0]." if prop.many else f"{prop.option}."
        for inner, named, since in missing(prop.fields, pbx):
            if prop.many:  # whose items must say which they are
                keys = {field.option: given(field) for field in prop.fields if field.name in prop.item_key}
                yield {prop.option: [keys | inner]}, within + named, since
            else:
                yield {prop.option: inner}, within + named, since


def refusal(pbx: SimulatedPbx, what: str, since: str | None) -> str:
    return f"{what} needs 3CX {since}, this one is {pbx.release} ("


def naming(pbx: SimulatedPbx, description: Description) -> dict[str, Any]:
    """The options that say which one is meant."""
    if isinstance(description, EntityDescription):
        return entity_values.by_key(description, entity_values.plant(pbx, description))
    settings_values.plant(pbx, description)
    return {}


def as_there(pbx: SimulatedPbx, description: Description) -> Any:
    return replace(description, properties=there(description.properties, pbx))


@pytest.mark.parametrize("name", CHANGEABLE)
def test_what_is_seeded_can_be_given_back(
    name: str, pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]
) -> None:
    task, description = task_on(pbx), CHANGEABLE[name]
    read = task(f"{name}_info")
    if lacks(pbx, description.since):
        assert read.msg.startswith(refusal(pbx, f"The module threecx_{name}", description.since))
        return
    newer = {prop.option for prop in description.properties if lacks(pbx, prop.since)}
    for row in read[description.plural] if isinstance(description, EntityDescription) else [read[name]]:
        assert not set(row) & newer
        pbx.clear_log()
        if not isinstance(description, EntityDescription) or entity_values.writable(description):
            back = task(name, **row)
            assert not back["changed"]
        else:
            back = task(name, **row, state="absent", check_mode=True)
        assert back.warnings == []
        assert pbx.writes == []


@pytest.mark.parametrize("name", CHANGEABLE)
def test_what_is_there_can_be_set_and_what_is_not_is_refused(
    name: str, pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]
) -> None:
    task, description = task_on(pbx), CHANGEABLE[name]
    if lacks(pbx, description.since):
        failed = task(name, **{prop.option: given(prop) for prop in description.properties[:1]}, **_absent(description))
        assert failed.msg.startswith(refusal(pbx, f"The module threecx_{name}", description.since))
        assert pbx.writes == []
        return
    if isinstance(description, EntityDescription) and not description.can_update:
        return
    known = as_there(pbx, description)
    key = naming(pbx, known)
    for option, what, since in missing(description.properties, pbx):
        for check_mode in (True, False):
            assert refusal(pbx, what, since) in task(name, **key, **option, check_mode=check_mode).msg
        assert pbx.writes == []
    wanted = {
        prop.option: given(prop)
        for prop in known.properties
        if not (prop.read_only or prop.immutable or prop.order_only or prop.option in key) and can_differ(prop)
    }
    if takes_rename(description):
        wanted["rename"] = True
    changed = task(name, **key, **wanted)
    wanted.pop("rename", None)
    assert changed["changed"]
    assert holds(changed[name], wanted)
    assert len(pbx.writes) == 1
    assert not task(name, **key, **wanted)["changed"]


def _absent(description: Description) -> dict[str, str]:
    """Options that a module needs if it only removes."""
    only_removes = isinstance(description, EntityDescription) and not entity_values.writable(description)
    return {"state": "absent"} if only_removes else {}


@pytest.mark.parametrize("name", LOOKED_AT)
def test_what_can_only_be_looked_at(name: str, pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]) -> None:
    description: Description = described(name)
    read = task_on(pbx)(name.removeprefix("threecx_"), **window(name.removeprefix("threecx_")))
    if lacks(pbx, description.since):
        assert read.msg.startswith(refusal(pbx, f"The module {name}", description.since))
        return
    rows = read[description.plural if isinstance(description, EntityDescription) else description.name]
    newer = {prop.option for prop in description.properties if lacks(pbx, prop.since)}
    assert not newer & {option for row in (rows if isinstance(rows, list) else [rows]) for option in row}


def test_there_is_something_to_refuse(pbx: SimulatedPbx) -> None:
    """Of modules, options, options within options, and choices."""
    lacking = [one for one in CHANGEABLE.values() if lacks(pbx, one.since)]
    refused = [what for one in CHANGEABLE.values() if one not in lacking for _, what, _ in missing(one.properties, pbx)]
    assert lacking
    assert any("." in what for what in refused)
    assert any(" " in what for what in refused)
    assert any(what.isidentifier() for what in refused)
