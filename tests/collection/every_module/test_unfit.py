"""Options that nothing could do anything with: each is refused by its name, before anything is read or sent."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collection.plugins.plugin_utils._plain import plain
from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Task
from tests.collection.shipped import as_a_module


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"first_name": "a\ud800"}, "first_name: it contains half a surrogate pair"),
    ({"groups": [{"name": "\udfff"}]}, "groups[0].name: it contains half a surrogate pair"),
    ({"greetings": [{"\udfff": 1}]}, "greetings[0]: it contains half a surrogate pair"),
    ({"groups": ['{"group": "\\ud800"}']}, "groups[0].group: it contains half a surrogate pair, which"),
    ({"first_name": nested(200)}, "structures are nested too deeply"),
    ({"hours": '{"type":' * 200 + "1" + "}" * 200}, "hours: structures are nested too deeply"),
    ({"record_calls": 1, "hours": 5}, "hours: a structure is needed here"),
    ({"groups": [5]}, "groups[0]: a structure is needed here"),
    ({"forwarding_exceptions": '{"hours": false}'}, "forwarding_exceptions[0].hours: a structure is needed here"),
    ({"hours": "nonsense"}, "hours: a structure is needed here"),
    ({"sip_id": 10**4000}, "sip_id: the number is too large"),
    ({"primary_group": 10**64}, "primary_group: the number is too large"),
    ({"id": "1e999999999"}, "id: the number is too large"),
    ({"id": "-Infinity"}, "id: the number is too large"),
    ({"id": float("inf")}, "id: inf is not a number"),
    ({"id": [0, [1], 99999999999999999999]}, "id: one value is needed here"),
    ({"wait": 10**400, "number": "\ud800"}, "number: it contains half a surrogate pair"),
    ({"request_timeout": 10**400}, "request_timeout: the number is too large"),
    ({"request_timeout": float("nan")}, "request_timeout: nan is not a number"),
    ({"connect_timeout": float("nan")}, "connect_timeout: nan is not a number"),
    ({"if_match": "\udc00"}, "if_match: it contains half a surrogate pair"),
    ({"etag": "\udc00"}, "etag: it contains half a surrogate pair"),
]


@pytest.mark.parametrize(("options", "problem"), UNFIT, ids=[problem for _, problem in UNFIT])
def test_it_is_refused(
    options: dict[str, Any], problem: str, pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    asked = {"number": "100", **options}
    here = task("user", **asked)
    assert problem in here.msg
    assert "Nothing was sent." in here.msg
    there = as_a_module("user", pbx, monkeypatch, capsys, **asked)
    assert there["msg"] == here.msg
    assert pbx.requests == []


def test_digits_whose_source_cannot_be_seen_are_refused_wherever_they_are(pbx: SimulatedPbx, task: Task) -> None:
    outside = {"to": "External", "external": 15550133}
    for module, options, place in (
        ("user", {"number": "100", "mobile": 15550133}, "mobile"),
        ("user", {"number": "100", "vm_pin": 83}, "vm_pin"),
        ("user", {"number": "100", "forwarding_profiles": [{"name": "Away", "away_route": {"external": outside}}]},
            "forwarding_profiles[0].away_route.external.external"),
        ("trunk", {"number": "10000", "did_numbers": [15550133]}, "did_numbers[0]"),
        ("trunk", {"number": "10000", "did_numbers": 15550133}, "did_numbers[0]"),
        ("outbound_rule", {"name": "Local calls", "routes": [{"trunk": "10000", "prepend": 49}]}, "routes[0].prepend"),
        ("operation", {"operation": "UpdateTrunk", "parameters": {"Id": 4}, "body": {"DidNumbers": 15550133}},
            "body.DidNumbers"),
    ):  # fmt: skip
        refused = task(module, **options).msg
        assert refused.startswith(f"{place}: a text is needed here"), refused
        assert "83" not in refused, "a PIN"
    assert pbx.writes == []


def test_a_secret_is_not_in_the_message(task: Task) -> None:
    assert "tell-nobody" not in task("user", number="100", auth_password="tell-nobody\ud800").msg


def test_a_body_that_is_too_deep(task: Task) -> None:
    refused = task("operation", operation="CreateUser", body={"Number": nested(500)})
    assert refused.msg.startswith("body.Number[0]")


def test_what_is_deeper_than_any_option_is_left_to_be_refused() -> None:
    deep = nested(5000)
    assert plain({"x": deep, "y": 1})["y"] == 1


def test_structures_as_text_are_those_structures(pbx: SimulatedPbx, task: Task) -> None:
    assert task("user", number="100", groups='{"group": "Sales"}')["changed"]
    assert not task("user", number="100", groups=[{"group": "Sales"}])["changed"]
    assert not task("user", number="100", groups='{"group": "Sales"}')["changed"]


@pytest.mark.parametrize("option", ["filter", "search", "order_by"])
@pytest.mark.parametrize("value", [[], {}, ["Id"], True, 1.5])
def test_what_is_looked_for_is_a_text(option: str, value: Any, pbx: SimulatedPbx, task: Task) -> None:
    assert f"{option}: " in task("user_info", **{option: value}).msg
    assert pbx.requests == []


def test_a_limit_is_a_number(pbx: SimulatedPbx, task: Task) -> None:
    assert "limit: a number is needed here, not true" in task("user_info", limit=True).msg
    assert pbx.requests == []


LONG = "x" * 70_000


@pytest.mark.parametrize(
    ("name", "options", "option"),
    [
        ("tenant_property", {"name": LONG, "value": "x"}, "name"),
        ("tenant_property", {"name": LONG, "state": "absent"}, "name"),
        ("tenant_property_info", {"name": LONG}, "name"),
        ("user_info", {"filter": LONG}, "filter"),
        ("user_info", {"search": LONG}, "search"),
        ("user", {"number": "100", "groups": [{"group": LONG}]}, "groups[0].group"),
    ],
)
def test_what_no_address_can_hold(
    name: str, options: dict[str, Any], option: str, pbx: SimulatedPbx, task: Task
) -> None:
    assert task(name, **options).msg.startswith(f"{option}: it has 70000 characters; the maximum is ")
    assert pbx.requests == []


def test_a_key_that_is_a_moment(pbx: SimulatedPbx, task: Task) -> None:
    refused = task("last_cdr_and_chat_message_timestamp_info", last_cdr_started_at="yesterday")
    assert refused.msg.startswith("last_cdr_started_at: 'yesterday' is not a date and time")
    assert pbx.requests == []


def test_a_message_is_one_line_that_is_read(task: Task) -> None:
    msg = task("holiday", name="x", time_of_start_date="\x1b[31m\u202e\n" + "x" * 70_000).msg
    assert msg.startswith("time_of_start_date: '\\x1b[31m\\u202e ")
    assert msg.isprintable()
    assert len(msg) < 2000
    assert msg.endswith("Nothing was sent.")


def test_a_small_number_has_its_bounds(pbx: SimulatedPbx, task: Task) -> None:
    refused = task("holiday", name="x", day=256)
    assert "day: 256 is too large; the maximum is 255" in refused.msg
    assert pbx.writes == []
