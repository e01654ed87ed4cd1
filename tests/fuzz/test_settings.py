"""Every option of every singleton, and of what a pair of calls reads and sets, given what nobody expects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as driven_by
from hypothesis import strategies as st

from pbx_as_code.description import SettingsDescription
from tests.collection.settings_values import SETTINGS, held, hold, options, plant
from tests.fuzz.faithful import Judge, short
from tests.fuzz.judging import judge
from tests.fuzz.running import Tasks
from tests.fuzz.values import given
from tests.fuzz.wire import Wire
from tests.profiles import some, tries
from tests.shapes import of_each_kind_of_property

Row = dict[str, Any]


def as_properties(description: SettingsDescription, rows: list[Row]) -> Row:
    """Return the stored settings by property name."""
    action = description.action
    if action is None or action.form == "structure":
        [row] = rows
        return row
    return {action.parameter: rows if action.form == "list" else rows[0][action.answered_as]}


@pytest.mark.parametrize("name", some(SETTINGS, of_each_kind_of_property))
@tries(8)
@driven_by(data=st.data())
def test_they_are_changed(name: str, tasks: Tasks, data: st.DataObject) -> None:
    description, pbx = SETTINGS[name], tasks.pbx
    chosen = data.draw(
        st.lists(st.sampled_from(options(description)), min_size=1, max_size=2, unique_by=lambda prop: prop.option)
    )
    hostile = {prop.option: data.draw(given(prop)) for prop in chosen}
    plant(pbx, description)
    before = held(pbx, description)

    def faithful() -> None:
        stored, judging = as_properties(description, held(pbx, description)), Judge(pbx)
        was = as_properties(description, before)
        for prop in chosen:
            assert judging.agrees(prop, hostile[prop.option], stored[prop.name], [was.get(prop.name)]), (
                f"{prop.option}: {short(hostile[prop.option])} is stored as {short(stored[prop.name])}"
            )
        if description.action is None:
            told = {prop.name for prop in chosen}
            known = {prop.name for prop in description.properties}
            assert {n: stored[n] for n in known - told if n in was} == {n: was[n] for n in known - told if n in was}

    def unchanged() -> None:
        assert held(pbx, description) == before

    judge(tasks, name, hostile, hostile, faithful, unchanged)
    named = [(prop.reference, hostile[prop.option]) for prop in chosen if prop.reference is not None]
    judging = Judge(pbx)
    meant = [judging.meant(reference, name) for reference, name in named if isinstance(name, str | int | float)]
    Wire(description).check(pbx.requests, hostile, [before, meant])
    hold(pbx, description, before)
