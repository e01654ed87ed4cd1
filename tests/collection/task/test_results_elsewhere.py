"""A row that an _info module returned, given to another PBX: its id and etag are of the first one, and mean nothing
there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.options.option_specs import takes_rename
from pbx_as_code.entities import NAMES, description
from pbx_as_code.errors import BadOption
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


#: Of kinds that people name, one row each.
BY_NAME: dict[str, tuple[str, dict[str, Any]]] = {
    "playlist": ("Playlists", {"Name": "Elsewhere", "MaxVolumePercent": 40}),
    "website_link": ("WebsiteLinks", {"Link": "elsewhere", "Name": "Elsewhere"}),
    "tenant_property": ("TenantProperties", {"Name": "ELSEWHERE", "Value": "1"}),
    "sbc": ("Sbcs", {"Name": "elsewhere", "DisplayName": "Elsewhere"}),
    "fxs": ("Fxs", {"MacAddress": "00aabbccddee"}),
}


def test_the_etag_of_what_is_not_there_is_ignored(
    pbx: SimulatedPbx, pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]
) -> None:
    other = pbx_factory()
    here, there = task_on(pbx), task_on(other)
    for name, (entity_set, row) in BY_NAME.items():
        pbx.put(entity_set, row)
        key = next(value for prop, value in row.items() if prop in ("Name", "Link", "MacAddress"))
        rows = next(value for value in here(f"{name}_info").data.values() if isinstance(value, list))
        [shown] = [one for one in rows if key in one.values()]
        assert shown["etag"], name
        alone = {option: shown[option] for option in ("name", "link", "mac_address", "etag") if option in shown}
        assert "cannot have the ETag in if_match" in there(name, **alone).msg  # a guard that was written by hand
        assert "cannot have the ETag in if_match" in there(name, **shown | {"if_match": 'W/"1"'}).msg
        for check_mode in (True, False):
            made = there(name, **shown, check_mode=check_mode)
            assert made["changed"], (name, made.data)
            assert "The etag was ignored: there is no" in made.warnings[0], name
        assert not there(name, **{**shown, "etag": made[name]["etag"]})["changed"], name


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


#: Of each kind that is found by an id and has a name that may change: an object of this PBX, and the name of another.
NAMED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "black_list_number": ("BlackListNumbers", {"Id": "b1", "CallerId": "+15550170"}, {"caller_id": "+15550171"}),
    "blocklist_address": ("Blocklist", {"IPAddrMask": "192.0.2.1"}, {"address": "192.0.2.2"}),
    "contact": ("Contacts", {"FirstName": "Kim", "LastName": "Lee"}, {"first_name": "Kim", "last_name": "Roe"}),
    "group": ("Groups", {"Name": "Ours", "Number": "GRP77"}, {"name": "Mine"}),
    "holiday": ("Holidays", {"Name": "Ours", "Day": 1, "Month": 5, "DayEnd": 1, "MonthEnd": 5}, {"name": "Mine"}),
    "inbound_rule": ("InboundRules", {"RuleName": "Ours", "Data": "+15550180"}, {"rule_name": "Mine"}),
    "outbound_rule": ("OutboundRules", {"Name": "Ours", "Prefix": "7"}, {"name": "Mine"}),
    "parameter": ("Parameters", {"Name": "OURS", "Value": "1"}, {"name": "MINE"}),
    "prompt_set": ("PromptSets", {"PromptSetName": "Ours"}, {"name": "Mine"}),
    "queue": ("Queues", {"Number": "8801", "Name": "Ours"}, {"name": "Mine"}),
    "receptionist": ("Receptionists", {"Number": "8802", "Name": "Ours"}, {"name": "Mine"}),
    "ring_group": ("RingGroups", {"Number": "8803", "Name": "Ours"}, {"name": "Mine"}),
    "scheduled_report": ("ScheduledReports", {"Name": "Ours"}, {"name": "Mine"}),
    "user": ("Users", {"Number": "188", "EmailAddress": "ours@example.com"}, {"email_address": "mine@example.com"}),
}


def test_every_kind_with_an_id_and_a_name_is_tried() -> None:
    kinds = {kind for kind in NAMES if takes_rename(description(kind))}
    assert kinds == NAMED.keys()


def test_an_id_of_another_pbx_renames_nothing(pbx: SimulatedPbx, task: Task) -> None:
    for kind, (entity_set, row, mine) in NAMED.items():
        key = pbx.put(entity_set, row)["Id"]
        pbx.clear_log()
        [option, *_] = (name for name, value in mine.items() if value not in row.values())
        for check_mode in (True, False):
            for result in ({}, {"etag": 'W/"elsewhere"'}):
                refused = task(kind, id=key, **mine, **result, check_mode=check_mode)
                assert "set rename: true" in refused.msg, (kind, refused.msg)
                assert f"{key} (" in refused.msg
                assert f"{option} {mine[option]}" in refused.msg
                assert refused["target"] == option
        assert pbx.writes == [], kind
        renamed = task(kind, id=key, **mine, rename=True)
        assert renamed["changed"], kind
        assert renamed[kind][option] == mine[option]
        assert not task(kind, id=key, **mine)["changed"]
        assert not task(kind, id=key, **mine, rename=True)["changed"]


def test_a_row_of_a_pbx_without_etags_is_a_result_too(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]
) -> None:
    one, other = pbx_factory(traits=["no-etags"]), pbx_factory(traits=["no-etags"])
    here, there = task_on(one), task_on(other)
    for kind, (entity_set, row, _) in NAMED.items():
        about = description(kind)
        if not (isinstance(about, EntityDescription) and about.can_create):
            continue
        key = one.put(entity_set, {**row, "Id": row.get("Id", 7901)})["Id"]
        [shown] = next(value for value in here(f"{kind}_info", id=key).data.values() if isinstance(value, list))
        assert "etag" not in shown
        made = there(kind, **shown)
        assert made["changed"], kind
        assert made[kind]["id"] != key
        assert f"id {key} was ignored" in made.warnings[0]
        assert not there(kind, **shown)["changed"], kind
        assert there(kind, **shown, state="absent")["changed"], kind
        assert not there(kind, **shown, state="absent")["changed"], kind


def test_the_object_of_that_name_is_told(pbx: SimulatedPbx, task: Task) -> None:
    ours = pbx.put("OutboundRules", {"Name": "Ours", "Prefix": "7"})["Id"]
    mine = pbx.put("OutboundRules", {"Name": "Mine", "Prefix": "8"})["Id"]
    pbx.clear_log()
    refused = task("outbound_rule", id=ours, name="Mine", prefix="9")
    assert f"To change outbound rule {mine} (name Mine), leave id out" in refused.msg
    assert f"There is no outbound rule with id 9999 on {pbx.url}" in task("outbound_rule", id=9999, name="Mine").msg
    assert pbx.writes == []


def test_a_number_proves_which_object_is_meant(pbx: SimulatedPbx, task: Task) -> None:
    key = pbx.put("Queues", {"Number": "8801", "Name": "Ours"})["Id"]
    assert task("queue", id=key, number="8801", name="Mine")["changed"]
    assert task("queue", number="8801", name="Ours")["changed"]
    rule = pbx.put("InboundRules", {"RuleName": "Ours", "Data": "+15550180"})["Id"]
    assert task("inbound_rule", id=rule, rule_name="Ours", data="+15550181")["changed"]


def test_the_number_of_a_department_is_of_its_pbx_too(
    pbx: SimulatedPbx, pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]
) -> None:
    pbx.put("Groups", {"Id": 95, "Number": "GRP7", "Name": "Sales East"})
    other = pbx_factory()
    other.put("Groups", {"Id": 45, "Number": "GRP9", "Name": "Sales East"})
    other.put("Groups", {"Id": 46, "Number": "GRP7", "Name": "Kitchen"})
    here, there = task_on(pbx), task_on(other)
    [row] = here("group_info", name="Sales East")["groups"]
    other.clear_log()
    assert "set rename: true" in there("group", number="GRP7", name="Sales East").msg
    done = there("group", **row | {"language": "DE"})
    assert done["group"]["number"] == "GRP9"
    assert "id 95 and number GRP7 were ignored" in done.warnings[0]
    assert {write.path for write in other.writes} == {"/xapi/v1/Groups(45)"}
    other.put("Groups", {"Id": 46, "Number": "GRP8", "Name": "Kitchen"})
    other.clear_log()
    by_hand = there("group", number="GRP7", name="Sales East")
    assert "There is no department with number GRP7" in by_hand.msg
    assert "department 45 (number GRP9, name Sales East) matches the other options" in by_hand.msg
    assert other.writes == []
    removed = there("group", **row | {"language": "DE"}, state="absent")
    assert removed["changed"]
    assert [write.path for write in other.writes if write.method == "DELETE"] == ["/xapi/v1/Groups(45)"]


def test_a_row_that_is_to_be_renamed_is_meant_by_its_id(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]
) -> None:
    """Another object has that name already: it is not the one that is changed."""
    for traits in (("as-seen",), ("strict-odata",)):
        pbx = pbx_factory(traits=traits)
        task = task_on(pbx)
        ours = pbx.put("Contacts", {"FirstName": "Kim", "LastName": "Lee", "Business": "1"})["Id"]
        other = pbx.put("Contacts", {"FirstName": "Kim", "LastName": "Roe", "Business": "2"})["Id"]
        [row] = task("contact_info", id=ours)["contacts"]
        assert task("contact", **row | {"last_name": "Roe"}, rename=True)["contact"]["id"] == ours
        assert {row["Id"]: row["LastName"] for row in pbx.entities("Contacts") if row["Id"] in (ours, other)} == {
            ours: "Roe",
            other: "Roe",
        }


def test_the_library_renames_on_request(pbx: SimulatedPbx) -> None:
    key = pbx.put("OutboundRules", {"Name": "Ours", "Prefix": "7"})["Id"]
    with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
        with pytest.raises(BadOption, match="set rename: true"):
            Pbx(client).ensure("outbound_rule", id=key, name="Mine")
        assert Pbx(client).ensure("outbound_rule", id=key, name="Mine", rename=True).changed


def test_an_id_that_is_a_hidden_department_there_is_ignored_too(
    pbx: SimulatedPbx, pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]
) -> None:
    other = pbx_factory(traits=["favourites-kept"])
    here, there = task_on(pbx), task_on(other)
    hidden = next(row for row in other.entities("Groups") if row["Name"].startswith("___FAVORITES___"))
    pbx.put("Groups", {"Id": hidden["Id"], "Name": "Elsewhere"})
    [shown] = here("group_info", name="Elsewhere")["groups"]
    result = {name: value for name, value in shown.items() if name != "members"}
    assert not there("group", **result, state="absent")["changed"]
    made = there("group", **result)
    assert made["changed"]
    assert f"id {hidden['Id']} was ignored" in made.warnings[0]
    assert not there("group", **result)["changed"]
    assert "hidden department" in there("group", id=hidden["Id"], name="Elsewhere").msg
    assert next(row for row in other.entities("Groups") if row["Id"] == hidden["Id"]) == hidden
