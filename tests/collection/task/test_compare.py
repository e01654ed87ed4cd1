"""Differences between values, and the requests that follow from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast, get_args

import pytest

from pbx_as_code.description import Kind, Property
from pbx_as_code.engine.compare.compare import differences, merged, same
from pbx_as_code.engine.options.desired import check_items
from pbx_as_code.errors import PbxError
from pbx_as_code.walk import ABSENT
from tests.collection.tasks import Task

LINES = Property(
    "Lines",
    "lines",
    "complex",
    many=True,
    item_key=("Key",),
    fields=(Property("Key", "key", "int"), Property("Number", "number"), Property("Name", "name", nullable=True)),
)
UNKEYED = Property("Rules", "rules", "complex", many=True, fields=(Property("A", "a"), Property("B", "b")))


def test_only_what_is_wanted_counts() -> None:
    properties = (Property("A", "a"), Property("B", "b"))
    found = differences(properties, {"A": "new"}, {"A": "old", "B": "other"})
    assert [(change.property.name, change.before, change.after) for change in found] == [("A", "old", "new")]
    assert differences(properties, {}, {"A": "old"}) == []


def test_null_and_absent_and_empty_are_the_same() -> None:
    nothing = (None, "", ABSENT)
    for kind in ("str", "number", "telephone", "email", "profile", "enum", "date", "uuid", "mac", "network"):
        for current in nothing:
            assert same(Property("A", "a", kind), None, current), (kind, current)
    for kind, zeros in {
        "time": ("00:00", "00:00:00.0000000"),
        "duration": ("PT0S", "P0D"),
        "day_begin": ("00:00",),
        "day_end": ("23:59", "P1D"),
    }.items():
        for wanted in (None, *zeros):
            for current in (*nothing, *zeros):
                assert same(Property("A", "a", cast(Kind, kind)), wanted, current), (kind, wanted, current)
    text = Property("A", "a", nullable=True)
    assert same(text, "", None)
    assert same(text, "", ABSENT)
    assert not same(text, "", "x")
    assert not same(text, "x", ABSENT)


def test_zero_may_be_left_out_and_is_no_null_where_there_is_a_null() -> None:
    for kind, zero in (("int", 0), ("float", 0.0), ("bool", False)):
        for prop in (Property("N", "n", cast(Kind, kind)), Property("N", "n", cast(Kind, kind), nullable=True)):
            assert same(prop, zero, ABSENT)
            assert same(prop, None, zero)  # nothing is left to be cleared
            assert same(prop, None, ABSENT)
            assert same(prop, zero, None) is not prop.nullable
            # This one answers a zero of another property, so what it leaves out is null.
            assert [change.before for change in differences((prop,), {"N": zero}, {"Other": zero})] == [ABSENT]
            assert not differences((prop,), {"N": zero}, {"Other": 7})
    assert same(Property("E", "e", "enum"), "None", ABSENT)
    assert not same(Property("E", "e", "enum"), "All", ABSENT)


def test_a_structure_of_nothing_is_null() -> None:
    route = Property(
        "Route",
        "route",
        "complex",
        fields=(
            Property("To", "to", "enum"),
            Property("Number", "number"),
            Property("Tags", "tags", "enum", many=True),
            Property("Ignore", "ignore", "bool", nullable=True),
            Property("Start", "start", "time"),
        ),
    )
    nothing = {"To": "None", "Number": "", "Tags": [], "Ignore": False, "Start": "00:00:00.0000000", "Unknown": ""}
    assert same(route, None, nothing)
    assert same(route, {"Number": "", "Start": "00:00:00"}, None)
    assert same(route, {"To": "None", "Number": None, "Ignore": False}, ABSENT)
    assert not same(route, {"Number": "100"}, None)
    assert not same(route, {"Ignore": False}, None)
    assert not same(route, None, {**nothing, "Number": "100"})
    outer = Property("Outer", "outer", "complex", fields=(route,))
    assert same(outer, {"Route": None}, {"Route": nothing})
    assert same(outer, {"Route": {"Number": ""}}, ABSENT)


def test_what_is_empty_in_a_list_is_the_same_too() -> None:
    keyed = replace(LINES, fields=(*LINES.fields, Property("From", "from", "time")))
    current = [{"Key": 1, "Number": "", "From": "00:00:00.0000000"}, {"Number": "101", "Name": None}]
    assert same(keyed, [{"Key": 0, "Number": "101", "Name": ""}, {"Key": 1, "Number": None, "From": None}], current)
    assert not same(keyed, [{"Key": 0, "Number": "102"}, {"Key": 1}], current)
    assert same(Property("L", "l", "telephone", many=True), ["+49 30 1"], ["49301"])


def test_what_is_sent_back_unchanged_has_times_as_they_are_taken() -> None:
    periods = Property(
        "Periods",
        "periods",
        "complex",
        many=True,
        item_key=("Start",),
        fields=(Property("Start", "start", "time"), Property("Stop", "stop", "time"), Property("Day", "day")),
    )
    hours = Property("Hours", "hours", "complex", fields=(periods, Property("Type", "type")))
    current = {"Type": "Office", "Periods": [{"Start": "09:00:00.0000000", "Stop": "17:30:00.0000000"}]}
    assert merged(hours, {"Type": "All"}, current) == {
        "Type": "All",
        "Periods": [{"Start": "09:00:00", "Stop": "17:30:00"}],
    }
    assert merged(periods, [{"Start": "09:00:00", "Day": "Monday"}], current["Periods"]) == [
        {"Start": "09:00:00", "Stop": "17:30:00", "Day": "Monday"}
    ]


def test_absent_is_not_empty_for_what_has_to_be_expanded() -> None:
    assert not same(Property("M", "m", many=True, navigation=True), [], ABSENT)
    assert same(Property("M", "m", many=True), [], ABSENT)


@pytest.mark.parametrize(
    ("wanted", "current", "equal"),
    [
        (["a", "b"], ["b", "a"], True),
        (["a", "a", "b"], ["a", "b", "b"], False),
        (["a"], ["a", "b"], False),
        ([], None, True),
        ([], ["a"], False),
    ],
)
def test_a_collection_of_values_has_no_order_of_its_own(wanted: Any, current: Any, equal: bool) -> None:
    assert same(Property("C", "c", many=True), wanted, current) is equal


def test_order_counts_where_the_api_says_so() -> None:
    codecs = Property("Codecs", "codecs", many=True, ordered=True)
    assert same(codecs, ["PCMU", "PCMA"], ["PCMU", "PCMA"])
    assert not same(codecs, ["PCMU", "PCMA"], ["PCMA", "PCMU"])


def test_items_are_told_apart_by_their_key() -> None:
    current = [{"Key": 1, "Number": "100", "Name": "Ann"}, {"Key": 2, "Number": "101", "Name": "Bob"}]
    assert same(LINES, [{"Key": 2, "Number": "101"}, {"Key": 1}], current)
    assert not same(LINES, [{"Key": 2, "Number": "100"}, {"Key": 1}], current)
    assert not same(LINES, [{"Key": 1}], current)
    assert not same(LINES, [{"Key": 1}, {"Key": 1}], current)


MEMBERS = replace(LINES, name="Members", option="members", ordered_when=("Strategy", ("Hunt",)))
RINGING = (Property("Strategy", "strategy", "enum", choices=("Hunt", "RingAll")), MEMBERS)


@pytest.mark.parametrize(
    ("wanted", "current", "differs"),
    [
        ({}, "Hunt", ["Members"]),
        ({}, "RingAll", []),
        ({}, None, []),
        ({"Strategy": "Hunt"}, "RingAll", ["Strategy", "Members"]),
        ({"Strategy": "RingAll"}, "Hunt", ["Strategy"]),
    ],
)
def test_order_counts_with_some_values_of_another_property(
    wanted: dict[str, Any], current: str | None, differs: list[str]
) -> None:
    now = {"Strategy": current, "Members": [{"Key": 1, "Number": "100"}, {"Key": 2, "Number": "101"}]}
    found = differences(RINGING, {**wanted, "Members": [{"Key": 2}, {"Key": 1}]}, now)
    assert [change.property.name for change in found] == differs
    for change in found:
        if change.property.name == "Members":
            assert change.after == [{"Key": 2, "Number": "101"}, {"Key": 1, "Number": "100"}]


def test_the_same_may_be_in_an_order_twice() -> None:
    routes = replace(LINES, ordered=True)
    current = [{"Key": 1, "Number": "100"}, {"Key": 1, "Number": "101"}]
    assert merged(routes, [{"Key": 1}, {"Key": 1}, {"Key": 1, "Number": "9"}], current) == [
        {"Key": 1, "Number": "100"},
        {"Key": 1, "Number": "101"},
        {"Key": 1, "Number": "9"},
    ]
    check_items(routes, current, "routes")
    with pytest.raises(PbxError, match="is given twice"):
        check_items(LINES, current, "lines")


def test_what_the_task_leaves_alone_goes_along() -> None:
    current = [{"Key": 1, "Number": "100", "Name": "Ann"}, {"Key": 2, "Number": "101", "@odata.id": "x"}]
    assert merged(LINES, [{"Key": 2, "Number": "102"}, {"Key": 1}, {"Key": 3}], current) == [
        {"Key": 2, "Number": "102"},
        {"Key": 1, "Number": "100", "Name": "Ann"},
        {"Key": 3},
    ]


def test_read_only_parts_are_neither_compared_nor_sent() -> None:
    prop = Property("P", "p", "complex", fields=(Property("A", "a"), Property("Link", "link", read_only=True)))
    assert same(prop, {"A": "1", "Link": "mine"}, {"A": "1", "Link": "theirs"})
    assert merged(prop, {"A": "2", "Link": "mine"}, {"A": "1", "Link": "theirs"}) == {"A": "2", "Link": "theirs"}
    assert merged(prop, {"A": "2", "Link": "mine"}, None) == {"A": "2"}


def test_items_without_a_key_pair_up_whatever_their_order() -> None:
    current = [{"A": "1", "B": "1"}, {"A": "1", "B": "2"}]
    # The first wanted item fits both; taking the first at once would leave nothing for the second.
    assert same(UNKEYED, [{"A": "1"}, {"A": "1", "B": "1"}], current)
    assert not same(UNKEYED, [{"A": "1", "B": "1"}, {"A": "1", "B": "1"}], current)


@pytest.mark.parametrize("current", ["text", 7, {"Key": 1}, [None, 3], None])
def test_an_answer_of_another_shape_is_a_difference_and_no_accident(current: Any) -> None:
    assert not same(LINES, [{"Key": 1}, {"Key": 2}, {"Key": 3}], current)
    merged(LINES, [{"Key": 1}], current)


def test_two_answers_of_any_form_can_be_compared() -> None:
    """The engine compares two responses of the PBX, so it must accept any form in both."""
    forms: list[Any] = [None, ABSENT, 1.5, True, "x", "", [], {}, [1.5], [None], ["Key"], [[]], [{}], {"Key": []}]
    one = replace(LINES, many=False, item_key=())
    shapes = [LINES, UNKEYED, one, replace(one, fields=(LINES, UNKEYED)), replace(UNKEYED, fields=(LINES, one))]
    shapes += [replace(shape, ordered=True) for shape in shapes if shape.many]
    shapes += [replace(LINES, standing=True), *(Property("A", "a", kind, many=True) for kind in get_args(Kind))]
    for prop in shapes:
        for before in forms:
            for now in forms:
                assert same(prop, before, now) in (True, False)
    assert not same(one, {"Number": "1"}, 1.5)
    assert not same(one, 1.5, {"Number": "1"})
    assert not same(LINES, [1.5], [{"Key": 1}])


def test_null_is_left_out_of_an_item_that_cannot_have_it(task: Task) -> None:
    """A result shows it for what the PBX left out, and is given back; and a list is replaced as a whole."""
    place = {"id": "front", "location": "Headquarters", "provider_uri": "sip:front@example.com"}
    for given in ({**place, "location": None}, place, {**place, "location": None}, {**place, "provider_uri": None}):
        assert task("trunk", number="10000", emergency_geo_locations=[given])["changed"]
        assert not task("trunk", number="10000", emergency_geo_locations=[given])["changed"]
