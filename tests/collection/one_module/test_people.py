"""Users and departments: what is found by what, who is in what, and what cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]


def user(pbx: SimulatedPbx, number: str) -> dict[str, Any]:
    [found] = [user for user in pbx.entities("Users") if user["Number"] == number]
    return found


def test_a_user_without_a_number_is_found_again_by_the_address(pbx: SimulatedPbx, task: Task) -> None:
    juno = {
        "email_address": "juno.park@example.com",
        "first_name": "Juno",
        "groups": [{"group": "Support", "rights": {"role_name": "users"}}],
    }
    would = task("user", **juno, check_mode=True)
    assert would["changed"]
    assert would["user"]["number"] is None
    made = task("user", **juno)
    assert made["user"]["number"] == "302", "the first free number of the department"
    assert not task("user", **juno)["changed"]
    assert len(pbx.writes) == 1


def test_beside_a_number_the_address_is_a_property(pbx: SimulatedPbx, task: Task) -> None:
    """A shop has one address and five telephones: a PBX refuses that now, and may have it from before."""
    shared = user(pbx, "104")["EmailAddress"]
    refused = task("user", number="105", email_address=shared)
    assert (refused["code"], refused["target"]) == ("WARNINGS.XAPI.ALREADY_IN_USE", "EmailAddress")
    pbx.put("Users", {"Number": "105", "EmailAddress": shared})
    assert not task("user", number="105", email_address=shared)["changed"]
    changed = task("user", number="104", email_address="eva@example.com")
    assert changed["diff"] == {"before": {"email_address": shared}, "after": {"email_address": "eva@example.com"}}


def test_an_address_of_two_names_neither(pbx: SimulatedPbx, task: Task) -> None:
    shared = user(pbx, "104")["EmailAddress"]
    pbx.put("Users", {"Number": "105", "EmailAddress": shared})
    pbx.clear_log()
    for state in ("present", "absent"):
        refused = task("user", email_address=shared, first_name="Shop", state=state)
        assert "means 2 of them" in refused.msg
        assert "number 104" in refused.msg
        assert "number 105" in refused.msg
    assert pbx.writes == []


def test_whose_address_is_another_is_not_removed(pbx: SimulatedPbx, task: Task) -> None:
    refused = task("user", number="104", email_address="ada.moreno@example.com", state="absent")
    assert "is not as the task says: email_address" in refused.msg
    assert pbx.writes == []


def test_one_status_is_changed_and_the_others_stay(pbx: SimulatedPbx, task: Task) -> None:
    before = {profile["Name"]: profile for profile in user(pbx, "102")["ForwardingProfiles"]}
    wanted = [{"name": "Away", "away_route": {"external": {"to": "Queue", "number": "800"}}}]
    changed = task("user", number="102", forwarding_profiles=wanted)
    assert changed["changed"]
    after = {profile["Name"]: profile for profile in user(pbx, "102")["ForwardingProfiles"]}
    assert list(before) == ["Available", "Away", "Out of office", "Custom 1", "Custom 2"]
    assert {name for name in before | after if before.get(name) != after.get(name)} == {"Away"}
    assert after["Away"]["Id"] == before["Away"]["Id"]
    assert after["Away"]["AwayRoute"]["External"]["Number"] == "800"
    assert after["Away"]["AwayRoute"]["Internal"] == before["Away"]["AwayRoute"]["Internal"]
    assert not task("user", number="102", forwarding_profiles=wanted)["changed"]
    assert not task("user", number="102", forwarding_profiles=[])["changed"]
    assert (
        "can be changed, but not removed" in task("user", number="102", forwarding_profiles=wanted, lists="remove").msg
    )
    assert len(pbx.writes) == 1


def test_the_other_route_of_a_status_is_refused_in_plain_words(pbx: SimulatedPbx, task: Task) -> None:
    wanted = [{"name": "Away", "available_route": {"no_answer_all_calls": True}}]
    refused = task("user", number="102", forwarding_profiles=wanted)
    assert (refused["status"], refused["target"]) == (400, "AvailableRoute")
    assert "user 8 (number 102" in refused.msg.lower()


def test_phones_are_told_apart_by_their_mac_address(pbx: SimulatedPbx, task: Task) -> None:
    phone = {"mac_address": "80:5E:C0:12:34:56", "name": "Yealink T46U"}
    changed = task("user", number="300", phones=[phone])
    assert changed["changed"]
    [stored] = user(pbx, "300")["Phones"]
    assert (stored["Id"], stored["MacAddress"], stored["Name"]) == (1, "805ec0123456", "Yealink T46U")
    assert stored["TemplateName"] == "yealinkT4x.ph.xml", "what is not given stays"
    assert not task("user", number="300", phones=[phone])["changed"]
    assert "invented/805ec0123456" not in json.dumps(changed.data), "a provisioning link opens the phone's passwords"


def test_a_role_comes_with_the_membership(pbx: SimulatedPbx, task: Task) -> None:
    wanted = [{"group": "Support", "rights": {"role_name": "managers"}}]
    assert task("user", number="104", groups=wanted, lists="add")["changed"]
    assert {g["Name"]: g["Rights"]["RoleName"] for g in user(pbx, "104")["Groups"]} == {
        "DEFAULT": "users",
        "Support": "managers",
    }
    assert not task("user", number="104", groups=wanted, lists="add")["changed"]
    [body] = [json.loads(write.body) for write in pbx.writes]
    assert all("GroupRights" not in group for group in body["Groups"]), "the PBX takes it and does not store it"


def test_members_of_a_department_by_number_or_name(pbx: SimulatedPbx, task: Task) -> None:
    wanted = [{"number": "200", "rights": {"role_name": "users"}}, {"number": "Chiara Rossi"}]
    changed = task("group", name="Sales", members=wanted)
    assert [member["number"] for member in changed["group"]["members"]] == ["102", "200"]
    assert user(pbx, "201")["Groups"] == []
    assert not task("group", name="Sales", members=wanted[::-1])["changed"]
    assert task("group", name="Accounting", members=[{"number": "103"}])["changed"]
    assert [group["Name"] for group in user(pbx, "103")["Groups"]] == ["DEFAULT", "Accounting"]


def test_a_department_with_members_stays_and_says_why(pbx: SimulatedPbx, task: Task) -> None:
    refused = task("group", name="Sales", state="absent")
    assert refused["code"] == "WARNINGS.GROUP_WITH_MEMBERS_CANNOT_BE_DELETED"
    assert "group with members cannot be deleted" in refused.msg
    assert task("group", name="Sales", members=[])["changed"]
    assert task("group", name="Sales", state="absent")["changed"]


def test_a_department_is_renamed_by_its_number(pbx: SimulatedPbx, task: Task) -> None:
    for named in ({"number": "GRP2"}, {"id": 2}):
        refused = task("group", **named, name="Field Sales")
        assert "set rename: true" in refused.msg
        assert refused["target"] == "name"
    assert pbx.writes == []
    changed = task("group", number="GRP2", name="Field Sales", rename=True)
    assert not task("group", number="GRP2", name="Field Sales", rename=True)["changed"]
    assert not task("group", number="GRP2", name="Field Sales")["changed"]
    assert changed["diff"] == {"before": {"name": "Sales"}, "after": {"name": "Field Sales"}}
    assert [user["Groups"][0]["Name"] for user in pbx.entities("Users") if user["Number"] == "200"] == ["Field Sales"]


def test_what_one_role_may_do_leaves_the_others_alone(pbx: SimulatedPbx, task: Task) -> None:
    wanted = [{"role_name": "users", "can_see_group_recordings": False}]
    assert task("group", name="Sales", rights=wanted)["changed"]
    [sales] = [group for group in pbx.entities("Groups") if group["Name"] == "Sales"]
    assert len(sales["Rights"]) == 7
    assert not task("group", name="Sales", rights=wanted)["changed"]


def test_a_holiday_is_one_of_a_department_and_of_a_year(pbx: SimulatedPbx, task: Task) -> None:
    easter = {
        "name": "Easter Monday",
        "day": 29,
        "month": 3,
        "year": 2027,
        "day_end": 29,
        "month_end": 3,
        "year_end": 2027,
        "time_of_start_date": "PT0S",
        "time_of_end_date": "P1D",
    }
    for holiday in (
        {**easter, "group": "Sales"},
        {**easter, "group": "Support"},
        {
            **easter,
            "group": "Sales",
            "year": 2028,
            "year_end": 2028,
            "day": 17,
            "day_end": 17,
            "month": 4,
            "month_end": 4,
        },
    ):
        assert task("holiday", **holiday)["changed"]
        assert not task("holiday", **holiday, state="present")["changed"]
        assert not task("holiday", **(holiday | {"time_of_end_date": "PT24H"}))["changed"], "the same length of time"
    stored = [(h["Group"], h["Year"]) for h in pbx.entities("Holidays") if h["Name"] == "Easter Monday"]
    assert stored == [("GRP2", 2027), ("GRP3", 2027), ("GRP2", 2028)]
    assert "means 3 of them" in task("holiday", name="Easter Monday", state="absent").msg
    assert task("holiday", name="Easter Monday", group="GRP2", year=2028, state="absent")["changed"]


def test_a_website_link_rings_somebody_by_name_or_number(pbx: SimulatedPbx, task: Task) -> None:
    assert task("website_link", link="chat", dn="Service Desk")["website_link"]["dn"] == "800"
    assert not task("website_link", link="chat", dn="800")["changed"]
    [chat] = [link for link in pbx.entities("WebsiteLinks") if link["Link"] == "chat"]
    assert chat["DN"]["Number"] == "800"
    assert task("website_link", link="chat", dn=None)["changed"]
