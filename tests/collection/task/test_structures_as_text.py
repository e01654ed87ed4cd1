"""A structure that is given as text, which Ansible takes: what is null in it clears, and what is not in it stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pbx_as_code.description import Property
from pbx_as_code.engine.options.desired import desired
from pbx_as_code.errors import PbxError

FIELDS = (Property("A", "a", nullable=True), Property("B", "b", nullable=True), Property("Mobile", "mobile"))
ONE = Property("One", "one", "complex", fields=FIELDS)
MANY = Property("Many", "many", "complex", many=True, fields=FIELDS)
OUTER = Property("Outer", "outer", "complex", fields=(ONE, MANY))


def completed(**said: Any) -> dict[str, Any]:
    """As Ansible hands it on: with null for what was not given."""
    return {"a": None, "b": None, "mobile": None, **said}


@pytest.mark.parametrize("text", [json.dumps({"a": None, "b": "x"}), "{'a': None, 'b': 'x'}"], ids=["JSON", "Python"])
def test_what_is_null_in_a_text_clears(text: str) -> None:
    value, wanted = completed(b="x"), {"A": None, "B": "x"}
    assert desired((ONE,), {"one": text}, {"one": value}) == {"One": wanted}
    assert desired((MANY,), {"many": [text]}, {"many": [value]}) == {"Many": [wanted]}
    within = {"one": text, "many": [text]}
    assert desired((OUTER,), {"outer": within}, {"outer": {"one": value, "many": [value]}}) == {
        "Outer": {"One": wanted, "Many": [wanted]}
    }


def test_a_text_of_pairs_has_no_null() -> None:
    assert desired((ONE,), {"one": "b=x"}, {"one": completed(b="x")}) == {"One": {"B": "x"}}


def test_of_a_list_as_text_only_what_has_a_value_is_known() -> None:
    assert desired((MANY,), {"many": "b=x"}, {"many": [completed(b="x")]}) == {"Many": [{"B": "x"}]}


def test_a_number_in_a_text_is_no_telephone_number() -> None:
    with pytest.raises(PbxError, match=r"one\.mobile"):
        desired((ONE,), {"one": '{"mobile": 44123}'}, {"one": completed(mobile="44123")})
