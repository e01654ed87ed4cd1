"""Validation without a PBX, the YAML writer, and the schema for editors."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
import yaml

from pbx_as_code.config.checks import check
from pbx_as_code.config.emitter import emit
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.reader import read_yaml
from pbx_as_code.config.schema import schema
from pbx_as_code.config.values import Secret

_COMPLETE = "pbx: {complete: [groups, users]}\n"


def found(text: str) -> list[str]:
    return [str(problem) for problem in check(load_sources([("a.yml", text.encode())]))]


def test_a_name_that_is_nowhere_is_said_with_the_nearest() -> None:
    text = "groups: [{name: Sales}]\nusers:\n- number: 100\n  primary_group: Sale\n"
    expected = "a.yml:5:18: primary_group: There is no department called Sale; did you mean Sales?"
    assert found(_COMPLETE + text) == [expected]
    assert found(text) == []  # it may be on the PBX


def test_a_number_belongs_to_one_object() -> None:
    text = "users: [{number: 800}]\nqueues:\n- name: x\n  number: 800\n"
    assert found(text) == ["a.yml:4:11: The number 800 is that of the user 800 at a.yml:1:9."]


def test_hours_end_after_they_begin() -> None:
    line = "office_hours: {hours: {periods: [{day_of_week: Monday, start: 17:00, stop: %s}]}}\n"
    assert "the period ends at 08:00" in found(line % "08:00")[0]
    assert found(line % "00:00") == []


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
