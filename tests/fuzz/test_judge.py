"""The judges let pass what a trait of a PBX or the documentation excuses, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from pbx_as_code.description import Kind, Property
from pbx_simulator import SimulatedPbx
from tests.fuzz.faithful import Judge
from tests.fuzz.wire import without

_OTHERWISE: list[tuple[str, Kind, Any, Any]] = [
    ("null-as-empty", "str", None, ""),
    ("null-as-empty", "email", None, ""),
    ("empty-as-null", "str", "", None),
    ("empty-as-null", "telephone", "", None),
    ("drop-plus", "telephone", "+15550133", "15550133"),
    ("lower-case-emails", "email", "Case.Test@Example.com", "case.test@example.com"),
]
_NEVER: list[tuple[Kind, Any, Any]] = [
    ("str", None, "old"),
    ("str", "x", None),
    ("str", "x", ""),
    ("str", "Case", "case"),
    ("str", "+15550133", "15550133"),
    ("int", None, ""),
    ("telephone", "+15550133", "5550133"),
    ("telephone", "15550133", "+15550133"),
    ("telephone", "+155", "155"),
    ("email", "Case@example.com", "other@example.com"),
    ("email", "case@example.com", "Case@example.com"),
]


@pytest.mark.parametrize("trait", sorted({trait for trait, *_ in _OTHERWISE}))
def test_a_trait_excuses_its_own_form_alone(trait: str) -> None:
    with_it, without = Judge(SimulatedPbx(traits=[trait])), Judge(SimulatedPbx(traits=[]))
    for other, kind, given, stored in _OTHERWISE:
        prop = Property("Thing", "thing", kind, nullable=True)
        inside = Property("Outer", "outer", "complex", nullable=True, fields=(prop,))
        assert with_it.agrees(prop, given, stored) == (other == trait), (trait, other, given)
        assert with_it.agrees(inside, {"thing": given}, {"Thing": stored}) == (other == trait), (trait, other, given)
        assert not without.agrees(prop, given, stored), (other, given)
    for kind, given, stored in _NEVER:
        assert not with_it.agrees(Property("Thing", "thing", kind, nullable=True), given, stored), (kind, given)


def test_null_of_what_cannot_be_null_is_no_empty_text() -> None:
    assert not Judge(SimulatedPbx(traits=["null-as-empty"])).agrees(Property("Thing", "thing", "str"), None, "")


def test_the_condition_of_a_task_is_one_of_those_in_a_filter() -> None:
    window = "(date(TimeSent) ge 2026-09-01 and date(TimeSent) le 2026-09-07)"
    for text, rest in (
        ("(Id gt 0) and (Name eq 'x')", "(Name eq 'x')"),
        ("(Name eq 'x') and (Id gt 0)", "(Name eq 'x')"),
        (f"{window} and (Id gt 0)", window),
        (f"(Name eq 'x') and ({window} and (Id gt 0))", f"(Name eq 'x') and {window}"),
    ):
        assert without("Id gt 0", text) == rest
    for text in (
        "Name eq 'x' and Id gt 0",
        "(Name eq 'x') or (Id gt 0)",
        "(Name eq 'x') and ((Id lt 9) and (Id gt 0))",
        f"(Name eq 'x') or ({window} and (Id gt 0))",
        f"(Name eq 'x') and ({window} or (Id gt 0))",
        f"(Name eq 'x') and ({window} and (Id gt 0)) or true",
    ):
        with pytest.raises(AssertionError):
            without("Id gt 0", text)
