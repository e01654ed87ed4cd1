"""Names instead of ids: given in any way, shown as people say them, sent as the PBX stores them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.compare import merged
from pbx_as_code.engine.find import knowledge as _directory
from pbx_as_code.engine.find.knowledge import FRESH
from pbx_simulator import SimulatedPbx
from tests.collection.observed import asked, departments

Task = Callable[..., Any]


def groups(pbx: SimulatedPbx, number: str) -> list[int]:
    [fax] = [fax for fax in pbx.entities("Fax") if fax["Number"] == number]
    return [group["GroupId"] for group in fax["Groups"]]


@pytest.mark.parametrize("way", ["Name", "Number", "Id"])
def test_a_department_by_its_name_its_number_or_its_id(way: str, pbx: SimulatedPbx, task: Task) -> None:
    [sales] = [group for group in pbx.entities("Groups") if group["Name"] == "Sales"]
    wanted = [{"group": sales[way]}]
    changed = task("fax", number="861", groups=wanted)
    assert changed["changed"]
    assert [group["group"] for group in changed["fax"]["groups"]] == ["Sales"]
    assert json.loads(pbx.writes[-1].body) == {"Groups": [{"GroupId": sales["Id"]}]}
    assert groups(pbx, "861") == [sales["Id"]]
    assert not task("fax", number="861", groups=wanted)["changed"]
    assert len(pbx.writes) == 1


def test_what_is_shown_has_names_and_can_be_given_back(pbx: SimulatedPbx, task: Task) -> None:
    task("fax", number="861", groups=[{"group": "Support", "rights": {"role_name": "managers"}}])
    [fax] = task("fax_info", number="861")["faxes"]
    assert fax["groups"][0]["group"] == "Support"
    assert fax["groups"][0]["rights"]["role_name"] == "managers"
    pbx.clear_log()
    assert not task("fax", **fax)["changed"]
    assert pbx.writes == []


def test_an_info_module_brings_along_what_is_asked_for(pbx: SimulatedPbx, task: Task) -> None:
    task("fax", number="861", groups=[{"group": "Support"}])
    assert all("groups" not in fax for fax in task("fax_info")["faxes"])
    listed = {fax["number"]: fax for fax in task("fax_info", expand=["groups"])["faxes"]}
    assert [group["group"] for group in listed["861"]["groups"]] == ["Support"]
    assert "groups" not in task("fax_info", number="861", expand=[])["faxes"][0]


def test_departments_are_read_once_for_a_whole_list(pbx: SimulatedPbx, task: Task) -> None:
    for number in ("860", "861"):
        task("fax", number=number, groups=[{"group": "Support"}])
    pbx.clear_log()
    task("fax_info", expand=["groups"])
    assert asked(pbx, "Groups") <= 1


def test_one_that_does_not_exist_is_an_error_that_names_it(pbx: SimulatedPbx, task: Task) -> None:
    failed = task("fax", number="861", groups=[{"group": "Sales"}, {"group": "Suport"}])
    assert failed.msg.startswith("groups[1].group: there is no department Suport on http://")
    assert "did you mean Support?" in failed.msg
    assert failed.data["target"] == "groups[1].group"
    assert pbx.writes == []


def test_in_check_mode_it_is_a_warning_because_an_earlier_task_may_make_it(pbx: SimulatedPbx, task: Task) -> None:
    would = task("fax", number="861", groups=[{"group": "Purchasing"}], check_mode=True)
    assert would["changed"]
    assert len(would.warnings) == 1
    assert "there is no department Purchasing" in would.warnings[0]
    assert pbx.writes == []


def test_one_that_has_come_since_is_found(pbx: SimulatedPbx, task: Task) -> None:
    assert task("fax", number="861", groups=[{"group": "Sales"}])["changed"]
    pbx.put("Groups", {"Name": "Purchasing"})
    changed = task("fax", number="861", groups=[{"group": "Purchasing"}])
    assert groups(pbx, "861") == [departments(pbx)["Purchasing"]]
    assert [group["group"] for group in changed["fax"]["groups"]] == ["Purchasing"]


def test_what_departments_are_called_is_no_older_than_what_is_read_ahead(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a long loop, or one that asks again until something is so."""
    now = 1000.0
    monkeypatch.setattr(_directory, "monotonic", lambda: now)
    assert task("fax", number="861", groups=[{"group": "Sales"}])["changed"]
    now += FRESH - 1
    pbx.clear_log()
    assert not task("fax", number="861", groups=[{"group": "Sales"}])["changed"]
    assert asked(pbx, "Groups") == 0
    names = departments(pbx)
    pbx.put("Groups", {"Id": names["Sales"], "Name": "Sold"})
    pbx.put("Groups", {"Id": names["Support"], "Name": "Sales"})
    now += 2
    assert [group["group"] for group in task("fax_info", number="861")["faxes"][0]["groups"]] == ["Sold"]
    assert task("fax", number="861", groups=[{"group": "Sales"}])["changed"]
    assert groups(pbx, "861") == [names["Support"]]


