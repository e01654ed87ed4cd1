"""Pairs of functions that get and set: what was set is what is got."""

from __future__ import annotations

from typing import Any

from pbx_simulator import binding, knowledge, samples
from pbx_simulator.document import Json
from pbx_simulator.exchange import Call

from .registry import NAMED


def _get(call: Call, _: Any) -> Json | None:
    kept = call.store.settings.get(f"{call.operation.owner}/{call.operation.name}")
    return None if kept is None else dict(kept)


def _set(call: Call, body: Json) -> None:
    getter, prop = knowledge.SETTING_PAIRS[call.operation.owner, call.operation.name]
    value = call.operation.body
    assert value is not None
    assert value.type is not None
    inner = value.type.properties[prop].value if prop else value
    given = body.get(prop) if prop else body
    assert inner.type is not None
    place = f"{call.operation.owner}/{getter}"
    before = call.store.settings.get(place) or samples.filled(inner.type, samples.sample(inner))
    call.store.settings[place] = binding.merged(before, given or {}, inner.type)


for (_owner, _setter), (_getter, _prop) in knowledge.SETTING_PAIRS.items():
    NAMED[_owner, _setter] = _set
    NAMED[_owner, _getter] = _get
