"""Outcomes of a fleet as text, JSON and Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as Xml  # only written, never parsed

from pbx_as_code.config.reporting import report
from pbx_as_code.fleet.running.outcomes import Outcome, State

if TYPE_CHECKING:
    from pbx_as_code.config.applying.apply import Fate


def line(one: Outcome) -> str:
    """One PBX on one line.

    Parameters:
        one: its outcome
    """
    said = one.why
    if one.applied is not None and (_not_done(one) or not one.why):
        said = ", ".join(f"{count} {state}" for state, count in one.applied.counts.items() if count)
    elif one.plan is not None and not one.why:
        said = report.summary(one.plan)
    alerts = " ".join(f"[{alert.about}] {alert.text}" for alert in one.alerts)
    return f"{one.pbx.name}: {one.state.value}{f': {said}' if said else ''}{f' {alerts}' if alerts else ''}"


def summary(outcomes: Sequence[Outcome]) -> str:
    """One line with counts.

    Parameters:
        outcomes: of all PBXs
    """
    counts = Counter(one.state for one in outcomes)
    told = ", ".join(
        f"{counts[state]} {'differ' if state is State.DIFFERS and counts[state] > 1 else state.value}"
        for state in State
        if counts[state]
    )
    return f"{len(outcomes)} PBX{'' if len(outcomes) == 1 else 's'}: {told}."


def as_text(outcomes: Sequence[Outcome]) -> str:
    """For a terminal: one line for each PBX, and the plans of those that differ.

    Parameters:
        outcomes: of all PBXs
    """
    lines = []
    for one in outcomes:
        lines.append(line(one))
        if one.applied is not None and one.failed:
            lines += [f"    {fate.state.value}: {fate.doing.value} {fate.title}: {fate.why}" for fate in _not_done(one)]
        lines += [f"    Note: {text}" for text in one.notes]
        if one.plan is not None and one.applied is None and (report.differs(one.plan) or one.state is State.DIFFERS):
            lines += [f"    {text}" for text in report.text(one.plan).splitlines()[:-1] if text.strip()]
    return "\n".join([*lines, "", summary(outcomes)])


def _not_done(one: Outcome) -> list[Fate]:
    """Results of operations that failed; those that were not sent repeat the reason of another."""
    fates = one.applied.fates if one.applied is not None else []
    return [fate for fate in fates if fate.why and fate.state.value in ("failed", "in doubt")]


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """For programs.

    Parameters:
        outcomes: of all PBXs
    """
    from pbx_as_code.config.applying.apply import as_json as applied_as_json

    return {
        "pbxs": [
            {
                "name": one.pbx.name,
                "url": one.pbx.url,
                "state": one.state.value,
                "why": one.why or None,
                "plan": report.as_json(one.plan) if one.plan is not None else None,
                "applied": applied_as_json(one.applied) if one.applied is not None else None,
                "notes": list(one.notes),
                "alerts": [alert._asdict() for alert in one.alerts],
            }
            for one in outcomes
        ],
        "counts": {state.value: number for state, number in Counter(one.state for one in outcomes).items()},
    }


def as_markdown(outcomes: Sequence[Outcome]) -> str:
    """For a pull request: one section for each PBX that is not equal.

    Parameters:
        outcomes: of all PBXs
    """
    parts = [f"# {summary(outcomes)}"]
    for one in outcomes:
        if one.state is State.EQUAL:
            continue
        said = report.markdown(one.plan) if one.plan is not None and not one.failed else one.why
        parts.append(f"## {one.pbx.name}: {one.state.value}\n\n{said}")
    return "\n\n".join(parts) + "\n"


def as_junit(outcomes: Sequence[Outcome]) -> str:
    """For CI systems: one test case for each PBX. Drift is a failure; what was not compared is an error.

    Parameters:
        outcomes: of all PBXs
    """
    kinds = {
        State.DIFFERS: "failure", State.FAILED: "error", State.UNREACHABLE: "error", State.UNSETTLED: "error",
        State.SKIPPED: "skipped",
    }  # fmt: skip
    suite = Xml.Element("testsuite", name="threecx fleet", tests=str(len(outcomes)))
    counts = Counter(kinds.get(one.state) for one in outcomes)
    for attribute, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(counts[kind]))
    for one in outcomes:
        case = Xml.SubElement(suite, "testcase", classname="threecx.fleet", name=one.pbx.name)
        if (outcome := kinds.get(one.state)) is not None:
            said = report.text(one.plan) if one.plan is not None and not one.why else one.why
            Xml.SubElement(case, outcome, message=report.xml_text(line(one))).text = report.xml_text(said)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(suite, encoding="unicode") + "\n"
