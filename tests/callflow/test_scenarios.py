"""The worked scenarios of `scenarios.yml`: every path of each call."""

from __future__ import annotations

import pytest

from pbx_as_code.callflow.rules import RULES
from pbx_as_code.callflow.trace.steps import Ending
from tests.callflow.scenarios import Scenario, scenarios, told

SCENARIOS = scenarios()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_a_call_takes_the_expected_paths(scenario: Scenario) -> None:
    traces = list(scenario.traces())
    assert [told(way) for one in traces for way in one.paths] == scenario.expected
    for one in traces:
        for step in one.steps():
            assert step.reasons or step.end, step
            assert {reason.rule for reason in step.reasons} <= RULES.keys()
            assert step.end is None or not step.branches


def test_each_step_says_why() -> None:
    scenario = next(one for one in SCENARIOS if one.name.startswith("S1 "))
    (made,) = scenario.traces()
    reasons = {step.title: [(one.rule, one.text) for one in step.reasons] for step in made.steps()}
    assert ("D9", "NYC is closed at Tue 2026-11-24 04:01: Tuesday 09:00-17:00") in reasons["ring group 810 (Overflow)"]
    assert ("Q4", "polling repeats until 60 s, in tries of 15 s") in reasons["queue 800 (Service)"]
    assert ("I5", "the destination in office hours counts") in reasons["inbound rule r2"]
    words = {step.title: step.word for step in made.steps()}
    assert words["inbound rule r2"] == "OfficeHours"
    assert words["ring group 810 (Overflow)"] == "OutOfOfficeHours"
    places = {step.title: str(step.place) for step in made.steps()}
    assert places["queue 800 (Service)"] == "groups.yml:2:3"


def test_the_failover_of_an_outgoing_call_is_told() -> None:
    scenario = next(one for one in SCENARIOS if one.name.startswith("S24 a rule"))
    (made,) = scenario.traces()
    rule, first = made.steps()[1:3]
    assert "route 1 is skipped: the slot is empty" in [reason.text for reason in rule.reasons]
    assert "no later rule is tried" in [reason.text for reason in rule.reasons]
    assert first.text == "dials +441632960000, caller id +4930101"
    (refused,) = [one.step for one in made.steps()[0].branches]
    assert refused.ref.key == "P0"
    assert [way.end.ending for way in made.paths] == [Ending.OUTSIDE, Ending.OUTSIDE, Ending.ENDED, Ending.ENDED]
