"""Random companies at random times: every trace ends or names its loop, and each branch is what the checker finds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pbx_as_code.callflow import Kind, Ref
from pbx_as_code.callflow.rules import RULES
from pbx_as_code.callflow.trace.as_json import as_json
from pbx_as_code.callflow.trace.calls import Call
from pbx_as_code.callflow.trace.outcomes import Outcomes
from pbx_as_code.callflow.trace.steps import End, Ending, Step
from pbx_as_code.callflow.trace.text import plain
from pbx_as_code.callflow.trace.tracing import trace, trace_out
from pbx_as_code.callflow.trace.walker import MOST_STEPS
from tests.callflow.checker import Checker
from tests.callflow.generated import DIDS, USERS, companies, graph_of, times
from tests.callflow.generated_outbound import OUTSIDE

few = settings(
    max_examples=int(os.environ.get("CALLFLOW_EXAMPLES", "25")), derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)  # fmt: skip
callers = st.sampled_from(("+15551234", "+1555099", "+4940"))


@few
@given(companies(), times, callers)
def test_each_branch_is_what_the_checker_finds(company: dict[str, Any], at: datetime, caller: str) -> None:
    graph = graph_of(company)
    for did in DIDS:
        checker = Checker(company, at, did, caller)
        made = as_json(trace(graph, Call(Ref(Kind.DID, did), at, caller)))
        checker.check(made["trace"])
        assert checker.checked


@few
@given(companies(), times, st.sampled_from(USERS))
def test_each_branch_of_an_internal_call_is_what_the_checker_finds(
    company: dict[str, Any], at: datetime, extension: str
) -> None:
    graph = graph_of(company)
    for kind, number in ((Kind.QUEUE, "800"), (Kind.RING_GROUP, "810"), (Kind.RECEPTIONIST, "820"), (Kind.USER, "102")):
        checker = Checker(company, at, "", extension, internal=True)
        checker.check(as_json(trace(graph, Call(Ref(kind, number), at, None, extension)))["trace"])
        assert checker.checked


@few
@given(companies(), times)
def test_each_way_out_is_what_the_checker_finds(company: dict[str, Any], at: datetime) -> None:
    graph, checker = graph_of(company), Checker(company, at, "", "")
    for user in USERS:
        states = set(checker.states(checker.department("user", user), at))
        closed = {state in ("closed", "holiday") for state in states}
        for number in (*OUTSIDE, "*0123"):
            made = as_json(trace_out(graph, Call(Ref(Kind.USER, user), at, None, user), number))
            sure = closed.pop() if len(closed) == 1 else None
            closed = {sure} if sure is not None else closed
            checker.outbound.check(made["trace"], user, number, closed=sure)


@few
@given(companies(), times)
def test_every_trace_ends_or_names_its_loop(company: dict[str, Any], at: datetime) -> None:
    graph = graph_of(company)
    starts = [ref for ref in graph.nodes if ref.kind not in (Kind.OUTBOUND_RULE, Kind.BLOCKED_NUMBER)]
    for ref in starts:
        made, outcomes = trace(graph, Call(ref, at)), Outcomes()
        for way in made.paths:
            assert len(way.steps) <= 2 * MOST_STEPS  # a fork is a step too
        for step in made.steps():
            assert bool(step.end) != bool(step.branches)
            assert {reason.rule for reason in step.reasons} <= RULES.keys()
            forks = [branch for branch in step.branches if branch.fork]
            assert len(forks) in (0, len(step.branches))
            ends = [outcomes.of(branch.step) for branch in forks]
            assert all(one not in ends[:position] for position, one in enumerate(ends))
        for loop, above in loops(made.root, ()):
            assert loop.ref in above
            assert loop.text.startswith(f"loop: {next(one.title for one in made.steps() if one.ref == loop.ref)} → ")
        assert plain(made, "call").startswith("call\n")
        again = trace(graph, Call(ref, at))
        assert as_json(again) == as_json(made)


def loops(step: Step, above: tuple[Ref, ...]) -> Iterator[tuple[End, tuple[Ref, ...]]]:
    """Every loop with the places before it."""
    if step.end is not None and step.end.ending is Ending.LOOP:
        yield step.end, above
    for branch in step.branches:
        yield from loops(branch.step, (*above, step.ref))


@few
@given(companies(), times)
def test_states_that_are_ignored_change_nothing(company: dict[str, Any], at: datetime) -> None:
    bare = {
        **company,
        "groups": [{**one, "current_group_hours": ["Default"]} for one in company["groups"]],
        "users": [
            {key: value for key, value in one.items() if key not in ("current_profile_name", "queue_status")}
            for one in company["users"]
        ],
    }
    call = Call(Ref(Kind.DID, DIDS[0]), at, "+15551234")
    without = as_json(trace(graph_of(bare), call))
    ignored = as_json(trace(graph_of(company), replace(call, ignore_state=True)))
    assert _without_places(ignored["trace"]) == _without_places(without["trace"])


def _without_places(step: Any) -> Any:
    if isinstance(step, dict):
        return {key: _without_places(value) for key, value in step.items() if key != "place"}
    return [_without_places(one) for one in step] if isinstance(step, list) else step
