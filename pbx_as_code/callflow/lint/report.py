"""Findings as text, JSON, SARIF and JUnit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree as Xml  # only written, never parsed

from pbx_as_code.callflow.lint.findings import Finding, Level
from pbx_as_code.callflow.lint.registry import all_rules
from pbx_as_code.callflow.lint.run import BAD_IGNORE, Linted
from pbx_as_code.callflow.model.refs import UNKNOWN
from pbx_as_code.config.nodes import Place
from pbx_as_code.config.reporting.report import xml_text
from pbx_as_code.config.spelling import counted

_SARIF: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(found: Linted) -> str:
    """For a terminal: one line for each finding, then why its rule matters and what to do, once for each rule.

    Parameters:
        found: by lint
    """
    lines = [f"{_where(one)}: {one.level}: {_said(one)} [{one.rule}]" for one in found.findings]
    told = dict.fromkeys(one.rule for one in found.findings if one.rule != BAD_IGNORE)
    if told:
        lines.append("")
    for id_ in told:
        rule = all_rules()[id_]
        lines += [f"{id_}: {rule.why}", f"  {rule.fix}"]
    return "\n".join([*lines, *([""] if lines else []), summary(found)])


def summary(found: Linted) -> str:
    """One line with counts.

    Parameters:
        found: by lint
    """
    counts = ", ".join(
        f"{number} {level}{'' if number == 1 else 's'}"
        for level in Level
        for number in [sum(one.level is level for one in found.findings)]
    )
    return f"{counts}; {len(found.ignored)} ignored."


def as_json(found: Linted) -> dict[str, Any]:
    """For programs.

    Parameters:
        found: by lint
    """
    return {
        "findings": [_finding(one) for one in found.findings],
        "ignored": [{**_finding(one.finding), "reason": one.reason} for one in found.ignored],
    }


def as_sarif(found: Linted, version: str, home: Path | None = None) -> dict[str, Any]:
    """For code scanning: SARIF 2.1.0. Files are named from the working directory, where CI runs in the repository.

    Parameters:
        found: by lint
        version: of threecx
        home: directory of the files; None for a PBX
    """
    used: list[dict[str, Any]] = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.why},
            "help": {"text": rule.fix},
            "defaultConfiguration": {"level": rule.level.value},
        }
        for rule in all_rules().values()
    ]
    used.append({"id": BAD_IGNORE, "shortDescription": {"text": "A comment ignores nothing"}})
    results = [_result(one, home) for one in found.findings]
    results += [
        {**_result(one.finding, home), "suppressions": [{"kind": "inSource", "justification": one.reason}]}
        for one in found.ignored
    ]
    tool = {"driver": {"name": "threecx lint", "version": version, "rules": used}}
    return {"$schema": _SARIF, "version": "2.1.0", "runs": [{"tool": tool, "results": results}]}


def as_junit(found: Linted) -> str:
    """For CI systems: one test case for each rule, which fails if the rule found something.

    Parameters:
        found: by lint
    """
    by_rule: dict[str, list[Finding]] = {id_: [] for id_ in (*all_rules(), BAD_IGNORE)}
    for one in found.findings:
        by_rule[one.rule].append(one)
    failing = {id_: some for id_, some in by_rule.items() if any(one.level is not Level.NOTE for one in some)}
    suite = Xml.Element("testsuite", name="threecx lint", tests=str(len(by_rule)), failures=str(len(failing)))
    for id_, some in by_rule.items():
        case = Xml.SubElement(suite, "testcase", classname="threecx.lint", name=id_)
        text = xml_text("\n".join(f"{_where(one)}: {_said(one)}" for one in some))
        if id_ in failing:
            Xml.SubElement(case, "failure", message=counted(len(some), "finding")).text = text
        elif some:
            Xml.SubElement(case, "system-out").text = text
    return Xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _file(place: Place) -> str:
    """Path of a file as the user would write it: with the directory of its layer, if there are several."""
    return f"{place.layer}/{place.file}" if place.layer else place.file


def _where(one: Finding) -> str:
    return str(one.place) if one.place else "PBX"


def _said(one: Finding) -> str:
    return one.message if one.subject == UNKNOWN else f"{one.subject}: {one.message}"


def _finding(one: Finding) -> dict[str, Any]:
    rule = all_rules().get(one.rule)
    return {
        "rule": one.rule,
        "level": one.level.value,
        "object": str(one.subject),
        "message": one.message,
        "why": rule.why if rule else "",
        "fix": rule.fix if rule else "",
        "file": _file(one.place) if one.place else None,
        "line": one.place.line if one.place else None,
        "column": one.place.column if one.place else None,
    }


def _uri(place: Place, home: Path | None) -> str:
    """Address of a file for code scanning: relative to the working directory if the file is below it."""
    path = (Path(place.layer) if place.layer else home or Path()) / place.file
    whole = path.absolute()
    return quote(whole.relative_to(Path.cwd()).as_posix()) if whole.is_relative_to(Path.cwd()) else whole.as_uri()


def _result(one: Finding, home: Path | None) -> dict[str, Any]:
    result: dict[str, Any] = {"ruleId": one.rule, "level": one.level.value, "message": {"text": _said(one)}}
    if one.place is not None:
        region = {"startLine": one.place.line, "startColumn": one.place.column}
        location = {"artifactLocation": {"uri": _uri(one.place, home)}, "region": region}
        result["locations"] = [{"physicalLocation": location}]
    return result
