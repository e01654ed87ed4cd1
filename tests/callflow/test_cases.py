"""Small companies of `cases.yml` and `more_cases.yml`, one call each: every path."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pbx_as_code.callflow import CallGraph, Kind, Ref, from_configuration
from pbx_as_code.callflow.trace.as_json import as_json
from pbx_as_code.callflow.trace.calls import Call, assumptions
from pbx_as_code.callflow.trace.starts import moments, start_of
from pbx_as_code.callflow.trace.text import plain
from pbx_as_code.callflow.trace.tracing import Trace, trace, trace_out
from pbx_as_code.config.loader import load_sources
from tests.callflow.scenarios import at, told

# A base loader reads "None", the member of a destination, as a text.
CASES: list[dict[str, Any]] = [
    case
    for name in ("cases.yml", "more_cases.yml")
    for case in yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))
]


def traced(case: dict[str, Any]) -> Trace:
    """The trace of a case."""
    graph = from_configuration(load_sources([("all.yml", json.dumps(case["company"]).encode())]))
    (moment,) = moments(graph, case.get("at", "2026-11-24 10:00"))
    extension = case.get("extension")
    start = Ref(Kind.USER, str(extension)) if "out" in case else start_of(graph, case["start"].split())
    given = assumptions(graph, case.get("assume", ()))
    call = Call(start, moment.at, case.get("caller"), extension, given)
    return trace_out(graph, call, case["out"]) if "out" in case else trace(graph, call)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_call_takes_the_expected_paths(case: dict[str, Any]) -> None:
    made = traced(case)
    assert [told(way) for way in made.paths] == case["expected"]
    assert list(made.warnings) == case.get("warnings", [])


def test_a_rule_that_the_pbx_names_for_a_did_comes_before_the_order() -> None:
    company = {
        "users": [{"number": "101"}],
        "trunks": [{"number": "10000", "did_numbers": ["+1"]}],
        "inbound_rules": [
            {"trunk": "10000", "rule_name": "own", "condition": "BasedOnDID", "data": "+1",
             "office_hours_destination": {"to": "VoiceMail", "number": "101"}},
            {"trunk": "10000", "rule_name": "rest", "condition": "ForwardAll",
             "office_hours_destination": {"to": "None"}},
        ],
    }  # fmt: skip
    configuration = load_sources([("all.yml", json.dumps(company).encode())])
    call = Call(Ref(Kind.DID, "+1"), at("2026-11-24T10:00+00:00"))
    before = "DID +1 > trunk 10000 > "
    own = f"{before}inbound rule own > voicemail of 101: voicemail after 0 s"
    assert [told(way) for way in trace(from_configuration(configuration), call).paths] == [own]
    configuration.pbx["did_rules"] = {"+1": ("10000", "BasedOnDID", "+1", None)}
    assert [told(way) for way in trace(from_configuration(configuration), call).paths] == [own]
    configuration.pbx["did_rules"] = {"+1": ("10000", "ForwardAll", None, None)}
    assert [told(way) for way in trace(from_configuration(configuration), call).paths] == [
        f"{before}trunk 10000 > (the PBX names inbound rule rest for this DID) inbound rule rest > "
        "end of the call: ended after 0 s",
        f"{before}trunk 10000 > (inbound rule own is the first that fits) inbound rule own > "
        "voicemail of 101: voicemail after 0 s",
    ]


def test_a_long_way_ends_without_exhausting_python() -> None:
    """Each hop asks for the state of a department, an exception and a profile."""
    away = {"name": "Away", "away_route": {"external": None}}
    users = [
        {"number": f"{number}", "current_profile_name": "Away",
         "forwarding_profiles": [away | {"away_route": {"external": {"to": "Queue", "number": f"{number + 1000}"}}}]}
        for number in range(1000, 1100)
    ]  # fmt: skip
    queues = [
        {"number": f"{number}", "forward_no_answer": {"to": "Extension", "number": f"{number - 999}"}}
        for number in range(2000, 2100)
    ]
    company = {"pbx": {"default_department": "A"}, "groups": [{"name": "A"}], "users": users, "queues": queues}
    graph = from_configuration(load_sources([("all.yml", json.dumps(company).encode())]))
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(400)
    try:
        made = trace(graph, Call(Ref(Kind.USER, "1000"), at("2026-11-24T10:00+00:00")))
    finally:
        sys.setrecursionlimit(before)
    assert {way.end.text for way in made.paths} == {"not followed any further after 64 steps", "the call ends"}
    assert plain(made, "call")
    assert json.dumps(as_json(made))


def test_a_trace_leaves_the_recursion_limit_as_it_was(acme: CallGraph) -> None:
    """A limit that stayed raised let hostile JSON and expressions recurse too deep elsewhere."""
    before = sys.getrecursionlimit()
    made = trace(acme, Call(Ref(Kind.DID, "+4930101"), at("2026-11-24T10:00+00:00")))
    assert made.paths
    assert sys.getrecursionlimit() == before
