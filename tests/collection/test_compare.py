"""What counts as a difference, and what is sent for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collection.plugins.module_utils._compare import ABSENT, differences, merged, same
from ansible_collection.plugins.module_utils._description import Property
from ansible_collection.plugins.module_utils._desired import check_item_keys
from ansible_collection.plugins.module_utils._failure import Failure

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


def test_null_and_absent_and_empty() -> None:
    text = Property("A", "a")
    assert same(text, None, None)
    assert same(text, None, ABSENT)
    assert not same(text, None, "")
    assert not same(text, "", None)
    assert not same(text, "", ABSENT)
    assert not same(Property("N", "n", "int"), 0, None)


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
    check_item_keys(routes, current, "routes")
    with pytest.raises(Failure, match="is there twice"):
        check_item_keys(LINES, current, "lines")


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
