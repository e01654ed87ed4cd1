"""Queues, ring groups, digital receptionists, trunks and rules: who rings first, what is led where, what is gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]


def row(pbx: SimulatedPbx, entity_set: str, **by: Any) -> dict[str, Any]:
    [found] = [one for one in pbx.entities(entity_set) if all(one[name] == value for name, value in by.items())]
    return found


def numbers(items: list[dict[str, Any]]) -> list[str]:
    return [item["Number"] for item in items]


def sent(pbx: SimulatedPbx) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(pbx.writes[-1].body)
    return body


class TestWhoRingsFirst:
    def test_all_ring_together(self, pbx: SimulatedPbx, task: Task) -> None:
        assert not task("ring_group", number="801", members=[{"number": "201"}, {"number": "200"}])["changed"]
        assert pbx.writes == []

    def test_one_after_the_other(self, pbx: SimulatedPbx, task: Task) -> None:
        wanted = {"number": "801", "ring_strategy": "Hunt", "members": [{"number": "201"}, {"number": "200"}]}
        changed = task("ring_group", **wanted)
        assert changed["changed"]
        assert set(sent(pbx)) == {"RingStrategy", "Members"}
        assert numbers(row(pbx, "RingGroups", Number="801")["Members"]) == ["201", "200"]
        assert not task("ring_group", **wanted)["changed"]
        again = task("ring_group", number="801", members=[{"number": "200"}, {"number": "201"}])
        assert again["changed"]
        assert [member["number"] for member in again["ring_group"]["members"]] == ["200", "201"]

    @pytest.mark.parametrize("strategy", ["Hunt", "HuntBy3s", "First3Available"])
    def test_in_a_queue(self, strategy: str, pbx: SimulatedPbx, task: Task) -> None:
        turned = [{"number": "301"}, {"number": "300"}]
        assert not task("queue", number="800", agents=turned)["changed"]
        task("queue", number="800", polling_strategy=strategy)
        assert task("queue", number="800", agents=turned)["changed"]
        assert numbers(row(pbx, "Queues", Number="800")["Agents"]) == ["301", "300"]

    def test_one_more_rings_last(self, pbx: SimulatedPbx, task: Task) -> None:
        task("ring_group", number="801", ring_strategy="Hunt")
        wanted = {"number": "801", "members": [{"number": "100"}, {"number": "200"}], "lists": "add"}
        assert task("ring_group", **wanted)["changed"]
        assert numbers(row(pbx, "RingGroups", Number="801")["Members"]) == ["200", "201", "100"]
        assert not task("ring_group", **wanted)["changed"]
        assert task("ring_group", number="801", members=[{"number": "200"}], lists="remove")["changed"]
        assert numbers(row(pbx, "RingGroups", Number="801")["Members"]) == ["201", "100"]


class TestAgents:
    def test_by_name(self, pbx: SimulatedPbx, task: Task) -> None:
        wanted = {"number": "800", "agents": [{"number": "Chiara Rossi", "skill_group": "2"}, {"number": "300"}]}
        changed = task("queue", **wanted)
        assert [(agent["number"], agent["skill_group"]) for agent in changed["queue"]["agents"]] == [
            ("102", "2"),
            ("300", None),
        ]
        assert not task("queue", **wanted)["changed"]
        assert len(pbx.writes) == 1

    def test_one_that_does_not_exist(self, pbx: SimulatedPbx, task: Task) -> None:
        refused = task("queue", number="800", agents=[{"number": "4711"}])
        assert "agents[0].number: there is no number 4711" in refused.msg
        assert pbx.writes == []

    def test_their_skills_stay_where_nothing_is_said_of_them(self, pbx: SimulatedPbx, task: Task) -> None:
        task("queue", number="800", agents=[{"number": "300", "skill_group": "1"}])
        task("queue", number="800", agents=[{"number": "300"}, {"number": "101"}])
        [agent, _] = row(pbx, "Queues", Number="800")["Agents"]
        assert agent["SkillGroup"] == "1"

    def test_managers_are_others(self, pbx: SimulatedPbx, task: Task) -> None:
        assert task("queue", number="800", managers=[{"number": "100"}])["changed"]
        assert set(sent(pbx)) == {"Managers"}
        assert numbers(row(pbx, "Queues", Number="800")["Agents"]) == ["300", "301"]


@pytest.mark.parametrize("name", ["queue", "ring_group", "receptionist"])
class TestNumbers:
    def test_one_that_the_pbx_numbers_is_found_by_its_name(self, name: str, pbx: SimulatedPbx, task: Task) -> None:
        made = task(name, name="Returns", groups=[{"group": "Support"}])
        assert made["changed"]
        assert made[name]["number"] == "830", "the first of the department's range"
        again = task(name, name="Returns")
        assert not again["changed"]
        assert again[name]["number"] == "830"
        assert len(pbx.writes) == 1
        assert task(name, name="Returns", state="absent")["changed"]
        assert not task(name, name="Returns", state="absent")["changed"]

    def test_two_of_a_name_are_an_error_that_lists_them(self, name: str, pbx: SimulatedPbx, task: Task) -> None:
        for number in ("8801", "8802"):
            assert task(name, number=number, name="Returns")["changed"], "another one may be called the same"
            assert not task(name, number=number, name="Returns")["changed"]
        pbx.clear_log()
        for state in ("present", "absent"):
            refused = task(name, name="Returns", state=state)
            assert "number 8801" in refused.msg
            assert "number 8802" in refused.msg
        assert pbx.writes == []

    def test_the_name_changes_and_the_number_does_not(self, name: str, pbx: SimulatedPbx, task: Task) -> None:
        made = task(name, number="8801", name="Returns")[name]
        assert task(name, number="8801", name="Goods sent back")["changed"]
        refused = task(name, id=made["id"], number="8802")
        assert "8801" in refused.msg
        assert "Nothing was changed" in refused.msg


class TestDestinations:
    def test_a_new_queue_leads_to_its_own_voicemail(self, pbx: SimulatedPbx, task: Task) -> None:
        wanted = {"number": "8801", "name": "Returns", "forward_no_answer": {"to": "VoiceMail", "number": "8801"}}
        would = task("queue", **wanted, check_mode=True)
        assert would["changed"]
        assert would.warnings == []
        assert task("queue", **wanted)["changed"]
        assert row(pbx, "Queues", Number="8801")["ForwardNoAnswer"]["Number"] == "8801"
        assert not task("queue", **wanted)["changed"]

    def test_by_name(self, pbx: SimulatedPbx, task: Task) -> None:
        to = {"route": {"to": "RingGroup", "number": "Sales Team"}, "is_prompt_enabled": False}
        assert task("queue", number="800", out_of_office_route=to)["changed"]
        assert row(pbx, "Queues", Number="800")["OutOfOfficeRoute"]["Route"]["Number"] == "801"
        assert not task("queue", number="800", out_of_office_route=to)["changed"]

    def test_nobody_there(self, pbx: SimulatedPbx, task: Task) -> None:
        refused = task("inbound_rule", rule_name="Main number", office_hours_destination={"to": "IVR", "number": "803"})
        assert "office_hours_destination.number: there is no number 803" in refused.msg
        warned = task(
            "inbound_rule",
            rule_name="Main number",
            office_hours_destination={"to": "IVR", "number": "803"},
            check_mode=True,
        )
        assert warned["changed"]
        assert "there is no number 803" in warned.warnings[0]
        assert pbx.writes == []


class TestReceptionist:
    def test_keys_are_told_apart(self, pbx: SimulatedPbx, task: Task) -> None:
        keys: list[dict[str, Any]] = [
            {"input": "2", "forward_type": "Queue", "forward_dn": "Service Desk"},
            {"input": "1", "forward_type": "RingGroup", "forward_dn": "801"},
        ]
        assert not task("receptionist", number="802", forwards=keys)["changed"]
        keys[0] = {"input": "2", "forward_type": "EndCall", "forward_dn": None}
        assert task("receptionist", number="802", forwards=keys)["changed"]
        forwards = {one["Input"]: one for one in row(pbx, "Receptionists", Number="802")["Forwards"]}
        assert (forwards["2"]["ForwardType"], forwards["2"]["ForwardDN"], forwards["2"]["Id"]) == ("EndCall", None, 2)
        assert forwards["1"]["ForwardDN"] == "801"
        assert not task("receptionist", number="802", forwards=keys)["changed"]

    def test_a_key_is_there_once(self, pbx: SimulatedPbx, task: Task) -> None:
        twice = [{"input": "1", "forward_type": "EndCall"}] * 2
        assert "is given twice" in task("receptionist", number="802", forwards=twice).msg
        assert pbx.writes == []


NEW_TRUNK: dict[str, Any] = {
    "number": "10050",
    "template": "provider.pv.xml",
    "gateway": {"host": "sip.example.net"},
    "auth_password": "invented-trunk-password",
}


class TestTrunk:
    def test_it_begins_as_its_template_says(self, pbx: SimulatedPbx, task: Task) -> None:
        made = task("trunk", **NEW_TRUNK)
        assert made["changed"]
        body = sent(pbx)
        assert body["Gateway"]["TemplateFilename"] == "provider.pv.xml"
        assert (body["Gateway"]["Host"], body["Gateway"]["Port"]) == ("sip.example.net", 5060)
        assert body["AuthPassword"] == {"Concealed": False, "Value": "invented-trunk-password"}
        assert made["trunk"]["gateway"]["template_filename"] == "provider.pv.xml"
        assert "invented-trunk-password" not in json.dumps(made.data)

    def test_a_second_run_changes_nothing(self, pbx: SimulatedPbx, task: Task) -> None:
        task("trunk", **NEW_TRUNK)
        assert not task("trunk", **NEW_TRUNK, update_secrets="on_create")["changed"]
        assert len(pbx.writes) == 1

    def test_it_stays_with_its_template(self, pbx: SimulatedPbx, task: Task) -> None:
        task("trunk", **NEW_TRUNK)
        refused = task("trunk", number="10050", template="other.pv.xml")
        assert "template" in refused.msg
        assert "Nothing was changed" in refused.msg

    def test_one_that_does_not_say_how_to_begin(self, pbx: SimulatedPbx, task: Task) -> None:
        assert "needs template" in task("trunk", number="10050").msg
        assert pbx.writes == []

    def test_its_numbers_have_no_order(self, pbx: SimulatedPbx, task: Task) -> None:
        assert not task("trunk", number="10000", did_numbers=["+15550101", "+15550100"])["changed"]
        assert task("trunk", number="10000", did_numbers=["+15550102"], lists="add")["changed"]
        assert row(pbx, "Trunks", Number="10000")["DidNumbers"] == ["+15550100", "+15550101", "+15550102"]

    def test_its_patterns_have(self, pbx: SimulatedPbx, task: Task) -> None:
        first = {"source_pattern": "^0(\\d+)$", "replace_pattern": "+49$1"}
        other = {"source_pattern": "^(\\d+)$", "replace_pattern": "+4930$1"}
        assert task("trunk", number="10000", in_cid_formatting=[first, other])["changed"]
        assert not task("trunk", number="10000", in_cid_formatting=[first, other])["changed"]
        assert task("trunk", number="10000", in_cid_formatting=[other, first])["changed"]


class TestOutboundRule:
    def test_the_first_trunk_is_tried_first(self, pbx: SimulatedPbx, task: Task) -> None:
        rule = task("outbound_rule_info", name="National")["outbound_rules"][0]
        turned = task("outbound_rule", name="National", routes=rule["routes"][::-1])
        assert turned["changed"]
        trunks = {trunk["Number"]: trunk["Id"] for trunk in pbx.entities("Trunks")}
        assert [route["TrunkId"] for route in sent(pbx)["Routes"]] == [trunks["10001"], trunks["10000"]]
        assert [route["trunk_name"] for route in turned["outbound_rule"]["routes"]] == [
            "Backup Carrier",
            "Example Telecom",
        ]

    def test_what_a_route_does_not_say_stays(self, pbx: SimulatedPbx, task: Task) -> None:
        task("outbound_rule", name="National", routes=[{"trunk": "10000", "prepend": "+1"}, {"trunk": "10001"}])
        routes = row(pbx, "OutboundRules", Name="National")["Routes"]
        assert [(route["StripDigits"], route["Prepend"]) for route in routes] == [(1, "+1"), (1, None)]

    def test_a_trunk_may_be_tried_twice(self, pbx: SimulatedPbx, task: Task) -> None:
        routes = [{"trunk": "10000", "caller_id": "+15550100"}, {"trunk": "10000", "caller_id": "+15550101"}]
        assert task("outbound_rule", name="National", routes=routes)["changed"]
        assert not task("outbound_rule", name="National", routes=routes)["changed"]
        assert task("outbound_rule", name="National", routes=routes[::-1])["changed"]

    def test_a_trunk_that_is_gone_stays_gone(self, pbx: SimulatedPbx, task: Task) -> None:
        assert task("trunk", number="10000", state="absent")["changed"]
        [rule] = task("outbound_rule_info", name="National")["outbound_rules"]
        assert [route["trunk"] for route in rule["routes"]] == ["-1", "10001"]
        pbx.clear_log()
        assert not task("outbound_rule", **rule)["changed"]
        assert pbx.writes == []
        rule["routes"][1]["strip_digits"] = 3
        assert task("outbound_rule", **rule)["changed"]
        assert sent(pbx)["Routes"][0]["TrunkId"] == -1
        del rule["routes"][0], rule["etag"]
        assert task("outbound_rule", **rule)["changed"]
        assert len(row(pbx, "OutboundRules", Name="National")["Routes"]) == 1

    def test_zero_is_a_priority(self, pbx: SimulatedPbx, task: Task) -> None:
        assert not task("outbound_rule", name="National", priority=0)["changed"]
        assert task("outbound_rule", name="Emergency", priority=0)["changed"]
        assert sent(pbx) == {"Priority": 0}

    def test_departments_by_name(self, pbx: SimulatedPbx, task: Task) -> None:
        assert task("outbound_rule", name="National", groups=["Sales", "Support"])["changed"]
        assert sent(pbx) == {"GroupIds": [2, 3]}
        assert not task("outbound_rule", name="National", groups=["Support", "2"])["changed"]


class TestInboundRule:
    def test_by_its_name_and_one_without_by_its_number(self, pbx: SimulatedPbx, task: Task) -> None:
        assert task("inbound_rule", rule_name="Main number", data="+15550109")["changed"]
        assert sent(pbx) == {"Data": "+15550109"}
        pbx.put("InboundRules", {"RuleName": None, "Condition": "BasedOnDID", "Data": "+15550108"})
        [unnamed] = task("inbound_rule_info", data="+15550108")["inbound_rules"]
        assert task("inbound_rule", data="+15550108", call_type="AllCalls")["inbound_rule"]["id"] == unnamed["id"]

    def test_one_name_for_two_trunks(self, pbx: SimulatedPbx, task: Task) -> None:
        wanted = [{"rule_name": "Shop", "trunk": trunk, "data": "*12"} for trunk in ("10000", "Backup Carrier")]
        ids = [task("inbound_rule", **one)["inbound_rule"]["id"] for one in wanted]
        assert len(set(ids)) == 2
        assert not any(task("inbound_rule", **one)["changed"] for one in wanted)
        assert "Say which by trunk or id" in task("inbound_rule", rule_name="Shop", state="absent").msg
        assert task("inbound_rule", rule_name="Shop", trunk="10001", state="absent")["changed"]
        assert row(pbx, "InboundRules", RuleName="Shop")["Id"] == ids[0]


class TestSbc:
    def test_what_only_the_pbx_and_the_sbc_know(self, pbx: SimulatedPbx, task: Task) -> None:
        made = task("sbc", name="shop", display_name="Shop", password="invented-sbc-password")
        assert made["changed"]
        [shown] = task("sbc_info", display_name="Shop")["sbcs"]
        assert {"password", "provision_link"}.isdisjoint(shown)
        [whole] = task("sbc_info", display_name="Shop", reveal_secrets=True)["sbcs"]
        assert whole["password"] == "invented-sbc-password"
        assert whole["provision_link"]
        assert "invented" not in json.dumps(made.data)


def test_from_an_empty_pbx_to_a_department_that_takes_and_makes_calls(pbx: SimulatedPbx, task: Task) -> None:
    """Everything of it by name or by the number it was given; a second run changes nothing."""
    for entity_set in ("InboundRules", "OutboundRules", "Receptionists", "Queues", "RingGroups", "Trunks"):
        for one in pbx.entities(entity_set):
            pbx.remove(entity_set, one["Id"])
    tasks: list[tuple[str, dict[str, Any]]] = [
        (
            "queue",
            {
                "name": "Orders",
                "groups": [{"group": "Sales"}],
                "polling_strategy": "Hunt",
                "agents": [{"number": "Grace Lee"}, {"number": "Farid Haddad"}],
                "managers": [{"number": "200"}],
                "forward_no_answer": {"to": "VoiceMail", "number": "200"},
            },
        ),
        ("ring_group", {"name": "Everybody", "members": [{"number": number} for number in ("200", "201", "100")]}),
        (
            "receptionist",
            {
                "name": "Hello",
                "prompt_filename": "welcome.wav",
                "forwards": [
                    {"input": "1", "forward_type": "Queue", "forward_dn": "Orders"},
                    {"input": "2", "forward_type": "RingGroup", "forward_dn": "Everybody"},
                ],
                "timeout_forward_type": "Queue",
                "timeout_forward_dn": "Orders",
            },
        ),
        (
            "trunk",
            {
                "number": "10000",
                "template": "provider.pv.xml",
                "gateway": {"name": "Example SIP", "host": "sip.example.net"},
                "auth_id": "4711",
                "auth_password": "invented-trunk-password",
                "did_numbers": ["+15550100"],
                "update_secrets": "on_create",
            },
        ),
        (
            "inbound_rule",
            {
                "rule_name": "Shop",
                "trunk": "Example SIP",
                "condition": "BasedOnDID",
                "data": "+15550100",
                "office_hours_destination": {"to": "IVR", "number": "Hello"},
            },
        ),
        (
            "outbound_rule",
            {
                "name": "Everywhere",
                "priority": 0,
                "prefix": "0",
                "groups": ["Sales"],
                "routes": [{"trunk": "Example SIP", "strip_digits": 1}],
            },
        ),
    ]
    for name, options in tasks:
        made = task(name, **options)
        assert made["changed"], name
        assert made.warnings == []
    pbx.clear_log()
    for name, options in tasks:
        assert not task(name, **options)["changed"], name
    assert pbx.writes == []
