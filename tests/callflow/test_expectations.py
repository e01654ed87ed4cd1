"""Expectations about calls: fulfilled, failed, uncertain, wrong; and those that are recorded hold."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from pbx_as_code.callflow import CallGraph, Kind, Ref, from_directory
from pbx_as_code.callflow.expectations import FILE, State, as_json, as_junit, as_text, check, read, recorded
from pbx_as_code.callflow.expectations.schema import schema
from pbx_as_code.callflow.trace import distribution, inbound, menus, outbound, people, walker
from pbx_as_code.callflow.trace.calls import Call
from pbx_as_code.callflow.trace.steps import Branch
from pbx_as_code.callflow.trace.tracing import trace
from pbx_as_code.config.loader import load
from pbx_as_code.config.nodes import ConfigError

ACME = Path(__file__).parent / "acme"
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def graph() -> CallGraph:
    return from_directory(ACME)


def _read(text: str, tmp_path: Path) -> list[State]:
    (tmp_path / FILE).write_text(text)
    return [one.state for one in check(from_directory(ACME), read(tmp_path))]


CALLS = """\
calls:
- {call: "+4930101", at: 2026-11-24 16:00, assume: "101,102=logged-out",
   expect: [queue 800, ring_group 810, voicemail 201]}
- {call: "+4930101", at: 2026-12-25 10:00, expect: [menu 805, ended]}
- {call: "+4930101", at: 2026-12-25 10:00, press: "0", expect: voicemail 102}
- {call: "+4930101", at: 2026-11-24 10:00, expect: [queue 800, ring_group 810], within: 60}
- {call: "+4930101", at: 2026-11-24 10:00, avoid: [menu 805, voicemail 101]}
- {call: "+4930103", at: 2026-11-24 10:00, expect: [menu 801, user 101, voicemail 101]}
- {call: queue 800, at: 2026-11-24 22:00, expect: voicemail 101}
"""
FAILING = """\
calls:
- {call: "+4930101", at: 2026-11-24 10:00, expect: menu 801}
- {call: "+4930101", at: 2026-11-24 10:00, expect: [queue 800, ring_group 810], within: 30}
- {call: "+4930101", at: 2026-12-25 10:00, avoid: menu 805}
- {call: "+4930103", at: 2026-11-24 10:00, expect: [user 101, menu 801]}
"""


def test_scenarios_are_fulfilled(tmp_path: Path) -> None:
    assert _read(CALLS, tmp_path) == [State.FULFILLED] * 7


CHOICES = """\
calls:
- {call: user 101, at: 2026-11-24 10:00, expect: voicemail 101}
- {call: user 101, at: 2026-11-24 10:00, take: busy, expect: queue 800}
- {call: user 101, at: 2026-11-24 10:00, take: not registered, expect: external +15550199}
- {call: "+4930103", at: 2026-11-24 10:00, take: [key 1, no answer], expect: [queue 800, ring_group 810]}
- {call: "+4930103", at: 2026-11-24 10:00, press: 1, expect: queue 800}
- {call: "+4930101", at: 2026-11-24 10:00, take: caller, expect: ended}
"""
TO = '{to: VoiceMail, number: "101"}'
ELSEWHERE = {"busy": '{to: Queue, number: "800"}', "not_registered": '{to: External, external: "+15550199"}'}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company, where calls to 101 go elsewhere while it is busy or not registered, with an outbound rule."""
    files = tmp_path_factory.mktemp("elsewhere") / "acme"
    shutil.copytree(ACME, files)
    users = files / "users.yml"
    text = users.read_text()
    for option, new in ELSEWHERE.items():
        for who in ("internal", "external"):
            assert f" {option}_{who}: {TO}" in text
            text = text.replace(f" {option}_{who}: {TO}", f" {option}_{who}: {new}")
    users.write_text(text)
    rule = '- {name: Out, priority: 1, prefix: "+", routes: [{trunk: "10000"}, {trunk: "10000", prepend: "9"}]}'
    (files / "out.yml").write_text(f"outbound_rules:\n{rule}\n")
    (files / FILE).write_text(CHOICES)
    return files


def test_conditions_are_taken_by_their_kind(elsewhere: Path) -> None:
    outcomes = check(from_directory(elsewhere), read(elsewhere))
    assert [one.why for one in outcomes] == [""] * 6


