"""Every option of every entity, given what nobody expects.

No module is named here: what the catalogue gains is tested by being there.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as driven_by
from hypothesis import strategies as st

from pbx_as_code.description import EntityDescription, Property
from tests.collection.entity_values import ENTITIES, by_key, new, options, plant, told
from tests.fuzz.faithful import Judge, integers_of, short
from tests.fuzz.judging import by_a_rule, judge, readable, refused
from tests.fuzz.running import Tasks
from tests.fuzz.texts import texts
from tests.fuzz.values import STRANGE, given
from tests.fuzz.wire import Wire
from tests.profiles import some, tries
from tests.shapes import of_each_kind_of_property

Row = dict[str, Any]
changeable = pytest.mark.parametrize(
    "name", some((name for name, it in ENTITIES.items() if it.can_update), of_each_kind_of_property)
)
#: Entities that an action creates have separate tests.
creatable = pytest.mark.parametrize(
    "name",
    some((name for name, it in ENTITIES.items() if it.can_create and not it.making), of_each_kind_of_property),
)
removable = pytest.mark.parametrize("name", [name for name, it in ENTITIES.items() if it.can_delete])


def some_of(properties: list[Property], most: int = 2) -> st.SearchStrategy[Row]:
    """A few of the options, each given anything."""
    chosen = st.lists(st.sampled_from(properties), min_size=1, max_size=most, unique_by=lambda prop: prop.option)
    return chosen.flatmap(lambda props: st.fixed_dictionaries({prop.option: given(prop) for prop in props}))


def settable(description: EntityDescription) -> list[Property]:
    """Everything that can be said of a new one; the number that only the PBX gives cannot."""
    return [prop for prop in description.properties if not prop.read_only]


def rows(tasks: Tasks, description: EntityDescription) -> dict[Any, Row]:
    """Return the stored rows by key."""
    return {row[description.key.name]: row for row in tasks.pbx.entities(description.entity_set)}


def hold(tasks: Tasks, description: EntityDescription, hostile: Row, stored: Row, was: Row | None = None) -> None:
    """Hold what is stored against what was given."""
    judging = Judge(tasks.pbx)
    for prop in description.properties:
        if prop.name == description.default_department and hostile.get(prop.option) in (None, ""):
            continue  # the department that a PBX fills in: this says nothing
        if prop.option in hostile:
            held = [] if was is None else [was.get(prop.name)]
            assert judging.agrees(prop, hostile[prop.option], stored[prop.name], held), (
                f"{prop.option}: {short(hostile[prop.option])} is stored as {short(stored[prop.name])}"
            )


@changeable
@tries(10)
@driven_by(data=st.data())
def test_one_is_changed(name: str, tasks: Tasks, data: st.DataObject) -> None:
    description, pbx = ENTITIES[name], tasks.pbx
    hostile = data.draw(some_of(options(description)))
    pbx.reset()
    planted = plant(pbx, description)
    asked = {**by_key(description, planted), **hostile}
    before = rows(tasks, description)
    which = planted[description.key.name]

    def faithful() -> None:
        now = rows(tasks, description)
        hold(tasks, description, hostile, now[which], before[which])
        assert {key: row for key, row in now.items() if key != which} == {
            key: row for key, row in before.items() if key != which
        }

    def unchanged() -> None:
        assert rows(tasks, description) == before

    judge(tasks, name, asked, hostile, faithful, unchanged)
    Wire(description).check(pbx.requests, asked, planted)


@creatable
@tries(6)
@driven_by(data=st.data())
def test_one_is_made_and_removed(name: str, tasks: Tasks, data: st.DataObject) -> None:
    description, pbx = ENTITIES[name], tasks.pbx
    hostile = data.draw(some_of(settable(description)))
    pbx.reset()
    asked = {**new(description), **told(description), **hostile}
    key = description.key
    before = rows(tasks, description)
    made: list[Any] = []

    def faithful() -> None:
        now = rows(tasks, description)
        made.extend(set(now) - set(before))
        assert len(made) < 2
        # Called like one that is there, it is that one.
        [stored] = [now[one] for one in made] or [row for which, row in now.items() if row != before[which]]
        hold(tasks, description, {option: value for option, value in hostile.items() if value is not None}, stored)

    def unchanged() -> None:
        assert rows(tasks, description) == before

    judge(tasks, name, asked, hostile, faithful, unchanged)
    Wire(description).check(pbx.requests, asked, [*before.values(), *rows(tasks, description).values()])
    for which in made if description.can_delete else ():
        pbx.clear_log()
        removed = tasks(name, {key.option: which, "state": "absent"})
        if removed.failed:  # the fax server, a department that is not empty
            by_a_rule(removed, which)
            continue
        assert removed.changed
        assert not tasks(name, {key.option: which, "state": "absent"}).changed
        assert rows(tasks, description) == before
        Wire(description).check(pbx.requests, {key.option: which}, which)


@removable
@tries(6)
@driven_by(data=st.data())
def test_nobody_is_called_so(name: str, tasks: Tasks, data: st.DataObject) -> None:
    """A key finds exactly the object it names, or none, so no other object is ever removed."""
    description, pbx = ENTITIES[name], tasks.pbx
    keys = (description.key, *description.natural_keys)
    key = data.draw(st.sampled_from(keys))
    value = data.draw(texts() | STRANGE)
    before = rows(tasks, description)
    pbx.clear_log()
    asked = {key.option: value, "state": "absent"}
    result = tasks(name, asked)
    if result.failed and not pbx.writes:
        refused(result, asked, {key.option: value})
    else:
        called = {str(value), *([f"{value}{key.ending}"] if key.ending else ())}
        called |= integers_of(value) if key.kind == "int" else set()
        gone = [row for which, row in before.items() if which not in rows(tasks, description)]
        assert result.changed == bool(gone)
        assert all(str(row[key.name]) in called for row in gone), f"{short(value)} has removed {gone}"
        if result.failed:  # the PBX keeps it: the default department, the fax server
            by_a_rule(result, asked)
            assert any(str(row[key.name]) in called for row in before.values()), short(value)
            assert rows(tasks, description) == before
        if gone:
            pbx.reset()
    Wire(description).check(pbx.requests, asked, [])


@pytest.mark.parametrize("name", [name for name, it in ENTITIES.items() if it.can_update or it.can_delete])
@tries(3)
@driven_by(data=st.data())
def test_a_version_is_one_line(name: str, tasks: Tasks, data: st.DataObject) -> None:
    """if_match is the only option that becomes a header."""
    description, pbx = ENTITIES[name], tasks.pbx
    value = data.draw(texts() | STRANGE)
    pbx.reset()
    planted = plant(pbx, description)
    before = rows(tasks, description)
    asked: Row = {**by_key(description, planted), "if_match": value}
    if description.can_delete:
        asked["state"] = "absent"
    else:
        asked |= {prop.option: given for prop, given in [(options(description)[0], None)]}
    result = tasks(name, asked)
    for request in pbx.requests:
        assert request.headers.get("if-match", value) == value or request.headers["if-match"].startswith('W/"')
    Wire(description).check(pbx.requests, asked, planted)
    readable(result, asked)
    # Without ETags, if_match protects nothing: see SECURITY.md.
    shown = value if isinstance(value, str) else short(value)
    if "no-etags" not in pbx.traits and value is not None and not set(shown) & set('"*'):
        assert rows(tasks, description) == before
