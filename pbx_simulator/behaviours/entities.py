"""Entity sets, entities, singletons and their navigation properties: read, create, update, delete by the schema."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from pbx_simulator.checks import possible, rules
from pbx_simulator.errors import NOT_FOUND, Refusal, warning
from pbx_simulator.hooks.registry import counted
from pbx_simulator.http.exchange import JSON_TYPE, Call, Reply, check_precondition, encoded, tagged
from pbx_simulator.model import binding, samples
from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Type
from pbx_simulator.odata.query import project
from pbx_simulator.state import defaults, destinations, links
from pbx_simulator.state.store import Row, datas
from pbx_simulator.traits.answers import presented

from . import related

# Characters that need no encoding in a path literal, in addition to letters, digits and "-._~".
_BARE = "'!$()*,;:@"


def read_set(call: Call) -> Reply:
    """GET of an entity set: a page of rows."""
    name = call.operation.owner
    kind = call.store.describe(name).type
    call.store.work.look(name)
    if name == "Peers":
        return collection(call, related.peers(call.store), kind, name)
    if call.query.takes_all and call.query.order:
        arranged = call.store.arranged(name, call.query.ordered_by, call.query.arranged)
        start, end = call.query.window(call.rules.page_cap)
        page, total = arranged[start:end], len(arranged)
    elif call.query.takes_all:
        start, end = call.query.window(call.rules.page_cap)
        rows = itertools.islice(call.store.rows(name), start, end)
        total = call.store.count(name)
        if call.query.shows_default:
            return _as_kept(call, list(rows), total, kind, name)
        page = datas(rows)
    else:
        sought = call.query.filter
        found = datas(call.store.candidates(name, () if sought is None else sought.plans))
        if sought is not None and related.worked_out(call.store, name) & sought.names:
            found = related.complete(call.store, name, found)
        page, total = call.query.rows(found, kind, call.rules.page_cap)
    key = call.store.describe(name).key.name
    if call.query.shows_default:
        kept = [row for data in page if (row := call.store.get(name, data[key])) is not None]
        return _as_kept(call, kept, total, kind, name)
    return _listed(call, page, total, kind, name, lambda data: call.store.get(name, data[key]))


def _as_kept(call: Call, page: list[Row], total: int, kind: Type, context: str) -> Reply:
    """The same as _listed gives, of rows whose default projection is written once and then kept."""
    resolve = related.resolver(call.store)
    items = []
    for row in page:
        if row.shown is None or row.shown[0] != call.rules.traits:
            shown = presented(project(row.data, kind, call.query, resolve), kind, call.rules.traits)
            row.shown = call.rules.traits, encoded(shown)
        text = row.shown[1]
        items.append(b'{"@odata.etag":' + encoded(row.etag) + b"," + text[1:] if call.rules.etags else text)
    head: Json = {"@odata.context": f"{call.base}/$metadata#{context}"}
    if call.query.count:
        head["@odata.count"] = total
    return Reply(
        200, raw=encoded(head)[:-1] + b',"value":[' + b",".join(items) + b"]}", headers={"Content-Type": JSON_TYPE}
    )


def collection(
    call: Call, rows: Iterable[Json], kind: Type, context: str, stored: Mapping[int, Row] | None = None
) -> Reply:
    """Rows as a list answer: filtered, ordered, paged, projected.

    context: what stands behind `$metadata#`; stored: the rows that have ETags, by the identity of their data.
    """
    page, total = call.query.rows(rows, kind, call.rules.page_cap)
    return _listed(call, page, total, kind, context, lambda data: (stored or {}).get(id(data)))


def _listed(
    call: Call, page: Iterable[Json], total: int, kind: Type, context: str, stored: Callable[[Json], Row | None]
) -> Reply:
    """A page of rows as an answer; stored: the row behind it, where it has one."""
    resolve = related.resolver(call.store)
    value = []
    for data in page:
        shown = presented(project(data, kind, call.query, resolve), kind, call.rules.traits)
        row = stored(data) if call.rules.etags else None
        if row is not None:
            shown = {"@odata.etag": row.etag, **shown}
        value.append(shown)
    answer: Json = {"@odata.context": f"{call.base}/$metadata#{context}{_selected(call)}"}
    if call.query.count:
        answer["@odata.count"] = total
    answer["value"] = value
    return Reply(200, answer)


def entity(call: Call, data: Json, kind: Type, context: str, row: Row | None = None, status: int = 200) -> Reply:
    """One entity or complex value as an answer, with its ETag where it is stored."""
    answer: Json = {"@odata.context": f"{call.base}/$metadata#{context}"}
    reply = Reply(status, answer)
    if row is not None and call.rules.etags:
        answer["@odata.etag"] = row.etag
        tagged(call, reply, row)
    shown = project(data, kind, call.query, related.resolver(call.store))
    answer.update(presented(shown, kind, call.rules.traits))
    return reply


def named_row(call: Call) -> Row:
    """The row the path names, by its key or by its alternate key.

    Raises:
        Refusal: 404 where there is none.
    """
    name = call.operation.owner
    key = call.store.describe(name).key.name
    label, parameter = call.operation.parameters[0]
    value = call.arguments[parameter.name]
    row = call.store.get(name, value) if label in ("", key) else call.store.find(name, label, value)
    if row is None:
        raise warning(NOT_FOUND, label or key, 404)
    return row


def read_entity(call: Call) -> Reply:
    """GET of an entity by its key or an alternate key."""
    name = call.operation.owner
    kind = call.store.describe(name).type
    if name == "Peers":
        wanted = call.arguments[call.operation.parameters[0][1].name]
        found = call.store.by_number(wanted)
        if found is None:
            raise warning(NOT_FOUND, "Number", 404)
        return entity(call, related.peer(found[0], found[1].data), kind, f"{name}{_selected(call)}/$entity")
    row = named_row(call)
    return entity(call, row.data, kind, f"{name}{_selected(call)}/$entity", row)


def create(call: Call) -> Reply:
    """POST to an entity set: 201 with the entity as stored."""
    name = call.operation.owner
    kind = call.store.describe(name).type
    given = call.body()
    taken = links.take(call.store, name, given)
    row = binding.merged(call.store.blank(name), given, kind)
    checked = rules.on_create(call.store, name, row, given)
    links.check(call.store, name, taken)
    stored = call.store.insert(name, defaults.complete(call.store, name, checked, given))
    key = call.store.describe(name).key
    if any(taken.values()):
        links.write(call.store, name, stored.data[key.name], taken)
        stored = call.store.get(name, stored.data[key.name]) or stored
    reply = entity(call, stored.data, kind, f"{name}/$entity", stored, 201)
    reply.headers["Location"] = f"{call.base}/{name}({quote(_literal(stored.data[key.name]), safe=_BARE)})"
    return reply


def update(call: Call) -> Reply:
    """PATCH of an entity: 204 without a body."""
    name = call.operation.owner
    row = named_row(call)
    check_precondition(call, row)
    return _update(call, name, row)


def delete(call: Call) -> Reply:
    """DELETE of an entity: 204."""
    name = call.operation.owner
    row = named_row(call)
    check_precondition(call, row)
    rules.on_delete(call.store, name, row.data)
    call.store.remove(name, row.data[call.store.describe(name).key.name])
    return Reply(204)


def read_singleton(call: Call) -> Reply:
    """GET of a singleton: one plain object."""
    name = call.operation.owner
    row, kind = _singleton(call)
    return entity(call, row.data, kind, f"{name}{_selected(call)}", row)


def update_singleton(call: Call) -> Reply:
    """PATCH of a singleton: 204 without a body."""
    row, kind = _singleton(call)
    check_precondition(call, row)
    alias = _alias(call)
    if alias is not None:
        return _update(call, alias, row)
    given = call.body()
    group = call.store.default_group() if call.operation.owner == "OfficeHours" else None
    taken = {} if group is None else links.take(call.store, "Groups", given, links.linked(call.store, "Groups"))
    changes = binding.merged(row.data, given, kind)
    possible.check(call.store, kind, changes, row.data)
    whole = destinations.completed(call.store, kind, changes)
    changes = {prop: whole[prop] for prop in given}
    if group is not None:
        links.check(call.store, "Groups", taken, group)
        links.write(call.store, "Groups", group["Id"], taken)
    return tagged(call, Reply(204), call.store.change_singleton(call.operation.owner, changes))


def read_navigation(call: Call) -> Reply:
    """GET of a navigation property's collection: `Users(38)/Groups`, `Defs/TimeZones`."""
    operation = call.operation
    if operation.owner in call.store.routes.singletons:
        row, kind = _singleton(call)
        path = operation.owner
    else:
        row, kind = named_row(call), call.store.describe(operation.owner).type
        path = f"{operation.owner}({_literal(call.key)})"
    inner = kind.properties[operation.name].value.type
    assert inner is not None
    rows = related.resolver(call.store)(kind, operation.name, row.data) or []
    return collection(call, [samples.filled(inner, item) for item in rows], inner, f"{path}/{operation.name}")


