"""Settings that actions set: what was set is what is got."""

from __future__ import annotations

from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.errors import DUPLICATE, REQUIRED, warning
from pbx_simulator.http.exchange import Call
from pbx_simulator.model import samples
from pbx_simulator.model.document import Json

from .registry import NAMED


def _get(call: Call, _: Any) -> Json:
    return dict(call.store.settings[knowledge.setting_place(call.operation.owner, call.operation.name)])


def _set(call: Call, body: Json) -> None:
    """Keep what was given, all of it and nothing else: an action takes a value, and not the changes to one.

    Raises:
        Refusal: 400 with REQUIRED where nothing was given.
    """
    getter, prop = knowledge.SETTING_PAIRS[call.operation.owner, call.operation.name]
    if body.get(prop) is None:
        raise warning(REQUIRED, prop)
    place = knowledge.setting_place(call.operation.owner, getter)
    call.store.settings[place] = samples.filled(call.store.routes.settings[place], body[prop])


def _set_value(call: Call, body: Json) -> None:
    place, prop = knowledge.SETTING_VALUES[call.operation.owner, call.operation.name]
    # The document gives the one parameter of each a default.
    value = next(iter(body.values()), False)
    if place in call.store.routes.singletons:
        call.store.change_singleton(place, {prop: value})
    else:
        call.store.settings[place] = {**call.store.settings[place], prop: value}


def _set_list(call: Call, body: Json) -> None:
    """Keep the rows that were given; the others go.

    Raises:
        Refusal: 400 with REQUIRED or DUPLICATE; then nothing is changed.
    """
    name, store = call.operation.owner, call.store
    key, rows, next_id = store.describe(name).key, dict[Any, Json](), store.next_id(name)
    for row in body.get(knowledge.SETTING_LISTS[name, call.operation.name]) or []:
        value = row[key.name]
        if not value and key.value.kind == "integer":
            value, next_id = next_id, next_id + 1
        if not value or value in rows:
            raise warning(DUPLICATE if value else REQUIRED, key.name)
        rows[value] = {**row, key.name: value}
    for old in list(store.rows(name)):
        if old.data[key.name] not in rows:
            store.remove(name, old.data[key.name])
    for value, row in rows.items():
        if store.get(name, value) is None:
            store.insert(name, row)
        else:
            store.change(name, value, row)


for _pair in knowledge.SETTING_PAIRS:
    NAMED[_pair] = _set
for _name in knowledge.KEPT:
    _owner, _, _getter = _name.rpartition("/")
    NAMED[_owner, _getter] = _get
for _pair in knowledge.SETTING_VALUES:
    NAMED[_pair] = _set_value
for _pair in knowledge.SETTING_LISTS:
    NAMED[_pair] = _set_list
