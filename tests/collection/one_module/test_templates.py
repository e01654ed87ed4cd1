"""Templates: their XML is read only when it matters, and everything else in them is the PBX's."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Result

Task = Callable[..., Result]
XML = '<?xml version="1.0"?>\n<doc><header type="test"/></doc>\n'
TEMPLATES = {
    "fxs_template": ("FxsTemplates", "gxw400x.fxs.xml"),
    "phone_template": ("PhoneTemplates", "yealinkT4x.ph.xml"),
    "trunk_template": ("TrunkTemplates", "provider.pv.xml"),
}
templates = pytest.mark.parametrize("name", TEMPLATES)


@templates
def test_one_is_made_of_its_name_and_its_xml(name: str, pbx: SimulatedPbx, task: Task) -> None:
    made = task(name, id="ours.xml", content=XML)
    assert made["changed"]
    [write] = pbx.writes
    assert json.loads(write.body) == {"Id": "ours.xml", "Content": XML}
    assert not task(name, id="ours.xml", content=XML)["changed"]
    [stored] = [row for row in pbx.entities(TEMPLATES[name][0]) if row["Id"] == "ours.xml"]
    assert stored["Content"] == XML


@templates
def test_its_xml_is_asked_for_only_where_it_matters(name: str, pbx: SimulatedPbx, task: Task) -> None:
    entity_set, key = TEMPLATES[name]
    rows = task(f"{name}_info")[f"{name}s"]
    assert not any("content" in row for row in rows)
    assert not any("$select" in request.query for request in pbx.requests)
    pbx.put(entity_set, {"Id": key, "Content": XML})
    [row] = task(f"{name}_info", id=key)[f"{name}s"]
    assert row["content"] == XML
    changed = task(name, id=key, content=XML + XML)
    assert changed["diff"] == {"before": {"content": XML}, "after": {"content": XML + XML}}


@templates
def test_without_its_xml_none_is_made(name: str, pbx: SimulatedPbx, task: Task) -> None:
    assert "creating it needs content" in task(name, id="ours.xml").msg
    assert pbx.writes == []


def test_a_provider_is_not_renamed(pbx: SimulatedPbx, task: Task) -> None:
    """Its name stands in the XML."""
    refused = task("trunk_template", id="provider.pv.xml", name="Another")
    assert "does not have name Another" in refused.msg
    assert pbx.writes == []
