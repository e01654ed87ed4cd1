"""One value: as it is written, sent, compared and shown."""

from __future__ import annotations

from typing import Any

import pytest

from pbx_as_code.description import Kind, Property
from pbx_as_code.engine.compare.values import canonical, to_wire
from pbx_as_code.engine.report.results import from_wire, structure_from_wire
from pbx_as_code.errors import PbxError
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("datetime", "2026-01-31T08:00:00Z", "2026-01-31T09:00:00+01:00"),
        ("datetime", "2026-01-31T08:00:00Z", "2026-01-31T08:00:00.000Z"),
        ("datetime", "2026-01-31T08:00:00", "2026-01-31T08:00:00Z"),
        ("date", "2026-01-31", " 2026-01-31 "),
        ("time", "08:30", "08:30:00"),
        ("time", "08:30:00.000000", "08:30:00"),
        ("duration", "PT90S", "PT1M30S"),
        ("duration", "P1D", "PT24H"),
        ("duration", "PT0S", "PT0M"),
        ("duration", "PT1.5S", "PT1.500S"),
        ("uuid", "2F1E0C9A-1B2C-4D3E-8F4A-5B6C7D8E9F00", "2f1e0c9a-1b2c-4d3e-8f4a-5b6c7d8e9f00"),
        ("mac", "00:0B:82:aa:bb:cc", "000b82aabbcc"),
        ("mac", "000b.82aa.bbcc", "00-0B-82-AA-BB-CC"),
        ("network", "192.0.2.7", "192.0.2.7/255.255.255.255"),
        ("network", "192.0.2.7/24", "192.0.2.0/255.255.255.0"),
        ("network", "2001:DB8::0", "2001:db8::/128"),
        ("network", "office", "office"),
        ("flags", "Voicemail, Recordings", "Recordings,Voicemail"),
        ("flags", ["Recordings", "Voicemail"], "Voicemail, Recordings"),
        ("float", 1, 1.0),
        ("str", "", None),
        ("str", "Bu\u0308ro", "B\u00fcro"),
        ("time", "00:00:00.0000000", None),
        ("time", "09:00", "09:00:00.0000000"),
        ("duration", "P0D", None),
        ("number", " sp8 ", "SP8"),
        ("number", " ", None),
        ("telephone", "+1 (555) 01-33", "15550133"),
        ("telephone", "+49 30 1234, 49 89.1", "4930 1234,+49891"),
        ("email", "Case.Test@Example.com ", "case.test@example.com"),
        ("day_begin", "00:00", None),
        ("day_begin", "P0D", "PT0S"),
        ("day_begin", "08:00", "PT8H"),
        ("day_begin", "08:00:00.0000000", "PT480M"),
        *(("day_end", end, None) for end in ("PT0S", "00:00", "23:59", "PT23H59M59S", "PT24H", "P1D", "24:00", "")),
        ("day_end", "17:30", "PT17H30M"),
    ],
)
def test_what_means_the_same_is_equal(kind: Kind, one: Any, other: Any) -> None:
    assert canonical(kind, one) == canonical(kind, other)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("datetime", "2026-01-31T08:00:00Z", "2026-01-31T08:00:00+01:00"),
        ("duration", "PT90S", "-PT90S"),
        ("duration", "PT90S", "nonsense"),
        ("mac", "000b82aabbcc", "000b82aabbcd"),
        ("network", "192.0.2.7", "192.0.2.7/31"),
        ("network", "192.0.2.0/24", "::ffff:192.0.2.0/120"),
        ("flags", "Voicemail", "Voicemail, Recordings"),
        ("str", "a", "A"),
        ("int", 0, None),
        ("int", 1, True),
        ("bool", False, None),
        ("bool", False, 0),
        ("number", "0102", "102"),
        ("str", "sales", "Sales"),
        ("telephone", "0102", "102"),
        ("telephone", "*0102", "0102"),
        ("telephone", "0049301", "+49301"),
        ("telephone", "anonymous", "Anonymous"),
        ("telephone", "+", ""),
        ("str", "+1", "1"),
        ("email", "a@example.com", "b@example.com"),
        ("day_begin", "PT23H59M", None),
        ("day_end", "23:58", None),
    ],
)
def test_what_means_something_else_differs(kind: Kind, one: Any, other: Any) -> None:
    assert canonical(kind, one) != canonical(kind, other)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("datetime", "yesterday"),
        ("datetime", ""),
        ("date", "2026-02-30"),
        ("time", "25:00"),
        ("duration", "P"),
        ("duration", "PT"),
        ("duration", "30"),
        ("uuid", "900"),
        ("mac", "00:11:22:33:44"),
        ("mac", "00112233445g"),
        ("mac", "' or 1 eq 1 or '"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_name_of_its_option(kind: Kind, value: str) -> None:
    with pytest.raises(PbxError) as failure:
        to_wire(Property("X", "an_option", kind), value, "an_option")
    assert failure.value.msg.startswith("an_option: ")
    assert failure.value.target == "an_option"


def test_bounds_of_the_document_are_kept_beforehand() -> None:
    number = Property("X", "x", "int", minimum=0, maximum=10)
    assert to_wire(number, 0, "x") == 0
    assert to_wire(number, 10, "x") == 10
    for wrong in (-1, 11):
        with pytest.raises(PbxError):
            to_wire(number, wrong, "x")
    text = Property("X", "x", max_length=3)
    assert to_wire(text, "abc", "x") == "abc"
    with pytest.raises(PbxError):
        to_wire(text, "abcd", "x")


def test_wire_forms() -> None:
    assert to_wire(Property("X", "x", "mac"), "00:0B:82:AA:BB:CC", "x") == "000b82aabbcc"
    assert to_wire(Property("X", "x", "flags"), ["A", "B", "A"], "x") == "A, B"
    assert to_wire(Property("X", "x", "datetime"), " 2026-01-31T08:00:00Z ", "x") == "2026-01-31T08:00:00Z"


def test_results_are_snake_case_to_the_leaves_and_know_no_credentials() -> None:
    properties = (
        Property("AuthID", "auth_id"),
        Property("AuthPassword", "auth_password", secret=True),
        Property("Mode", "mode", "flags"),
        Property(
            "Phones",
            "phones",
            "complex",
            many=True,
            fields=(Property("MacAddress", "mac_address", "mac"), Property("Secret", "secret", secret=True)),
        ),
    )
    row = {
        "AuthID": "u",
        "AuthPassword": "CANARY",
        "Mode": "A, B",
        "Phones": [{"MacAddress": "000B82", "Secret": "CANARY", "Unknown": "CANARY"}],
        "NewInThisRelease": "CANARY",
    }
    shown = structure_from_wire(properties, row)
    assert shown == {"auth_id": "u", "mode": ["A", "B"], "phones": [{"mac_address": "000B82"}]}
    assert structure_from_wire(properties, row, reveal=True)["phones"] == [
        {"mac_address": "000B82", "secret": "CANARY"}
    ]


@pytest.mark.parametrize("answer", [None, "text", 5, ["x", None], {"A": 1}])
def test_an_answer_of_another_shape_shows_without_harm(answer: Any) -> None:
    many = Property("X", "x", "complex", many=True, fields=(Property("A", "a"),))
    one = Property("X", "x", "complex", fields=(Property("A", "a"),))
    for prop in (many, one, Property("X", "x", "flags"), Property("X", "x", "datetime")):
        from_wire(prop, answer)


def test_what_has_no_value_is_shown_as_null_whatever_the_pbx_answers() -> None:
    inner = Property("S", "s", "complex", fields=(Property("A", "a", nullable=True), Property("P", "p", secret=True)))
    properties = (
        *(Property(name, name.lower(), nullable=True) for name in "ABC"),
        Property("T", "t", "time"),
        Property("L", "l", many=True),
        inner,
        Property("Members", "members", many=True, navigation=True),
        Property("Script", "script", large=True),
        Property("Pin", "pin", secret=True, nullable=True),
    )
    row = {"A": None, "B": "", "T": "09:00:00.0000000", "S": {"A": ""}}
    nothing: dict[str, Any] = {"a": None, "b": None, "c": None, "l": []}
    assert structure_from_wire(properties, row) == {**nothing, "t": "09:00:00", "s": {"a": None}}
    assert structure_from_wire(properties, {}) == {**nothing, "t": None, "s": None}
    revealed = structure_from_wire(properties, {**row, "Pin": ""}, reveal=True)
    assert revealed == {**nothing, "t": "09:00:00", "s": {"a": None}, "pin": None}


@pytest.mark.parametrize(
    ("kind", "written", "sent"),
    [
        ("datetime", "2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"),
        ("datetime", " 2026-01-31T08:00:00.5+01:00\n", "2026-01-31T08:00:00.5+01:00"),
        ("datetime", "2026-01-31 08:00", "2026-01-31T08:00:00Z"),
        ("datetime", "2026-01-31", "2026-01-31T00:00:00Z"),
        ("datetime", "20260131T080000+0200", "2026-01-31T06:00:00Z"),
        ("date", "20260131", "2026-01-31"),
        ("date", "2026-W05-6", "2026-01-31"),
        ("time", "T083000", "08:30:00"),
        ("time", "08:30", "08:30:00"),
        ("time", "08:30:00.0000000", "08:30:00"),
        ("day_begin", "08:30", "PT8H30M"),
        ("day_end", "24:00", "P1D"),
        ("day_end", "PT23H59M", "PT23H59M"),
        ("duration", "PT90M", "PT90M"),
        ("duration", "PT0000000000005S", "PT5S"),
        ("uuid", "{2F1E0C9A-1B2C-4D3E-8F4A-5B6C7D8E9F00}", "2f1e0c9a-1b2c-4d3e-8f4a-5b6c7d8e9f00"),
    ],
)
def test_what_is_sent_is_what_a_pbx_reads(kind: Kind, written: str, sent: str) -> None:
    prop = Property("When", "when", kind)
    assert to_wire(prop, written, "when") == sent
    assert canonical(kind, sent) == canonical(kind, written)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("time", "08:30+01:00"),
        ("duration", "P99999999999D"),
        ("duration", "PT99999999999999999999H"),
        ("duration", "PT\u0661S"),
        ("datetime", "0001-01-01T00:00:00+05:00"),
    ],
)
def test_what_no_pbx_can_read(kind: Kind, written: str) -> None:
    with pytest.raises(PbxError, match="when: "):
        to_wire(Property("When", "when", kind), written, "when")


@pytest.mark.parametrize("kind", ["day_begin", "day_end", "duration"])
def test_a_time_of_minus_zero_leaves_as_zero(kind: Kind) -> None:
    """`make fuzz` found it."""
    assert to_wire(Property("When", "when", kind), "-PT0S", "when") == "PT0S"


def test_null_within_a_structure_of_something_new_is_refused_before_it_is_sent(pbx: SimulatedPbx, task: Task) -> None:
    """`make fuzz` found it: the PBX refused the whole body."""
    made = task("inbound_rule", rule_name="New", data="+15550301", condition="BasedOnDID", hours={"type": None})
    assert made.msg.startswith("There is no ")
    assert "hours.type of one cannot be null" in made.msg
    assert pbx.writes == []
