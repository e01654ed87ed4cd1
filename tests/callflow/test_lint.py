"""`threecx lint`: no finding without a fault, each planted fault found once, and what ignores a finding."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pbx_as_code.callflow import from_configuration
from pbx_as_code.callflow.lint import BAD_IGNORE, Context, Finding, all_rules, lint
from pbx_as_code.callflow.lint.rules.weak_pin import weak
from pbx_as_code.config.loader import load_sources
from tests.callflow.lint_company import COMPANY, FAULTS, planted, write

_TODAY = date(2026, 11, 29)
#: Rules whose faults no file shows.
_NOT_IN_FILES = {"weak-pin"}


def _context(text: str, **more: frozenset[str]) -> Context:
    configuration = load_sources([("company.yml", text.encode())])
    prompts = frozenset(configuration.required.get("custom_prompts", ()))
    return Context(from_configuration(configuration), _TODAY, prompts, **more)


def _findings(text: str) -> list[Finding]:
    return lint(_context(text)).findings


def test_a_company_without_faults_has_no_findings() -> None:
    assert _findings(COMPANY) == []


def test_each_planted_fault_is_found_once() -> None:
    assert FAULTS.keys() | _NOT_IN_FILES == all_rules().keys()
    for rule in FAULTS:
        for text in planted(rule):
            found = [(one.rule, str(one.subject), one.message) for one in _findings(text)]
            assert [one[0] for one in found].count(rule) == 1, (rule, found)
            assert len(found) == 1, (rule, found)


def test_a_finding_has_its_place_in_the_files() -> None:
    [text] = planted("disabled-destination")
    [found] = _findings(text)
    assert found.place is not None
    assert '{number: "102"}' in text.splitlines()[found.place.line - 1]


def test_a_default_that_is_to_blame_is_one_finding() -> None:
    users = "".join(
        f'- {{number: "{number}", enabled: true, groups: [{{group: Head office}}], primary_group: Head office}}\n'
        for number in range(130, 140)
    )
    text = COMPANY.replace("queues:\n", f"{users}queues:\n", 1) + "defaults: {users: {require_2fa: false}}\n"
    [found] = _findings(text)
    assert found.place is not None
    assert "defaults" in text.splitlines()[found.place.line - 1]
    assert found.message.endswith("The same default counts for user 131, user 132, user 133, and 6 more.")


def test_a_time_in_a_finding_is_by_the_clock_of_the_pbx() -> None:
    [text] = planted("closed-overflow")
    zoned = text.replace("pbx:\n", "pbx:\n  time_zone: Asia/Kolkata\n", 1)
    [found] = _findings(zoned)
    assert found.message.startswith("Key Input2: ring group 810")
    assert "such as on Monday at 09:00 Asia/Kolkata" in found.message


@pytest.mark.parametrize("above", [True, False], ids=["above", "beside"])
def test_a_comment_with_a_reason_ignores_one_finding(above: bool, tmp_path: Path) -> None:
    [text] = planted("disabled-destination")
    line = '  agents: [{number: "101"}, {number: "102"}]'
    for comment, ignored in (
        ("# lint: ignore disabled-destination back in May", True),
        ("# lint: ignore no-members back in May", False),
        ("# lint: ignore disabled-destination", False),
    ):
        said = f"  {comment}\n{line}" if above else f"{line}  {comment}"
        directory = write(tmp_path / "files", text.replace(line, said))
        found = lint(_context((directory / "company.yml").read_text()), directory)
        assert [one.reason for one in found.ignored] == (["back in May"] if ignored else []), comment
        assert ("disabled-destination" in [one.rule for one in found.findings]) is not ignored
        bad = [one for one in found.findings if one.rule == BAD_IGNORE]
        assert len(bad) == (comment == "# lint: ignore disabled-destination")


def test_a_comment_that_names_no_rule_is_a_finding(tmp_path: Path) -> None:
    directory = write(tmp_path / "files", f"# lint: ignore no-member because\n{COMPANY}")
    found = lint(_context(COMPANY), directory)
    assert [(one.rule, one.place.line) for one in found.findings if one.place] == [(BAD_IGNORE, 1)]


def test_weak_pins_are_told_without_the_pin() -> None:
    found = lint(_context(COMPANY, pins=frozenset({"101", "999"}))).findings
    assert [(one.rule, str(one.subject)) for one in found] == [("weak-pin", "user 101")]
    for number, pin, expected in (
        ("101", "1010", True), ("101", "101101", True), ("101", "1111", True), ("101", "1234", True),
        ("101", "12", True), ("101", "7294", False), ("101", "83927461", False),
    ):  # fmt: skip
        assert weak(number, pin) is expected, pin


def test_rules_of_one_priority_have_no_order() -> None:
    first = '- {name: First, priority: 1, prefix: "0", routes: [{trunk: "10000"}]}\n'
    [found] = _findings(COMPANY.replace("- name: Everything\n", f"{first}- name: Everything\n", 1))
    assert found.message == (
        "outbound rule First has the same priority 1 and fits all its calls. Which of them the PBX tries first is not "
        "declared."
    )
