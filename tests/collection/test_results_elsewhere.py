"""A row that an _info module returned, given to another PBX: its id and etag are of the first one, and mean nothing
there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]
#: Of each kind of entity one; the number or the name that names it.
ROWS: dict[str, tuple[str, dict[str, Any], str]] = {
    "fax": ("Fax", {"Number": "7801", "OutboundCallerId": "1"}, "number"),
    "parking": ("Parkings", {"Number": "SP7"}, "number"),
    "outbound_rule": ("OutboundRules", {"Name": "Elsewhere", "Prefix": "7"}, "name"),
    "contact": ("Contacts", {"FirstName": "Kim", "LastName": "Lee"}, "last_name"),
}


def test_id_and_etag_are_ignored_there(
    pbx: SimulatedPbx, pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]
) -> None:
    other = pbx_factory()
    here, there = task_on(pbx), task_on(other)
    for name, (entity_set, row, natural) in ROWS.items():
        for stored in range(3):  # so that the ids differ
            other.put(entity_set, {**row, natural_name(row, natural): f"78{stored}{len(name)}"})
        pbx.put(entity_set, {**row, "Id": 7901})
        [shown] = [
            one
            for value in here(f"{name}_info").data.values()
            if isinstance(value, list)
            for one in value
            if one["id"] == 7901
        ]
        assert shown["etag"]
        other.clear_log()
        made = there(name, **shown)
        assert made["changed"], name
        assert "id 7901 was ignored" in made.warnings[0]
        assert [write.method for write in other.writes] == ["POST"]
        again = there(name, **shown)
        assert again["changed"] is False
        assert again[name]["id"] != 7901
        assert not here(name, **shown)["changed"]
        removed = there(name, **shown, state="absent")
        assert removed["changed"], name
        assert "id 7901 was ignored" in removed.warnings[0]
        gone = there(name, **shown, state="absent")
        assert gone["changed"] is False
    assert pbx.writes == []


def test_a_result_without_an_etag_is_one_too(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("Fax", {"Id": 7001, "Number": "7801"})
    department = pbx.entities("Groups")[0]["Name"]
    by_hand = {"id": 999, "number": "7801", "groups": [{"group": department}]}
    for item in ({"name": department}, {"rights": {"invalid": False}}):  # both are filled in by the PBX
        result = {**by_hand, "groups": [{"group": department, **item}]}
        assert "id 999 was ignored" in task("fax", **result, check_mode=True).warnings[0]
    for state in ("present", "absent"):
        assert "There is no fax with id 999" in task("fax", **by_hand, state=state).msg
    assert pbx.writes == []


def natural_name(row: dict[str, Any], natural: str) -> str:
    return next(name for name in row if name.lower() == natural.replace("_", ""))


def test_an_etag_guards_on_its_own_pbx(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("Fax", {"Id": 7001, "Number": "7801", "OutboundCallerId": "1"})
    [fax] = task("fax_info", number="7801")["faxes"]
    pbx.put("Fax", {"Id": 7001, "Number": "7801", "OutboundCallerId": "2"})
    refused = task("fax", **(fax | {"outbound_caller_id": "3"}))
    assert refused["status"] == 412
    strict = task("fax", id=999, number="7801", outbound_caller_id="3", if_match=fax["etag"])
    assert strict["status"] == 412, "if_match is meant as it is written"


def test_the_template_of_a_trunk_comes_with_the_row(
    pbx: SimulatedPbx, pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]
) -> None:
    made = task_on(pbx)("trunk", number="10050", template="provider.pv.xml", external_number="+15550100")
    assert made["changed"]
    row = {"number": "10050", "gateway": {"template_filename": made["trunk"]["gateway"]["template_filename"]}}
    other = pbx_factory()
    assert task_on(other)("trunk", **row)["changed"]
    assert any("InitTrunk(template='provider.pv.xml')" in request.path for request in other.requests)
    assert not task_on(other)("trunk", **row)["changed"]
