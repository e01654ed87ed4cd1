"""Every module that reads: what is looked for, in which order and how much of it, given what nobody expects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as driven_by
from hypothesis import strategies as st

from pbx_as_code.engine.options.option_specs import info_argument_spec
from tests.collection.tree import OF_ENTITIES
from tests.descriptions import described
from tests.fuzz.faithful import short
from tests.fuzz.judging import readable
from tests.fuzz.running import Tasks
from tests.fuzz.texts import texts
from tests.fuzz.values import STRANGE
from tests.fuzz.wire import Wire
from tests.profiles import some, tries
from tests.shapes import of_each_shape

READING = [name.removeprefix("threecx_") for name in OF_ENTITIES if name.endswith("_info")]
#: Options that are set if a task does not give them. Connection options have separate tests.
_NEEDED = {"number": "100", "start_date": "2026-09-01"}
#: Query options that are passed on unchanged. The PBX refuses those it does not understand.
_RAW = {"filter": "filter", "search": "search", "order_by": "orderby"}
_FILTERS = st.sampled_from(
    ["Id gt 0", "Id gt 0) or (Id lt 0", "true", "Name eq 'a&$top=1#'", "contains(Name,'%27')", "1 eq 1 &$expand=*", "'"]
)


def fits_a_line(value: Any) -> bool:
    """Return whether a value can be sent unchanged."""
    return isinstance(value, str) or (isinstance(value, int) and abs(value) < 10**100)


@pytest.mark.parametrize("name", some(READING, of_each_shape))
@tries(6)
@driven_by(data=st.data())
def test_it_reads(name: str, tasks: Tasks, data: st.DataObject) -> None:
    description = described(f"threecx_{name}")
    spec = info_argument_spec(description)["argument_spec"]
    own = [option for option, rule in spec.items() if "fallback" not in rule]
    pbx = tasks.pbx
    chosen = data.draw(st.lists(st.sampled_from([*own, "no_such_option"]), max_size=2, unique=True))
    hostile = {}
    for option in chosen:
        fits = _FILTERS | texts() if option in _RAW else texts() | st.integers(-2, 200)
        hostile[option] = data.draw(fits | fits | STRANGE)
    needed = {option: _NEEDED.get(option, "1") for option in own if spec[option].get("required")}
    asked: dict[str, Any] = {**needed, **hostile}
    pbx.clear_log()
    result = tasks(name, asked)
    readable(result, asked)
    if result.failed:
        named = any(option in result.msg for option in hostile)
        by_the_pbx = result.data.get("status") in (400, 404) and set(hostile) & (set(_RAW) | set(needed))
        assert named or by_the_pbx, f"{result.msg[:500]} for {short(asked)}"
    else:
        assert not result.changed
        shown = result.data[getattr(description, "plural", description.name)]
        for key in description.keys:
            value = hostile.get(key.option)
            # Blank text names nothing: alone it is refused, beside another key it is as good as none.
            if value is not None and str(value).strip() and key.kind == "str" and not key.ending:
                assert all(row[key.option] == str(value) for row in shown), short(value)
    assert pbx.writes == []
    raw = {query: str(text) for option, query in _RAW.items() if fits_a_line(text := asked.get(option))}
    Wire(description).check(pbx.requests, asked, [], **raw)
