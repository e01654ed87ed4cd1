"""The regular expressions of fault plans: what Python's own find, in time that grows with the path and no faster."""

from __future__ import annotations

import random
import re

import pytest

from pbx_simulator import SimulatedPbx
from pbx_simulator.faults.fault import Fault
from pbx_simulator.faults.linear import Pattern
from pbx_simulator.faults.plan import PlanError, read

PATTERNS = [
    "", r"/v1/Groups$", "^/xapi", r"Users\(\d+\)", "a|b", "(ab)+c", "a{2,3}b", "a{2}", "a{2,}b", "[^a-c]x", "(?i)USERS",
    r"\bU", "x*?y", "(?:a|aa)*b$", r"\S+/\w*\.", "(?i:Ab)c", r"[\w.]+y", "a{0}b", r"\Ba", "(?s)a.b", "a.b", "(a?){3}b",
    r"[^\d]b\Z", "(|a)b", r"\Aa", "(?m)^b", "(?m)a$", "(?!a)[ab]c", "a(?=b|c)", "a(?!b)", r"\D\W\s", "[^b]$",
    "(?i)[a-c]X",
]  # fmt: skip


def test_it_finds_what_pythons_own_finds() -> None:
    dice = random.Random(11)
    compiled = [(Pattern(text), re.compile(text)) for text in PATTERNS]
    for _ in range(400):
        text = "".join(dice.choice("abcABC xy./U1(3)sers\n") for _ in range(dice.randrange(14)))
        for ours, theirs in compiled:
            assert ours.found_in(text) == (theirs.search(text) is not None), (theirs.pattern, text)


@pytest.mark.timeout(60)
def test_no_pattern_makes_the_simulator_hang() -> None:
    path = "/xapi/v1/" + "a" * 300 + "!"
    for text in ("(a+)+$", "(a|aa)+$", "(a*)*b", ".*.*.*.*=", "(.*)(.*)(.*)(.*)(.*)z", "(?:a?){60}a{60}b", "((a+)*)*b"):
        assert not Fault(text).matches("GET", path)


def test_what_cannot_be_matched_in_linear_time_is_refused_and_named() -> None:
    for text in (r"(a)\1", "(?<=a)b", "(?>a)b", "a++", "x" * 501, "((a{100}){100}){100}", "(?=.*b)", "(a)(?(1)b|c)"):
        with pytest.raises(ValueError, match="at most 500 characters and 5000 states"):
            Fault(text)
    with pytest.raises(PlanError, match=r"fault 1: path is refused: .*no references to groups"):
        read({"faults": [{"path": r"(a)\1"}]})
    for text in ("(", "a{9999999999999}", "[z-a]"):
        with pytest.raises(ValueError, match="path is no regular expression"):
            Fault(text)
    with pytest.raises(TypeError, match="path cannot be 5"):
        Fault(5)  # type: ignore[arg-type]


def test_a_fault_still_meets_what_it_is_about() -> None:
    with SimulatedPbx() as pbx:
        pbx.fail(r"/v1/(?!Defs)\w+\(\d+\)$", status=503)
        assert pbx.faults[0].matches("GET", "/xapi/v1/Users(38)")
        assert not pbx.faults[0].matches("GET", "/xapi/v1/Defs(38)")
