"""Functions and actions: by name where it is known what they do, else an answer in the document's shape."""

from __future__ import annotations

import datetime
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.checks import possible
from pbx_simulator.errors import Refusal
from pbx_simulator.http.exchange import Call, Reply
from pbx_simulator.model import samples
from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Type
from pbx_simulator.state.store import Row

from . import downloads, entities, numbers, people, removals, settings, things
from .registry import find

# Importing them is what registers their behaviours.
REGISTERED = (downloads, numbers, people, removals, settings, things)


def perform(call: Call) -> Reply:
    """A function or an action. An unknown action changes nothing."""
    operation = call.operation
    if operation.owner in call.store.routes.sets and any(p.is_key for _, p in operation.parameters):
        entities.named_row(call)
    _bounded_history(call)
    body = call.body() if operation.method == "POST" else None
    if isinstance(body, dict) and operation.body is not None and operation.body.type is not None:
        # Only structures are stored. A plain parameter names an object, which exists or not.
        written = {name: value for name, value in body.items() if isinstance(value, dict | list)}
        possible.check(call.store, operation.body.type, written)
    behaviour = find(operation.owner, operation.name)
    if behaviour is not None:
        return shaped(call, behaviour(call, body))
    # Return the result given in a seed, if there is one.
    return shaped(call, call.store.settings.get(f"{operation.owner}/{operation.name}"))


def _bounded_history(call: Call) -> None:
    """Give up where a report is to look at too many years.

    Raises:
        Refusal: 504.
    """
    for first, last in knowledge.HISTORY:
        if first in call.arguments and last in call.arguments:
            days = (_day(call.arguments[last]) - _day(call.arguments[first])).days
            if days > knowledge.HISTORY_DAYS:
                raise Refusal(504, "The report took too long.")


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text[:10])


def shaped(call: Call, result: Any) -> Reply:
    """Put a result into the shape the document gives; None if a behaviour has no result."""
    answer = call.operation.answer
    value = answer.value
    if answer.kind == "none":
        return Reply(answer.status)
    if answer.kind == "bytes":
        return _download(call, result)
    assert value is not None
    if answer.kind == "bare":
        return Reply(answer.status, samples.sample(value) if result is None else result)
    if answer.kind == "value":
        shown = samples.sample(value) if result is None else result
        return Reply(answer.status, {"@odata.context": f"{call.base}/$metadata#Edm.{_edm(value.kind)}", "value": shown})
    kind = value.type
    if answer.kind == "collection":
        return _rows(call, result, kind)
    assert kind is not None
    if result is None:
        result = samples.filled(kind, samples.sample(value))
    return entities.entity(call, _whole(call, result, kind), kind, kind.name, status=answer.status)


def _rows(call: Call, result: Any, kind: Type | None) -> Reply:
    value = call.operation.answer.value
    assert value is not None
    if kind is None:
        rows = [""] if result is None and value.kind == "string" else (result or [])
        return Reply(
            200, {"@odata.context": f"{call.base}/$metadata#Collection(Edm.{_edm(value.kind)})", "value": rows}
        )
    stored = _stored(call, kind) if result is None else None
    if stored is not None:  # they carry their ETags here too
        shown = [(_whole(call, row.data, kind), row) for row in stored]
        versions = {id(data): row for data, row in shown}
        return entities.collection(call, [data for data, _ in shown], kind, f"Collection({kind.name})", versions)
    if result is None:
        result = samples.sample(value)
    return entities.collection(call, [_whole(call, row, kind) for row in result], kind, f"Collection({kind.name})")


def _whole(call: Call, row: Json, kind: Type) -> Json:
    """A structure with every property. Its texts have the form of those that are stored: many are stored nowhere."""
    return call.store.form(samples.filled(kind, row), kind)


def _stored(call: Call, kind: Type) -> list[Row] | None:
    """Rows of the set that stores this type, where there is one."""
    for name, description in call.store.routes.sets.items():
        if description.type is kind and name == call.operation.owner:
            return list(call.store.rows(name))
    return None


def _download(call: Call, result: Any) -> Reply:
    name, content, media = result if result is not None else _file(call)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": media}
    return Reply(call.operation.answer.status, raw=content, headers=headers)


def _file(call: Call) -> tuple[str, bytes, str]:
    """A small table: what was asked for, one line each."""
    operation = call.operation
    lines = ["argument,value", *(f"{name},{value}" for name, value in call.arguments.items())]
    return f"{operation.name}.csv", ("\r\n".join(lines) + "\r\n").encode(), "application/octet-stream"


def _edm(kind: str) -> str:
    return {"integer": "Int64", "boolean": "Boolean", "number": "Double"}.get(kind, "String")
