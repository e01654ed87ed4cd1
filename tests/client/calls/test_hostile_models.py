"""A model accepts any JSON in a response, keeps it and serialises it unchanged."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from threecx_xapi import models
from threecx_xapi._model import Model
from threecx_xapi.operation import plain

from tests.client.hostile import JSON, SCALARS, TEXT
from tests.figures import record
from tests.profiles import tries

MODELS = [
    found for name in dir(models) if isinstance(found := getattr(models, name), type) and issubclass(found, Model)
]


@st.composite
def documents(draw: st.DrawFn, kind: type[Model], depth: int = 2) -> dict[str, Any]:
    """JSON that has the properties of a model, and in them whatever."""
    names = draw(st.lists(st.sampled_from(wire_names(kind) or ["None"]), max_size=8, unique=True))
    below = documents(draw(st.sampled_from(MODELS)), depth - 1) if depth else SCALARS
    values = st.one_of(SCALARS, JSON, below, st.lists(below, max_size=3))
    return {**draw(st.dictionaries(TEXT, SCALARS, max_size=2)), **{name: draw(values) for name in names}}


def wire_names(kind: type[Model]) -> list[str]:
    return sorted(each.wire for each in kind.fields.values())


def as_text(value: object) -> str:
    return json.dumps(value, sort_keys=True)


@tries(200)
@given(st.data())
def test_every_model_keeps_what_it_cannot_mean(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(MODELS))
    document = data.draw(documents(kind))
    record("hostile inputs given to the client")
    made = kind.from_dict(document)
    assert as_text(made.to_dict()) == as_text(document)
    assert kind.from_dict(made.to_dict()).to_dict().keys() == document.keys()
    repr(made)
    plain(made)


def test_every_model_takes_the_same_wrong_value_everywhere() -> None:
    """All of them, and all of their properties."""
    wrong: tuple[Any, ...] = (None, True, 0, 1.5, "", "x", [], [None], [[]], ["x"], [{}], {}, {"x": 1})
    assert len(MODELS) > 300
    for kind in MODELS:
        for value in wrong:
            document = dict.fromkeys(wire_names(kind), value)
            record("hostile inputs given to the client")
            assert as_text(kind.from_dict(document).to_dict()) == as_text(document), kind
