"""Regression tests for defects found by trying to break the modules."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.compare import ADD, REMOVE, combined
from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]


def one(pbx: SimulatedPbx, entity_set: str, number: str) -> dict[str, Any]:
    [row] = [row for row in pbx.entities(entity_set) if number in (row.get("Number"), row.get("Name"))]
    return row


class TestWhatIsGone:
    """A task that wants something not to be there is content where what it names does not exist."""

    def test_somebody_who_is_no_more_is_in_no_queue(self, pbx: SimulatedPbx, task: Task) -> None:
        leaves = {"number": "800", "agents": [{"number": "301"}], "lists": "remove"}
        assert task("queue", **leaves)["changed"]
        assert task("user", number="301", state="absent")["changed"]
        for check_mode in (True, False):
            again = task("queue", **leaves, check_mode=check_mode)
            assert not again["changed"]
            assert again.warnings == []
        failed = task("queue", **leaves | {"lists": "add"})
        assert "there is no number 301" in failed.msg

    def test_one_of_two_names_is_still_an_error(self, pbx: SimulatedPbx, task: Task) -> None:
        for number in ("100", "101"):
            pbx.put("Users", {**one(pbx, "Users", number), "FirstName": "Kim", "LastName": "Doe"})
        failed = task("queue", number="800", agents=[{"number": "Kim Doe"}], lists="remove")
        assert "Kim Doe means 2 of the numbers" in failed.msg

    def test_the_holiday_of_a_department_goes_with_it(self, pbx: SimulatedPbx, task: Task) -> None:
        assert task("group", name="Interns")["changed"]
        holiday = {"name": "Bridge day", "group": "Interns"}
        day = {"day": 14, "month": 5, "year": 2027, "day_end": 14, "month_end": 5, "year_end": 2027}
        times = {"time_of_start_date": "PT0S", "time_of_end_date": "P1D"}
        assert task("holiday", **holiday, **day, **times)["changed"]
        assert task("holiday", **holiday, state="absent")["changed"]
        assert task("group", name="Interns", state="absent")["changed"]
        for check_mode in (True, False):
            again = task("holiday", **holiday, state="absent", check_mode=check_mode)
            assert not again["changed"]
            assert again.warnings == []
        assert "there is no department Interns" in task("holiday", **holiday, **day, **times).msg

    def test_routes_over_trunks_that_are_gone_are_taken_out_at_once(self, pbx: SimulatedPbx, task: Task) -> None:
        for number in ("10000", "10001"):
            task("trunk", number=number, state="absent")
        gone = {"name": "National", "routes": [{"trunk": "-1"}], "lists": "remove"}
        assert task("outbound_rule", **gone)["changed"]
        assert one(pbx, "OutboundRules", "National")["Routes"] == []
        assert not task("outbound_rule", **gone)["changed"]


class TestAbsentWithCredentials:
    def test_one_that_the_pbx_conceals_does_not_stand_in_the_way(self, pbx: SimulatedPbx, task: Task) -> None:
        concealed = {"Concealed": True, "Value": None}
        pbx.put("Trunks", {**one(pbx, "Trunks", "10001"), "AuthPassword": concealed})
        # The password is invented.
        assert task("trunk", number="10001", auth_password="invented-9", state="absent")["changed"]

    def test_one_that_is_set_at_creation_alone_is_not_compared(self, pbx: SimulatedPbx, task: Task) -> None:
        # The password is invented.
        given = {"number": "861", "auth_password": "invented-9", "state": "absent"}
        assert "auth_password" in task("fax", **given).msg
        assert task("fax", **given, update_secrets="on_create")["changed"]


class TestListsAtCreation:
    """A new object starts from the pre-filled entity of the PBX, if there is one."""

    @pytest.fixture
    def template(self, pbx: SimulatedPbx) -> SimulatedPbx:
        row = {
            "Id": 0,
            "Number": "10055",
            "DidNumbers": ["+1555030"],
            "Gateway": {"TemplateFilename": "provider.pv.xml"},
        }
        pbx.fail(
            r".*InitTrunk.*", status=200, times=99, body=json.dumps(row), headers={"Content-Type": "application/json"}
        )
        return pbx

    @pytest.mark.parametrize(
        ("lists", "numbers"),
        [("replace", ["+1555031"]), ("add", ["+1555030", "+1555031"]), ("remove", ["+1555030"])],
    )
    def test_they_are_added_to_those_of_the_template(
        self, lists: str, numbers: list[str], template: SimulatedPbx, task: Task
    ) -> None:
        wanted = {"number": "10055", "template": "provider.pv.xml", "did_numbers": ["+1555031"], "lists": lists}
        would = task("trunk", **wanted, check_mode=True)
        made = task("trunk", **wanted)
        assert made["trunk"]["did_numbers"] == would["trunk"]["did_numbers"] == numbers
        assert json.loads(template.writes[-1].body)["DidNumbers"] == numbers
        assert not task("trunk", **wanted)["changed"]

    def test_what_the_pbx_fills_in_is_not_missed(self, pbx: SimulatedPbx, task: Task) -> None:
        [trunk] = task("trunk_info", number="10000")["trunks"]
        assert trunk["is_online"]
        assert task("trunk", number="10000", state="absent")["changed"]
        # The rules were removed with the trunk. They are separate objects: a trunk task can order, but not create them.
        again = {name: value for name, value in trunk.items() if name not in ("id", "etag", "routing_rules")}
        made = task("trunk", **again, template="provider.pv.xml")
        assert made["changed"]
        assert any("is_online" in warning and "read-only" in warning for warning in made.warnings)

    def test_a_template_that_is_not_there_is_named(self, pbx: SimulatedPbx, task: Task) -> None:
        failed = task("trunk", number="10055", template="nobody.pv.xml")
        said = f"The PBX {pbx.url} has no defaults for a new trunk with template nobody.pv.xml (404): check template."
        assert said in failed.msg
        assert "Nothing was changed." in failed.msg
        assert "did you mean provider.pv.xml (Generic SIP Trunk)?" in failed.msg
        assert pbx.writes == []

    def test_to_take_out_of_nothing_is_to_say_nothing(self, pbx: SimulatedPbx, task: Task) -> None:
        made = {"number": "240", "last_name": "New", "groups": [{"group": "Sales"}], "lists": "remove"}
        assert task("user", **made)["changed"]
        assert "Groups" not in json.loads(pbx.writes[-1].body), "no department at all is something else"
        assert not task("user", **made)["changed"]

    def test_without_a_list_to_start_from(self) -> None:
        prop = Property("Numbers", "numbers", many=True)
        assert combined(ADD, (prop,), {"Numbers": ["1"]}, {}, new=True) == {"Numbers": ["1"]}
        assert combined(REMOVE, (prop,), {"Numbers": ["1"]}, {}, new=True) == {}


class TestNoName:
    """A template of a playbook that came to nothing: no department in this line of the file."""

    def test_it_refers_to_nothing(self, pbx: SimulatedPbx, task: Task) -> None:
        assert task("user", number="200", primary_group="")["user"]["primary_group"] is None
        assert one(pbx, "Users", "200")["PrimaryGroupId"] is None
        assert not task("user", number="200", primary_group="")["changed"]
        nowhere = {"to": "None", "number": "", "external": ""}
        assert task("queue", number="800", forward_no_answer=nowhere)["changed"]
        assert not task("queue", number="800", forward_no_answer=nowhere)["changed"]

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_it_is_none_of_a_list(self, check_mode: bool, pbx: SimulatedPbx, task: Task) -> None:
        failed = task("outbound_rule", name="National", groups=["Sales", ""], check_mode=check_mode)
        assert failed.msg == "groups[1]: it is empty and identifies no department. Nothing was sent."
        assert pbx.writes == []


def test_a_call_that_goes_to_another_number_goes_to_the_same_kind_of_place(pbx: SimulatedPbx, task: Task) -> None:
    assert task("queue", number="800", forward_no_answer={"to": "Extension", "number": "100"})["changed"]
    assert task("queue", number="800", forward_no_answer={"number": "101"})["changed"]
    sent = json.loads(pbx.writes[-1].body)["ForwardNoAnswer"]
    assert sent == {"To": "Extension", "Number": "101"}, "without it a PBX that replaces structures calls nobody"
    assert task("queue", number="800", forward_no_answer={"to": "None"})["changed"]
    assert json.loads(pbx.writes[-1].body)["ForwardNoAnswer"] == {"To": "None"}


class TestNullAtCreation:
    """A value that the first run leaves to the PBX must not be cleared by the next run."""

    def test_what_the_pbx_fills_in_is_cleared_at_once(self, pbx: SimulatedPbx, task: Task) -> None:
        wanted = {"number": "250", "last_name": "New", "language": None, "mobile": None}
        made = task("user", **wanted)
        assert made["changed"]
        assert made["user"]["language"] is None
        assert [(one.method, json.loads(one.body)) for one in pbx.writes] == [
            ("POST", {"Number": "250", "LastName": "New"}),
            ("PATCH", {"Language": None}),
        ]
        assert not task("user", **wanted)["changed"]

    def test_where_that_is_refused_it_is_there_all_the_same(self, pbx: SimulatedPbx, task: Task) -> None:
        pbx.fail(r"/xapi/v1/Users\(", method="PATCH", status=400)
        failed = task("user", number="250", last_name="New", language=None)
        assert failed.msg.startswith("The user with number 250 was created on http://")
        assert failed.data["changed"]

    def test_a_number_that_is_left_to_the_pbx_stays(self, pbx: SimulatedPbx, task: Task) -> None:
        wanted = {"name": "Interns", "number": None}
        assert task("group", **wanted)["group"]["number"] == "GRP4"
        assert not task("group", **wanted)["changed"]

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_what_cannot_be_null_is_refused(self, check_mode: bool, pbx: SimulatedPbx, task: Task) -> None:
        failed = task("tenant_property", name="BANNER", value=None, check_mode=check_mode)
        assert "value of one cannot be null. Nothing was changed." in failed.msg
        assert pbx.writes == []


def test_two_names_of_one_are_one(pbx: SimulatedPbx, task: Task) -> None:
    wanted = {"number": "905", "peers": ["100", "Ada Moreno", "800", "Service Desk"]}
    changed = task("service_principal", **wanted)
    assert changed["service_principal"]["peers"] == ["100", "800"]
    assert [peer["Number"] for peer in json.loads(pbx.writes[-1].body)["Peers"]] == ["100", "800"]
    assert not task("service_principal", **wanted)["changed"]


def test_departments_nobody_may_list_are_asked_for_once(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail(r"/xapi/v1/Groups$", status=403, times=99)
    listed = task("user_info", expand=["groups"])["users"]
    assert len(listed) == 9
    paths = [one.path.rpartition("/")[2] for one in pbx.requests if one.path.endswith(("/Groups", "/token"))]
    assert paths == ["token", "Groups", "token", "Groups"], "once, and once more with a new token, and never again"


def test_many_names_do_not_make_a_filter_that_is_refused(pbx: SimulatedPbx, task: Task) -> None:
    for number in range(110, 150):
        pbx.put("Users", {"Number": str(number), "FirstName": "Agent", "LastName": str(number)})
    wanted = [{"number": str(number) if number % 2 else f"Agent {number}"} for number in range(110, 150)]
    assert len(task("queue", number="800", agents=wanted)["queue"]["agents"]) == 40
    filters = [unquote(one.query) for one in pbx.requests if one.path.endswith("/Peers")]
    assert filters
    # A hundred nodes, by default: https://github.com/OData/AspNetCoreOData
    assert all(5 * one.count(" eq ") + one.count(" or ") <= 100 for one in filters)
    assert not task("queue", number="800", agents=wanted)["changed"]


def test_a_new_item_of_a_list_has_its_credential(pbx: SimulatedPbx, task: Task) -> None:
    """Invented credentials."""

    def secrets() -> dict[str, Any]:
        return {p["MacAddress"]: (p.get("Settings") or {}).get("Secret") for p in one(pbx, "Users", "300")["Phones"]}

    def phones(secret: str, *addresses: str) -> dict[str, Any]:
        made = [{"mac_address": address, "settings": {"secret": secret}} for address in addresses]
        return {"number": "300", "phones": made, "lists": "add", "update_secrets": "on_create"}

    assert task("user", **phones("invented-1", "805ec0654321"))["changed"]
    assert secrets()["805ec0654321"] == "invented-1"
    assert task("user", **phones("invented-2", "805ec0654321", "805ec0654322"))["changed"]
    assert secrets()["805ec0654321"] == "invented-1"
    assert secrets()["805ec0654322"] == "invented-2"
    assert not task("user", **phones("invented-3", "805ec0654321", "805ec0654322"))["changed"]


def test_a_credential_in_a_structure_shows_as_changed(pbx: SimulatedPbx, task: Task) -> None:
    # The password is invented.
    changed = task("backup_settings", contents={"encrypt_backup_password": "invented-3"})
    assert changed["diff"] == {"before": {"contents": "(hidden)"}, "after": {"contents": "(hidden, changed)"}}
    assert "invented-3" not in json.dumps(changed.data)


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_cannot_be_null_in_a_structure_is_refused(check_mode: bool, pbx: SimulatedPbx, task: Task) -> None:
    failed = task("office_hours", hours={"type": None}, check_mode=check_mode)
    assert failed.msg.startswith("hours.type of office hours on http://")
    assert "cannot be cleared. Nothing was changed." in failed.msg
    assert pbx.writes == []
