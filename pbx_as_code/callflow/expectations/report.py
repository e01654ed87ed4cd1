"""Outcomes of expectations as text, JSON and JUnit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as Xml  # only written, never parsed

from pbx_as_code.callflow.expectations.checking import Outcome, State
from pbx_as_code.callflow.trace.as_json import as_json as trace_as_json
from pbx_as_code.callflow.trace.text import plain
from pbx_as_code.config.reporting.report import xml_text


def as_text(outcomes: Sequence[Outcome], *, traces: bool = True) -> str:
    """For a terminal: one line for each expectation, and the trace of those that fail.

    Parameters:
        outcomes: of all expectations
        traces: whether to show traces
    """
    lines = []
    for one in outcomes:
        lines.append(_line(one))
        if traces and one.trace is not None:
            lines += [f"    {text}" for text in _trace(one).splitlines()]
    counts = Counter(one.state for one in outcomes)
    told = ", ".join(f"{counts[state]} {state.value}" for state in State if counts[state] or state is State.FULFILLED)
    return "\n".join([*lines, f"{told}."])


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """For programs.

    Parameters:
        outcomes: of all expectations
    """
    return {
        "calls": [
            {
                "name": one.expectation.name,
                "place": str(one.expectation.place),
                "state": one.state.value,
                "why": one.why or None,
                "trace": trace_as_json(one.trace) if one.trace is not None else None,
            }
            for one in outcomes
        ],
        "counts": {state.value: number for state, number in Counter(one.state for one in outcomes).items()},
    }


def as_junit(outcomes: Sequence[Outcome]) -> str:
    """For CI systems: one test case for each expectation.

    Parameters:
        outcomes: of all expectations
    """
    counts = Counter(one.state for one in outcomes)
    failures = counts[State.FAILED] + counts[State.UNCERTAIN]
    suite = Xml.Element(
        "testsuite", name="threecx test", tests=str(len(outcomes)), failures=str(failures),
        errors=str(counts[State.WRONG]),
    )  # fmt: skip
    for one in outcomes:
        case = Xml.SubElement(suite, "testcase", classname="threecx.calls", name=xml_text(one.expectation.name))
        if not one.state.passes:
            kind = "error" if one.state is State.WRONG else "failure"
            text = _trace(one) if one.trace is not None else one.why
            Xml.SubElement(case, kind, message=xml_text(one.why)).text = xml_text(text)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(suite, encoding="unicode") + "\n"


def _line(one: Outcome) -> str:
    said = f": {one.why}" if one.why else ""
    return f"{one.state.value}: {one.expectation.name} ({one.expectation.place}){said}"


def _trace(one: Outcome) -> str:
    assert one.trace is not None  # noqa: S101 asked for outcomes with a trace only
    return plain(one.trace, f"{one.expectation.name}, {one.trace.call.at:%a %Y-%m-%d %H:%M %Z}")
