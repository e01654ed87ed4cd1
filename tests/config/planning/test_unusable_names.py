"""Names and lists that the engine refuses are impossible in a plan, before anything is written."""

from __future__ import annotations

import json

import pytest

from pbx_as_code.config.kinds import KINDS
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


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (
            'queues: [{number: "%s", name: Q, agents: [{number: "100"}, {number: "100"}]}]',
            "agents[1]: number 100 is given",
        ),
        ('queues: [{number: "%s", name: Q, agents: [{}]}]', "agents[0]: number is missing"),
        ('queues: [{number: "%s", name: Q, notify_codes: [~]}]', "notify_codes[0]: null cannot be an item"),
    ],
)
@pytest.mark.parametrize("number", ["800", "891"])
def test_a_list_that_is_never_written_is_impossible(at: Site, number: str, files: str, why: str) -> None:
    [(kind, identity, said)] = at.plan(files % number).impossible
    assert (kind, identity) == ("queue", (number,))
    assert said.startswith(why)
    assert "See a.yml:1:" in said


@pytest.mark.parametrize("empty", ["''", "~"])
def test_an_object_without_a_number_is_impossible(at: Site, empty: str) -> None:
    [(kind, _, why)] = at.plan(f"users: [{{number: {empty}, first_name: A}}]").impossible
    assert kind == "user"
    assert why == "it is not on the PBX, and cannot be created without number. See a.yml:1:9."


def test_a_list_that_the_pbx_has_so_is_left_alone(at: Site) -> None:
    queue = next(one for one in at.simulated.entities("Queues") if one["Number"] == "800")
    at.simulated.put("Queues", {**queue, "Agents": [*queue["Agents"], queue["Agents"][0]]})
    exported = at.exported()
    assert at.plan(exported).operations == []
    [one] = exported.of("queue")
    one.values["ring_timeout"] = 47
    assert done(at.plan(exported)) == [("update", "queue", "800")]
    assert not at.apply(exported).failed
    assert at.plan(exported).operations == []


@pytest.mark.parametrize("other", ["sales", "Sales ", "SALES"])
def test_a_name_that_people_cannot_tell_apart_is_impossible(at: Site, other: str) -> None:
    """The engine refuses to create it, so the apply would fail when it has written other objects."""
    [(kind, identity, why)] = at.plan(f"groups: [{{name: Sales}}, {{name: '{other}'}}]").impossible
    assert (kind, identity) == ("group", (other,))
    assert why.startswith("its name differs from that of the department Sales in case or blanks only.")
    assert "See a.yml:1:32." in why
    [(_, identity, why)] = at.plan(f"groups: [{{name: New}}, {{name: 'new '}}, {{name: '{other}'}}]").impossible
    assert identity == ("new ",)


def test_names_on_the_pbx_may_differ_in_case_only(at: Site) -> None:
    at.simulated.put("Groups", {"Name": "sales"})
    assert at.plan("groups: [{name: Sales}, {name: sales}]").impossible == []


def test_numbers_with_blanks_are_one_number(at: Site) -> None:
    [(_, identity, why)] = at.plan("users: [{number: '100'}, {number: ' 100', first_name: A}]").impossible
    assert identity == (" 100",)
    assert why.startswith("its number differs from that of the user 100")


def test_a_null_that_is_never_written_is_impossible(at: Site) -> None:
    """For every option that the document does not allow to be null: the apply of a plan does not fail for it."""
    exported, refused = at.exported(), []
    for kind in KINDS.values():
        for one in exported.of(kind.name)[:1]:
            named = {option: one.values[option] for option in kind.identity}
            for option, prop in kind.options.items():
                if prop.nullable or prop.secret or option in named or one.values.get(option) in (None, []):
                    continue
                values = {**named, option: None}
                text = json.dumps({kind.section: values if kind.settings else [values]})
                made = at.plan(text)
                if made.impossible:
                    refused.append(f"{kind.name}.{option}")
                else:
                    assert not at.apply(made).failed, (kind.name, option)
    assert {"holiday.time_of_start_date", "sbc.display_name", "active_prompt_set.prompt_set"} <= set(refused)
    assert len(refused) > 15


def test_a_null_of_a_new_object_is_impossible(at: Site) -> None:
    days = "day: 1, month: 2, day_end: 1, month_end: 2"
    [(_, _, why)] = at.plan(f"holidays: [{{group: Sales, name: X, {days}, time_of_start_date: ~}}]").impossible
    assert why == "time_of_start_date cannot be null. Give it a value, or leave it out. See a.yml:1:100."
    assert at.plan(f"holidays: [{{group: ~, name: X, {days}}}]").impossible == []


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (
            "users: [{number: '%s', first_name: A, forwarding_profiles: [{name: Awai, ring_my_mobile: true}]}]",
            "forwarding_profiles[0].name: there is no Awai; did you mean Away? None can be added: there are Avail",
        ),
        (
            "groups: [{name: %s, rights: [{role_name: manager, can_barge_in: true}]}]",
            "rights[0].role_name: there is no manager; did you mean managers? None can be added: there are ",
        ),
    ],
)
@pytest.mark.parametrize("new", [False, True])
def test_an_item_that_cannot_be_added_is_impossible(at: Site, files: str, why: str, new: bool) -> None:
    name = {"users": ("100", "391"), "groups": ("Sales", "Depot")}[files.partition(":")[0]][new]
    [(_, identity, said)] = at.plan(files % name).impossible
    assert (identity, said.startswith(why)) == ((name,), True), said
    assert "See a.yml:1:" in said


def test_the_order_of_rules_that_do_not_exist_is_impossible(at: Site) -> None:
    rules = (
        "trunks: [{number: '10000', routing_rules: [{condition: BasedOnDID, data: '+1555777', call_type: AllCalls}]}]\n"
    )
    [(kind, identity, why)] = at.plan(rules).impossible
    assert (kind, identity) == ("trunk", ("10000",))
    assert why == (
        "routing_rules[0]: there is no inbound rule with condition BasedOnDID, data +1555777, call_type AllCalls. "
        "It is neither on the PBX nor planned. See a.yml:1:44."
    )
    rule = "trunk: '10000', condition: BasedOnDID, data: '+1555777', call_type: AllCalls, rule_name: A"
    declared = f"inbound_rules: [{{{rule}}}]\n"
    assert at.plan(rules + declared).impossible == []
    assert not at.apply(rules + declared).failed
    assert at.plan(rules).impossible == []


def test_a_date_that_the_pbx_makes_impossible_is_impossible(at: Site) -> None:
    [(_, _, why)] = at.plan("holidays: [{group: Sales, name: Anniversary, year: 2025, day_end: 31}]").impossible
    assert why == "day_end: there is no day 31 in month 6. See a.yml:1:67."
    assert at.plan("holidays: [{group: Sales, name: Anniversary, year: 2025, day_end: 30}]").impossible == []


@pytest.mark.parametrize("number", ["100", "391"])
def test_a_key_of_an_unknown_type_is_impossible(at: Site, number: str) -> None:
    files = f"users: [{{number: '{number}', first_name: A, blf_keys: [{{position: 1, type: Speedial}}]}}]"
    [(_, _, why)] = at.plan(files).impossible
    assert why.startswith("blf_keys[0].type: Speedial is not a type of key that can be created; did you mean SpeedDial")