def test_a_reworded_label_changes_no_outcome(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def reworded(label: str, *rest: Any, **more: Any) -> Branch:
        return Branch(label[::-1].upper(), *rest, **more)

    for module in (distribution, inbound, menus, outbound, people, walker):
        monkeypatch.setattr(module, "Branch", reworded)
    graph = from_directory(elsewhere)
    (changed,) = [one for one in trace(graph, Call(Ref(Kind.QUEUE, "800"), AT)).root.branches if one.label[:2] == "S "]
    assert changed.label.endswith("YDOBON")
    assert [one.why for one in check(graph, read(elsewhere))] == [""] * 6


def test_a_condition_that_nothing_depends_on_is_told(tmp_path: Path) -> None:
    call = '{call: "+4930103", at: 2026-11-24 10:00, '
    lines = (f'{call}press: "9", expect: menu 801}}', f"{call}press: [1, 2], avoid: user 201}}",
             f"{call}take: callback, expect: menu 801}}")  # fmt: skip
    (tmp_path / FILE).write_text("calls:\n- " + "\n- ".join(lines))
    outcomes = check(from_directory(ACME), read(tmp_path))
    assert [one.why.partition(". ")[0] for one in outcomes] == [
        "Nothing on the way depends on: key 9", "Nothing on the way depends on: key 2",
        "Nothing on the way depends on: callback",
    ]  # fmt: skip


def test_a_call_that_is_forwarded_outside_is_there(elsewhere: Path, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        'calls:\n- {dial: "+4410", extension: "101", expect: external +4410}\n'
        '- {dial: "+4410", extension: "101", take: refused, expect: external 9+4410}\n'
        '- {dial: "+4410", extension: "101", take: busy, expect: ended}\n'
    )
    assert [one.why for one in check(from_directory(elsewhere), read(tmp_path))] == [""] * 3


def test_the_schema_takes_what_is_read_and_refuses_the_rest() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for text in (CALLS, CHOICES, FAILING, recorded(from_directory(ACME), AT)):
        assert [str(one) for one in validator.iter_errors(yaml.safe_load(text))] == []
    for one in (
        {"cal": "x", "expect": "ended"}, {"call": "x", "dial": "y", "extension": "1", "expect": "ended"},
        {"dial": "y", "expect": "ended"}, {"call": "x"}, {"call": "x", "expect": "ended", "take": "closed"},
        {"call": "x", "expect": "ended", "assume": "101=asleep"}, {"call": "x", "expect": "ended", "take": "key"},
    ):  # fmt: skip
        assert not validator.is_valid({"calls": [one]}), one


def test_other_expectations_fail_with_the_way_of_the_call(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(FAILING)
    outcomes = check(from_directory(ACME), read(tmp_path))
    assert [one.state for one in outcomes] == [State.FAILED] * 4
    assert "It does not come to digital receptionist 801: DID" in outcomes[0].why
    assert "after 60 s, not within 30 s" in outcomes[1].why
    assert "It passes digital receptionist 805" in outcomes[2].why
    text = as_text(outcomes)
    assert "calls.yml:2:3" in text
    assert "inbound rule" in text, "the trace is shown"
    assert as_json(outcomes)["counts"] == {"failed": 4}
    suite = ElementTree.fromstring(as_junit(outcomes))
    assert (suite.get("failures"), suite.get("errors")) == ("4", "0")


def test_what_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    text = "calls:\n- {call: '+4999', expect: queue 800}\n- {call: queue 800, expect: queue 999}\n"
    assert _read(text, tmp_path) == [State.WRONG, State.WRONG]


def test_a_reading_that_is_uncertain_is_told(tmp_path: Path) -> None:
    files = tmp_path / "acme"
    shutil.copytree(ACME, files)
    departments = files / "departments.yml"
    text = departments.read_text()
    [line] = [one for one in text.splitlines() if "current_group_hours" in one][:1]
    departments.write_text(text.replace(line, "  current_group_hours: [ForceOpened]", 1))
    call = '{call: "+4930101", at: 2026-12-25 10:00, expect: queue 800'
    (files / FILE).write_text(f"calls:\n- {call}}}\n- {call}, uncertain: true}}\n")
    outcomes = check(from_directory(files), read(files))
    assert [one.state for one in outcomes] == [State.UNCERTAIN, State.FULFILLED]


def test_recorded_expectations_hold_and_notice_a_change(graph: CallGraph, tmp_path: Path) -> None:
    files = tmp_path / "acme"
    shutil.copytree(ACME, files)
    (files / FILE).write_text(recorded(graph, datetime(2026, 11, 24, 9, 30, tzinfo=UTC)))
    expectations = read(files)
    assert len(expectations) > len(graph.entries), "hours and holidays make a difference"
    assert {one.state for one in check(graph, expectations)} == {State.FULFILLED}
    assert load(files).definitions, "the file is no part of the configuration"
    lines = files / "lines.yml"
    text = lines.read_text()
    assert "801" in text
    lines.write_text(text.replace('"801"', '"805"'))
    changed = check(from_directory(files), expectations)
    assert {one.state for one in changed} > {State.FULFILLED}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "It has a list under `calls`"),
        ("calls: 3", "It has a list under `calls`"),
        ("calls: []\ncals: []", "There is no key of this file called cals; did you mean calls?"),
        ("calls:\n- {cal: x, expect: ended}", "calls.yml:2:4: There is no option of an expectation called cal"),
        ("calls:\n- {call: x, dial: y, expect: ended}", "either `call` or `dial`"),
        ("calls:\n- {dial: y, expect: ended}", "`dial` needs `extension`"),
        ("calls:\n- {call: x}", "It expects nothing"),
        ("calls:\n- {call: x, expect: ended, within: soon}", "within is a number of seconds, not soon."),
        ("calls:\n- 3", "An expectation is a structure"),
        ("calls:\n- {call: x, expect: ended, take: closed}", "closed is decided by the time or a state"),
        ("calls:\n- {call: x, expect: ended, take: calling}", "There is no condition calling"),
        ("calls:\n- {call: x, expect: ended, take: busy 3}", "There is no condition busy 3"),
        ("calls:\n- {call: x, expect: ended, take: key}", "Which key? Write: key 1."),
        ("calls:\n- {call: x, expect: ended, press: 1, take: busy}", "Give the keys under `take` as well"),
    ],
)  # fmt: skip
def test_bad_input_names_the_place(text: str, wanted: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ConfigError) as failure:
        read(tmp_path)
    assert wanted in "\n".join(map(str, failure.value.problems))
