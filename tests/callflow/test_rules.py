"""Every rule that a step or an edge names is in the table, and the page for users is made of the table."""

from __future__ import annotations

import re
from pathlib import Path

from docs.tools.rules_page import page
from pbx_as_code.callflow import CallGraph
from pbx_as_code.callflow.rules import CONFIDENCE, RULES, SOURCES, confidence_of

PACKAGE = Path(__file__).parents[2] / "pbx_as_code" / "callflow"
NAMED = re.compile(r"Reason\(\s*\"([A-Z]+[0-9]*)\"|\(((?:\"[A-Z]+[0-9]*\",? ?)+)\)")


def named() -> set[str]:
    """Rules that the code names: in reasons, and in tuples of rules."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name != "rules.py":
            for reason, listed in NAMED.findall(path.read_text(encoding="utf-8")):
                found |= {reason} if reason else set(re.findall(r"[A-Z]+[0-9]*", listed))
    return found


def test_every_rule_that_the_code_names_is_documented(acme: CallGraph) -> None:
    rules = {rule for rule in named() if re.fullmatch(r"[A-Z][0-9]+|DEST", rule)}
    assert len(rules) > 40
    assert rules <= RULES.keys()
    assert {rule for edge in acme.edges for rule in edge.rules} <= RULES.keys()
    text = page()
    for number, rule in RULES.items():
        assert f"| {number} | " in text
        for part in rule.parts:
            assert part.confidence in CONFIDENCE
            assert {source.strip() for source in part.source.split(",")} <= SOURCES.keys()
            assert part.text.endswith(".")


def test_an_assumption_is_as_certain_as_the_least_certain_statement() -> None:
    assert [confidence_of("D10"), confidence_of("D10", assumed=True)] == ["H", "L"]
    assert confidence_of("U3", assumed=True) == "?"
    assert confidence_of("D9", assumed=True) == "M"
