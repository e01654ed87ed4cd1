"""A name by which no request can find an object is impossible in a plan, before anything is written."""

from __future__ import annotations

import pytest

from tests.config.applying import Site, done

GROUP = 'ring_groups: [{number: "%s", name: "%s"%s}]\n'


@pytest.mark.parametrize("name", [r"tab\t", r"line\nbreak", "  "])
@pytest.mark.parametrize("number", ["801", "891"])
def test_a_name_that_cannot_be_looked_up_is_not_given(at: Site, number: str, name: str) -> None:
    [(kind, identity, why)] = at.plan(GROUP % (number, name, "")).impossible
    assert (kind, identity) == ("ring_group", (number,))
    assert why.startswith("name: it ")
    assert why.endswith("See a.yml:1:37.")


def test_an_object_that_has_such_a_name_can_be_changed(at: Site) -> None:
    row = next(one for one in at.simulated.entities("RingGroups") if one["Number"] == "801")
    at.simulated.put("RingGroups", {**row, "Name": "tab\t"})
    files = GROUP % ("801", r"tab\t", ", ring_time: 47")
    assert done(at.plan(files)) == [("update", "ring_group", "801")]
    assert not at.apply(files).failed
    assert at.plan(files).operations == []
