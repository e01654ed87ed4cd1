"""Validation without a PBX, the YAML writer, and the schema for editors."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
import yaml

from pbx_as_code.config.checks import check
from pbx_as_code.config.exporting.emitter import emit
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.reader import read_yaml
from pbx_as_code.config.schema import schema
from pbx_as_code.config.values import Secret

_COMPLETE = "pbx: {complete: [groups, users]}\n"


def found(text: str) -> list[str]:
    try:
        return [str(problem) for problem in check(load_sources([("a.yml", text.encode())]))]
    except ConfigError as error:
        return [str(problem) for problem in error.problems]


def test_a_name_that_is_nowhere_is_said_with_the_nearest() -> None:
    text = "groups: [{name: Sales}]\nusers:\n- number: 100\n  primary_group: Sale\n"
    expected = "a.yml:5:18: primary_group: There is no department called Sale; did you mean Sales?"
    assert found(_COMPLETE + text) == [expected]
    assert found(text) == []  # it may be on the PBX


def test_a_number_belongs_to_one_object() -> None:
    text = "users: [{number: 800}]\nqueues:\n- name: x\n  number: 800\n"
    assert found(text) == ["a.yml:4:11: The number 800 is that of the user 800 at a.yml:1:9."]


def test_settings_reserve_numbers_too() -> None:
    text = "users: [{number: 777}]\nconference_settings: {extension: '777'}\n"
    assert "The number 777 is that of the user 777 at a.yml:1:9." in found(text)[0]
    assert found("users: [{number: 777}]\nconference_settings: {extension: null}\n") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "trunks:\n- {number: '10000', did_numbers: ['+1555']}\n"
            "- number: '10001'\n  did_numbers: [+155611, +1 555]\n",
            "a.yml:4:26: The DID +1 555 is that of the trunk 10000 at a.yml:2:35.",
        ),
        (
            "trunks:\n- {number: '10000', did_numbers: ['+1555', '+1555']}\n",
            "a.yml:2:44: The DID +1555 is that of the trunk 10000 at a.yml:2:35.",
        ),
        (
            "users:\n- {number: 100, email_address: A@example.com}\n- {number: 101, email_address: a@Example.com}\n",
            "a.yml:3:32: The e-mail address a@Example.com is that of the user 100 at a.yml:2:32.",
        ),
        (
            "users: [{number: 1, phones: [{mac_address: '00:11:22:33:44:55'}]}]\n"
            "fxs_gateways:\n- {mac_address: 001122334455}\n",
            "a.yml:3:17: The MAC address 001122334455 is that of the user 1 at a.yml:1:44.",
        ),
        (
            "groups:\n- name: A\n  props: {user_number_from: '200', user_number_to: '100'}\n",
            "a.yml:3:52: props.user_number_to: the range ends at 100, before its start at 200.",
        ),
    ],
)
def test_what_is_unique_on_a_pbx_is_given_once(text: str, said: str) -> None:
    assert found(text) == [said]


def test_a_destination_leads_to_an_object_of_its_type() -> None:
    queue = "queues:\n- {number: '801', name: Q, forward_no_answer: {to: %s, number: '%s'}}\n"
    user = "users: [{number: '100', first_name: A}]\n"
    menu = "receptionists: [{number: '802', name: M, forwards: [{input: '1', forward_type: %s, forward_dn: '%s'}]}]\n"
    said = "a.yml:2:67: forward_no_answer.number: 100 is the user at a.yml:3:9, and to is Queue."
    assert found(queue % ("Queue", "100") + user) == [said]
    (problem,) = found(user + menu % ("Extension", "802"))
    assert "forwards.forward_dn: 802 is the digital receptionist at" in problem
    for kind, number in (("Extension", "100"), ("VoiceMail", "100"), ("External", "100"), ("Queue", "899")):
        assert found(queue % (kind, number) + user) == []
    assert found(user + menu % ("Extension", "100")) == []


def test_empty_values_collide_with_nothing() -> None:
    two = "users:\n- {number: 100, email_address: ''}\n- {number: 101, email_address: ''}\n"
    assert found(two + "trunks: [{number: '10000', did_numbers: ['']}, {number: '10001', did_numbers: ['']}]\n") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "sbcs: [{name: a, group: Sals}]\n",
            "a.yml:3:25: group: There is no department called Sals; did you",
        ),
        ("hotel_services: {hotel_groups: [Sales, Salez]}\n", "a.yml:3:40: hotel_groups: There is no department called"),
        ("website_links: [{link: a, group: Sales}]\n", None),
    ],
)
def test_names_that_a_pbx_stores_as_plain_texts_are_checked(text: str, said: str | None) -> None:
    problems = found("pbx: {complete: [groups]}\ngroups: [{name: Sales}]\n" + text)
    assert len(problems) == (said is not None)
    assert said is None or problems[0].startswith(said)


@pytest.mark.parametrize(
    ("holiday", "said"),
    [
        ("day: 30, month: 2, year: 0, day_end: 1, month_end: 3, year_end: 0", "day: there is no day 30 in month 2."),
        (
            "year: 2027, day: 29, month: 2, day_end: 1, month_end: 3, year_end: 2027",
            "day: there is no day 29 in month 2.",
        ),
        ("day: 60", "day: a day is a number from 1 to 31, not 60."),
        ("month_end: 0", "month_end: a month is a number from 1 to 12, not 0."),
        ("day: 1, month: 13, day_end: 1, month_end: 3", "month: a month is a number from 1 to 12, not 13."),
        ("day: 5, month: 5, day_end: 4, month_end: 5", "day_end: the holiday ends before it begins."),
        ("year: 2027, day: 5, month: 5, day_end: 6, month_end: 5, year_end: 2026", "day_end: the holiday ends before"),
        ("day: 24, month: 12, day_end: 2, month_end: 1, is_recurrent: true", None),
        ("day: 29, month: 2, day_end: 29, month_end: 2", None),
        (
            "day: 5, month: 5, day_end: 5, month_end: 5, time_of_start_date: PT18H, time_of_end_date: PT12H",
            "time_of_end_date: the holiday ends on the day it begins, and not after its start.",
        ),
        ("day: 5, month: 5, day_end: 5, month_end: 5, time_of_start_date: PT18H, time_of_end_date: PT23H59M", None),
        ("day: 5, month: 5", None),
    ],
)
def test_holidays_are_days_of_the_calendar(holiday: str, said: str | None) -> None:
    year = "" if "year:" in holiday else "year: 0, "
    problems = found(f"holidays:\n- {{name: x, group: null, {year}{holiday}}}\n")
    assert len(problems) == (said is not None), problems
    assert said is None or said in problems[0]


def test_hours_end_after_they_begin() -> None:
    line = "office_hours: {hours: {periods: [{day_of_week: Monday, start: 17:00, stop: %s}]}}\n"
    assert "the period ends at 08:00" in found(line % "08:00")[0]
    for stop in ("00:00", "17:30", "17:00:01", "23:59:59"):
        assert found(line % stop) == [], stop
    periods = "{day_of_week: Monday, start: 08:00:00, stop: 17:00}, {day_of_week: Friday, stop: 17:00}"
    expected = "a.yml:1:101: hours.periods[1]: start is missing, which identifies the item."
    assert found(f"office_hours: {{hours: {{periods: [{periods}]}}}}\n") == [expected]


@pytest.mark.parametrize(
    "text",
    ["", " ", "0123", "+49", "10:30", "off", "Null", "a: b", "a #b", "- a", "'", '"', "\\", "a\nb", "\t", "\x07", "é",
        "\U0001f600",
     "{{ x }}", "{% x %}", "\u2028", "\ufeff", "!secret x", "&a", "*a", "a ", "1.5", "=", "<<", "y", "\x85"],
)  # fmt: skip
def test_any_text_round_trips_here_and_in_other_readers(text: str) -> None:
    written = emit({"users": [{"number": "100", "first_name": text, "groups": []}]})
    (user,) = load_sources([("a.yml", written.encode())]).definitions
    assert user.values["first_name"] == text
    assert yaml.safe_load(written)["users"][0]["first_name"] == text


def test_a_marker_round_trips() -> None:
    written = emit({"trunks": [{"number": "10000", "auth_password": Secret("x")}]})
    (trunk,) = load_sources([("a.yml", written.encode())]).definitions
    assert trunk.values["auth_password"] == Secret("x")
    assert read_yaml(written.encode(), "a.yml") is not None


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("users: [{number: 0123, enabled: true, groups: [{group: Sales}]}]", True),
        ("trunks: [{number: 10000, auth_password: {secret: x}}]", True),
        ("mail_settings: {mail_user: x}", True),
        ("users: [{numbr: 1}]", False),
        ("queues: [{number: 1, polling_strategy: RingAl}]", False),
        ("groups: [{name: Sales, members: []}]", False),
        ("nothing: {}", False),
    ],
)
def test_the_schema_takes_what_the_loader_takes(text: str, fits: bool) -> None:
    document: Any = yaml.safe_load(text)
    assert jsonschema_rs.validator_for(schema()).is_valid(document) is fits


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "queues:\n- number: 800\n  agents: [{number: 100}, {number: 101}, {number: 100}]\n",
            ["a.yml:3:51: agents[2]: number 100 is given twice."],
        ),
        (
            "users:\n- number: 1\n  groups: [{group: Sales}, {}, {group: ~}, {group: Sales}]\n",
            [
                "a.yml:3:28: groups[1]: group is missing, which identifies the item.",
                "a.yml:3:40: groups[2]: group is missing, which identifies the item.",
                "a.yml:3:52: groups[3]: group Sales is given twice.",
            ],
        ),
        (
            "groups:\n- name: A\n  hours: {periods: [{day_of_week: Monday, start: '09:00', stop: '10:00'},\n"
            "    {day_of_week: Monday, start: '09:00:00', stop: '11:00'}]}\n",
            ["a.yml:4:19: hours.periods[1]: day_of_week Monday, start 09:00:00 is given twice."],
        ),
        (
            "users:\n- {number: 1, phones: [{mac_address: 001122334455}, {mac_address: '00:11:22:33:44:55'}]}\n",
            ["a.yml:2:67: The MAC address 00:11:22:33:44:55 is that of the user 1 at a.yml:2:38."],
        ),
        (
            "trunks:\n- {number: 1, did_numbers: ['+1', ~]}\n",
            ["a.yml:2:35: did_numbers[1]: null cannot be an item of a list. Delete this line."],
        ),
        (
            "outbound_rules:\n- {name: A, routes: [{trunk: '1'}, {trunk: '1'}]}\n",
            [],  # in an order, a trunk may have two places
        ),
        (
            "groups:\n- {name: A, hours: {periods: [{day_of_week: Monday, start: PT9H, stop: '11:00'}]}}\n",
            ["a.yml:2:60: hours.periods.start: 'PT9H' is not a time of day such as 08:30:00."],
        ),
        (
            "users:\n- {number: 1, blf_keys: [{position: 0, type: Line}, {type: Line}, {position: 1, extension: '5'},\n"
            "    {position: 2, type: BLF, number: '5'}, {position: 3, type: ProfileStatus, profile: Awai}]}\n",
            [
                "a.yml:2:37: blf_keys[0].position: give the position of the key on the phone, counted from 1.",
                "a.yml:2:53: blf_keys[1]: position is missing, which identifies the item.",
                "a.yml:2:67: blf_keys[2].type: give the type of the key: BLF, SpeedDial, CustomSpeedDial, "
                "SharedParking, QueueLogin, ProfileStatus, Line.",
                "a.yml:3:5: blf_keys[3].extension: a key of type BLF needs it.",
                "a.yml:3:38: blf_keys[3].number: a key of type BLF does not have it.",
                "a.yml:3:88: blf_keys[4].profile: there is no forwarding profile Awai; did you mean Away? There are: "
                "Available, Away, Out of office, Custom 1, Custom 2.",
            ],
        ),
        ("users:\n- {number: '', first_name: A}\n", ["a.yml:2:12: number is empty, and identifies a user."]),
        ("groups: [{name: ~}]\n", ["a.yml:1:17: name is empty, and identifies a department."]),
        ("outbound_rules: [{name: ''}]\nholidays: [{name: ~, group: ~}]\n", []),  # a PBX may have them so
    ],
)
def test_names_and_items_that_are_never_written(text: str, said: list[str]) -> None:
    assert found(text) == said


def test_a_holiday_of_one_year_needs_the_year_of_its_end() -> None:
    text = "holidays: [{name: A, year: 2030, day: 1, month: 2, day_end: 1, month_end: 2%s}]\n"
    expected = "a.yml:1:28: year: the holiday begins in 2030, and has no year in which it ends. Set year_end, too."
    assert found(text % "") == [expected]
    assert found(text % ", year_end: 2030") == []


def test_one_object_is_renamed_once() -> None:
    text = "groups:\n- {name: X, renamed_from: Sales}\n- {name: Y, renamed_from: Sales}\n"
    assert found(text) == ["a.yml:3:27: department X at a.yml:2:3 is renamed from Sales as well. Keep one of the two."]
    assert found(text.replace("Y, renamed_from: Sales", "Y, renamed_from: Support")) == []
