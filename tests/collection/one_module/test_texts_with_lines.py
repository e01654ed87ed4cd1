"""Scripts, templates and bodies of e-mails: texts of many lines, whose line ends a PBX may store otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pbx_as_code.engine.access.pbx import EntitySet
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task

LINES = "<doc>\n  <line>1</line>\n</doc>\n"
#: Of each kind with such a text: its entity set, how one is named, the property and the option.
TEXTS: tuple[tuple[str, str, dict[str, Any], str, str], ...] = (
    ("call_flow_app", "CallFlowApps", {"Number": "7811", "Name": "Night"}, "ScriptCode", "script_code"),
    ("phone_template", "PhoneTemplates", {"Id": "ours.ph.xml"}, "Content", "content"),
    ("fxs_template", "FxsTemplates", {"Id": "ours.fxs.xml"}, "Content", "content"),
    ("trunk_template", "TrunkTemplates", {"Id": "ours.pv.xml"}, "Content", "content"),
    ("inbound_rule", "InboundRules", {"RuleName": "Ours"}, "CustomData", "custom_data"),
)
FORMS = {
    "CRLF": LINES.replace("\n", "\r\n"),
    "no last line end": LINES.rstrip("\n"),
    "CRLF, no last line end": LINES.strip().replace("\n", "\r\n"),
    "one more line end": LINES + "\n",
}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_line_ends_make_no_difference(pbx: SimulatedPbx, task: Task, form: str) -> None:
    for kind, entity_set, row, prop, option in TEXTS:
        pbx.put(entity_set, {**row, prop: FORMS[form]})
        named = {"Number": "number", "Id": "id", "RuleName": "rule_name"}
        names = {said: row[name] for name, said in named.items() if name in row}
        pbx.clear_log()
        assert not task(kind, **names, **{option: LINES})["changed"], kind
        assert pbx.writes == []
        changed = task(kind, **names, **{option: LINES.replace("1", "2")})
        assert changed["changed"], kind
        assert not task(kind, **names, **{option: LINES.replace("1", "2")})["changed"], kind


def test_a_pbx_that_stores_other_line_ends_is_believed(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It used to be a failure after the write, and again in every run. The text is not repeated in a warning."""
    change: Callable[..., None] = EntitySet.change

    def normalising(self: EntitySet, row: Any, changes: dict[str, Any], *rest: Any) -> None:
        texts = {name: text.replace("\n", "\r\n") if isinstance(text, str) else text for name, text in changes.items()}
        change(self, row, texts, *rest)

    monkeypatch.setattr(EntitySet, "change", normalising)
    pbx.put("PhoneTemplates", {"Id": "ours.ph.xml", "Content": "<doc/>"})
    done = task("phone_template", id="ours.ph.xml", content=LINES)
    assert done["changed"]
    assert done.warnings == []
    assert not task("phone_template", id="ours.ph.xml", content=LINES)["changed"]


def test_blanks_within_the_lines_count(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("PhoneTemplates", {"Id": "ours.ph.xml", "Content": LINES})
    for other in (LINES.replace("  ", " "), LINES.replace("\n", ""), LINES.replace("\n", "\n\n", 1), " " + LINES):
        assert task("phone_template", id="ours.ph.xml", content=other)["changed"], other
        assert task("phone_template", id="ours.ph.xml", content=LINES)["changed"], other