def test_who_a_number_belongs_to_is_no_older_either(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An extension is asked for by its number, and sent with its id."""
    now = 1000.0
    monkeypatch.setattr(_directory, "monotonic", lambda: now)
    [user] = [row for row in pbx.entities("Users") if row["Number"] == "100"]
    assert "no number 999" in task("ring_group", number="890", members=[{"number": "100"}, {"number": "999"}]).msg
    pbx.remove("Users", user["Id"])
    now += FRESH + 1
    assert "no number 100" in task("ring_group", number="890", members=[{"number": "100"}]).msg


def test_two_names_of_one_department_are_one_too_many(pbx: SimulatedPbx, task: Task) -> None:
    number = next(group["Number"] for group in pbx.entities("Groups") if group["Name"] == "Sales")
    failed = task("fax", number="861", groups=[{"group": "Sales"}, {"group": number}])
    assert "is given twice" in failed.msg
    assert pbx.writes == []


def test_who_may_not_list_departments_sees_ids_and_cannot_name_them(pbx: SimulatedPbx, task: Task) -> None:
    task("fax", number="861", groups=[{"group": "Sales"}])
    fresh = {"token_cache": False}  # another client, which has read nothing yet
    pbx.fail(r"/xapi/v1/Groups$", status=403, times=99)
    [fax] = task("fax_info", number="861", **fresh)["faxes"]
    assert fax["groups"][0]["group"] == str(departments(pbx)["Sales"])
    assert not task("fax", **fax, **fresh)["changed"]
    failed = task("fax", number="861", groups=[{"group": "Support"}], **fresh)
    assert failed.data["status"] == 403
    assert "Departments could not be read" in failed.msg


def test_a_role_does_not_keep_the_rights_of_another() -> None:
    rights = Property(
        "Rights",
        "rights",
        kind="complex",
        fields=(Property("RoleName", "role_name"), Property("CanBargeIn", "can_barge_in", kind="bool")),
        led_by=("RoleName",),
    )
    held = {"RoleName": "managers", "CanBargeIn": True}
    assert merged(rights, {"RoleName": "users"}, held) == {"RoleName": "users"}
    assert merged(rights, {"RoleName": "managers"}, held) == held
    assert merged(rights, {"CanBargeIn": False}, held) == {"RoleName": "managers", "CanBargeIn": False}


class TestLists:
    def test_add_keeps_the_rest(self, pbx: SimulatedPbx, task: Task) -> None:
        ids = departments(pbx)
        task("fax", number="861", groups=[{"group": "Sales", "rights": {"role_name": "managers"}}])
        added = task("fax", number="861", groups=[{"group": "Support"}], lists="add")
        assert added["changed"]
        assert groups(pbx, "861") == [ids["Sales"], ids["Support"]]
        assert [group["rights"]["role_name"] for group in added["fax"]["groups"]] == ["managers", "users"]
        assert not task("fax", number="861", groups=[{"group": "Support"}], lists="add")["changed"]

    def test_add_changes_what_is_there_with_the_same_key(self, pbx: SimulatedPbx, task: Task) -> None:
        task("fax", number="861", groups=[{"group": "Sales"}, {"group": "Support"}])
        wanted = [{"group": "Sales", "rights": {"role_name": "managers"}}]
        changed = task("fax", number="861", groups=wanted, lists="add")["fax"]["groups"]
        assert [(group["group"], group["rights"]["role_name"]) for group in changed] == [
            ("Sales", "managers"),
            ("Support", "users"),
        ]

    def test_remove_takes_out_what_is_given(self, pbx: SimulatedPbx, task: Task) -> None:
        task("fax", number="861", groups=[{"group": "Sales"}, {"group": "Support"}])
        wanted = {"groups": [{"group": "Sales"}], "lists": "remove"}
        assert task("fax", number="861", check_mode=True, **wanted)["changed"]
        assert task("fax", number="861", **wanted)["changed"]
        assert groups(pbx, "861") == [departments(pbx)["Support"]]
        assert not task("fax", number="861", **wanted)["changed"]

    def test_remove_leaves_nothing_there_because_of_its_spelling(self, pbx: SimulatedPbx, task: Task) -> None:
        task("queue", number="800", agents=[{"number": "102"}], groups=[{"group": "Sales"}])
        task("outbound_rule", name="Abroad", groups=["Sales"], routes=[{"trunk": "10000"}])
        queue: dict[str, Any] = {"number": "800"}
        rule: dict[str, Any] = {"name": "Abroad"}
        pbx.clear_log()
        for kind, key, options in (
            ("queue", queue, {"groups": [{"group": "sales"}]}),
            ("queue", queue, {"groups": [{"group": " Sales"}]}),
            ("queue", queue, {"agents": [{"number": "102 "}]}),
            ("outbound_rule", rule, {"groups": ["SALES"]}),
            ("outbound_rule", rule, {"groups": ["grp2"]}),
            ("outbound_rule", rule, {"routes": [{"trunk": "example telecom"}]}),
        ):
            for check_mode in (True, False):
                refused = task(kind, **key, **options, lists="remove", check_mode=check_mode)
                assert "which differs in case or blanks only" in refused.msg, options
        misspelt = task("queue", number="800", groups=[{"group": "Slaes"}], lists="remove")
        assert not misspelt["changed"]
        assert "to be taken out; did you mean Sales?" in " ".join(misspelt.warnings)
        gone = task("queue", number="800", agents=[{"number": "199"}], groups=[{"group": "Gone"}], lists="remove")
        assert not gone["changed"]
        assert gone.warnings == []
        assert pbx.writes == []

    def test_plain_values_too(self, pbx: SimulatedPbx, task: Task) -> None:
        task("fxs", mac_address="001122334455", codecs=["PCMA", "PCMU"])
        added = task("fxs", mac_address="001122334455", codecs=["G722", "PCMA"], lists="add")
        assert added["fxs"]["codecs"] == ["PCMA", "PCMU", "G722"]
        left = task("fxs", mac_address="001122334455", codecs=["PCMU", "none"], lists="remove")
        assert left["fxs"]["codecs"] == ["PCMA", "G722"]

    def test_of_one_that_is_made_they_are_what_is_given(self, pbx: SimulatedPbx, task: Task) -> None:
        made = task("fax", number="8877", groups=[{"group": "Sales"}], lists="add")
        assert [group["group"] for group in made["fax"]["groups"]] == ["Sales"]


def test_a_prompt_set_is_named_and_its_folder_is_stored(pbx: SimulatedPbx, task: Task) -> None:
    folder = "5F0C0B2A-8C0E-4E0E-9C59-0D1B6E6B7A11"
    for name in ("Company Prompt Set", folder):
        done = task("queue", number="800", prompt_set=name)
        assert done["queue"]["prompt_set"] == "Company Prompt Set"
        assert done["changed"] == (name != folder)
    assert [row["PromptSet"] for row in pbx.entities("Queues") if row["Number"] == "800"] == [folder]
    assert task("queue", number="800", prompt_set="")["changed"], "the system's own again"
    assert "there is no prompt set Latin" in task("queue", number="800", prompt_set="Latin").msg


def test_a_place_is_named_as_soon_as_it_is_there(pbx: SimulatedPbx, task: Task) -> None:
    assert "there is no emergency location Gate 2" in task("user", number="200", emergency_location="Gate 2").msg
    assert task("emergency_locations", locations=[{"id": "g2", "friendly_name": "Gate 2"}])["changed"]
    assert task("user", number="200", emergency_location="Gate 2")["user"]["emergency_location"] == "Gate 2"
    assert [row["EmergencyLocationId"] for row in pbx.entities("Users") if row["Number"] == "200"] == ["g2"]
    assert task("emergency_locations", locations=[{"id": "g2", "friendly_name": "South gate"}])["changed"]
    assert task("user_info", number="200")["users"][0]["emergency_location"] == "South gate"


def test_a_new_object_may_refer_to_its_own_number(pbx: SimulatedPbx, task: Task) -> None:
    """Such as to its own voicemail: its number is nowhere to be found before it is created."""
    own = {"to": "VoiceMail", "number": "871"}
    made = task("queue", number="871", name="Night", forward_no_answer=own)
    assert made["changed"]
    assert made["queue"]["forward_no_answer"]["number"] == "871"
    assert not task("queue", number="871", forward_no_answer=own)["changed"]
    refused = task("queue", number="872", name="Day", forward_no_answer={"to": "VoiceMail", "number": "873"})
    assert "there is no number 873" in refused.msg


def test_a_list_that_names_an_entity_in_two_ways_has_it_once(pbx: SimulatedPbx, task: Task) -> None:
    """A department by its name and by its number."""
    number = next(row["Number"] for row in pbx.entities("Groups") if row["Name"] == "Sales")
    pbx.clear_log()
    assert task("outbound_rule", name="National", groups=["Sales", number])["outbound_rule"]["groups"] == ["Sales"]
    assert b'"GroupIds":[2]' in pbx.writes[0].body.replace(b" ", b"")
    assert not task("outbound_rule", name="National", groups=[number])["changed"]
