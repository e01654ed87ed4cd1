"""Each kind of value in every spelling: what the engine takes, the PBX can read, and it means what was written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given as driven_by
from hypothesis import strategies as st

from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.description import Kind, Property
from pbx_as_code.engine.compare.compare import same
from pbx_as_code.engine.options.desired import desired
from pbx_as_code.engine.options.option_specs import _option
from pbx_as_code.errors import PbxError
from pbx_simulator.model.binding import bind_value
from pbx_simulator.model.schema import Value
from tests.figures import record
from tests.fuzz.faithful import Judge, short
from tests.fuzz.texts import texts
from tests.fuzz.values import STRANGE, fitting
from tests.profiles import tries

#: As what the PBX binds each of them.
_BOUND = {
    "str": Value("string", max_length=255),
    "int": Value("integer", format="int32"),
    "float": Value("number"),
    "bool": Value("boolean"),
    "datetime": Value("string", format="date-time"),
    "date": Value("string", format="date"),
    "time": Value("string", format="time"),
    "duration": Value("string", format="duration"),
    "uuid": Value("string", format="uuid"),
    "mac": Value("string"),
    "network": Value("string"),
    "number": Value("string", max_length=255),
    "telephone": Value("string", max_length=255),
    "email": Value("string", max_length=255),
    "profile": Value("string", max_length=255),
    "day_begin": Value("string", format="duration"),
    "day_end": Value("string", format="duration"),
}
_KINDS = [kind for kind in get_args(Kind) if kind in _BOUND]


def test_every_kind_has_a_value_or_a_test_of_its_own() -> None:
    assert set(get_args(Kind)) - set(_KINDS) == {"enum", "flags", "concealed", "complex"}


@pytest.mark.parametrize("kind", _KINDS)
@tries(150)
@driven_by(data=st.data())
def test_what_is_taken_can_be_read(kind: Kind, data: st.DataObject) -> None:
    record("inputs tried")
    prop = Property("Thing", "thing", kind, nullable=True, max_length=255)
    if kind == "int":
        prop = replace(prop, minimum=-(2**31), maximum=2**31 - 1)
    fits = fitting(prop)
    value: Any = data.draw(st.one_of(fits, fits, fits, texts(), STRANGE))
    checked = validate("any", {"argument_spec": {"thing": _option(prop)}}, {"thing": value})
    if checked.problem is not None:
        assert "thing" in checked.problem
        return
    problem: str | None = None
    wire: Any = None
    try:
        wire = desired((prop,), checked.given, checked.params)["Thing"]
    except PbxError as failure:
        problem = failure.msg
    if problem is not None:
        assert "thing" in problem
        return
    if wire is None:
        assert value is None
        return
    bound = bind_value(wire, _BOUND[kind])
    assert Judge().agrees(prop, value, bound), f"{short(value)} is sent as {short(wire)}"
    assert same(prop, wire, bound)