def _update(call: Call, name: str, row: Row) -> Reply:
    kind = call.store.describe(name).type
    given = call.body()
    taken = links.take(call.store, name, given)
    changes = {prop: binding.merged(row.data, {prop: value}, kind)[prop] for prop, value in given.items()}
    key = row.data[call.store.describe(name).key.name]
    checked = rules.on_update(call.store, name, row.data, changes)
    links.check(call.store, name, taken, row.data)
    links.write(call.store, name, key, taken)
    return tagged(call, Reply(204), call.store.change(name, key, checked))


def _singleton(call: Call) -> tuple[Row, Type]:
    name = call.operation.owner
    alias = _alias(call)
    if alias is None:
        row = call.store.singleton(name)
        if (count := counted.of(name)) is not None:
            row = Row({**row.data, **count(call.store)}, row.revision)
        return row, call.store.routes.singletons[name]
    own = _own(call, alias)
    if own is None:
        raise Refusal(404, f"There is no {name} for who is signed in.")
    return own, call.store.describe(alias).type


def _alias(call: Call) -> str | None:
    return {"MyUser": "Users", "MyGroup": "Groups"}.get(call.operation.owner)


def _own(call: Call, name: str) -> Row | None:
    """The signed-in person's own user (by number or mail address, else the first), or the default department."""
    if name == "Groups":
        group = call.store.default_group()
        return None if group is None else call.store.get("Groups", group["Id"])
    who = call.subject.partition(":")[2]
    return (
        call.store.find("Users", "Number", who)
        or call.store.find("Users", "EmailAddress", who)
        or next(call.store.rows("Users"), None)
    )


def _selected(call: Call) -> str:
    return "" if call.query.select is None else f"({','.join(call.query.select)})"


def _literal(value: Any) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)
