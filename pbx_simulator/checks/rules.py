"""Checks and completions of a PBX on writing that the document does not mention."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.errors import (
    ALREADY_IN_USE,
    DUPLICATE,
    FORBIDDEN_CHANGE,
    INVALID,
    NO_MORE_NUMBERS,
    NOT_FOUND,
    REQUIRED,
    warning,
)
from pbx_simulator.hooks import registry as hooks
from pbx_simulator.model.document import Json
from pbx_simulator.state import destinations
from pbx_simulator.state.naming import display_name
from pbx_simulator.state.store import Store
from pbx_simulator.traits import storage

from . import possible, uniqueness


def on_create(store: Store, name: str, row: Json, given: Json) -> Json:
    """Complete a new row: key, number, names of what it refers to.

    row: with every property; given: what the caller sent.

    Raises:
        Refusal: 400 with REQUIRED, DUPLICATE, ALREADY_IN_USE, ...
    """
    description = store.describe(name)
    key = description.key.name
    for prop in knowledge.REQUIRED.get(name, ()):
        if not given.get(prop):
            raise warning(REQUIRED, prop)
    hook = hooks.creating.of(name)
    if hook is not None:
        hook(store, given)
    if description.key.value.kind == "integer":
        row[key] = store.next_id(name)
    elif not row.get(key):
        if name not in knowledge.ASSIGNED_STRING_KEYS:
            raise warning(REQUIRED, key)
        row[key] = _free_key(store, name)
    elif store.get(name, row[key]) is not None:
        raise warning(DUPLICATE, key)
    check_unique(store, name, row, None)
    _check_possible(store, name, row, None)
    complete_references(store, name, row, None)
    if name in knowledge.NUMBER_RANGES or name in knowledge.NUMBER_PREFIXES:
        _number(store, name, row)
    return row


def on_update(store: Store, name: str, old: Json, changes: Json) -> Json:
    """Check and complete what an update changes.

    Raises:
        Refusal: 400 where it changes what cannot change or breaks a rule.
    """
    key = store.describe(name).key.name
    fixed = (key, "Number") if name in knowledge.PEER_TYPES else (key,)
    for prop in fixed:
        if prop in changes and changes[prop] != old.get(prop):
            raise warning(FORBIDDEN_CHANGE, prop)
    for prop in knowledge.REQUIRED.get(name, ()):
        if prop in changes and not changes[prop]:
            raise warning(REQUIRED, prop)
    check_unique(store, name, changes, old[key])
    _check_possible(store, name, changes, old)
    hook = hooks.updating.of(name)
    if hook is not None:
        hook(store, old, changes)
    changes = storage.on_update(store, old, changes)
    complete_references(store, name, changes, old)
    return changes


def _check_possible(store: Store, name: str, row: Json, old: Json | None) -> None:
    possible.check(store, store.describe(name).type, row, old, row.get("Number"))
    uniqueness.check(store, name, row, old)


def on_delete(store: Store, name: str, row: Json) -> None:
    """Refuse to remove what must stay.

    Raises:
        Refusal: 400 where it must: the fax server, the default department and one with members.
    """
    hook = hooks.deleting.of(name)
    if hook is not None:
        hook(store, row)


def members(store: Store, group: Any) -> list[tuple[str, Json]]:
    """Everything that belongs to a department: entity set and row."""
    return [
        (name, row.data)
        for name, row in store.numbered()
        if name != "Groups" and any(g.get("GroupId") == group for g in row.data.get("Groups") or ())
    ]


def _free_key(store: Store, name: str) -> str:
    return next(text for n in range(1, store.count(name) + 2) if store.get(name, text := str(n)) is None)


def check_unique(store: Store, name: str, row: Json, own_key: Any) -> None:
    """Hold what must differ from row to row against the other rows.

    Raises:
        Refusal: 400 with DUPLICATE.
    """
    key = store.describe(name).key.name
    for prop in knowledge.UNIQUE.get(name, ()):
        if row.get(prop) in (None, ""):
            continue
        other = store.find(name, prop, row[prop])
        if other is not None and other.data[key] != own_key:
            raise warning(DUPLICATE, prop)


def _number(store: Store, name: str, row: Json) -> None:
    if row.get("Number"):
        if store.number_taken(row["Number"]):
            raise warning(ALREADY_IN_USE, "Number")
        return
    number = store.free_number(name, _department(store, row))
    if number is None:
        raise warning(NO_MORE_NUMBERS, "Number")
    row["Number"] = number


def _department(store: Store, row: Json) -> Json | None:
    ids = [group.get("GroupId") for group in row.get("Groups") or ()] or [row.get("PrimaryGroupId")]
    for group_id in ids:
        found = store.get("Groups", group_id) if group_id is not None else None
        if found is not None:
            return found.data
    return store.default_group()


def complete_references(store: Store, name: str, changes: Json, old: Json | None) -> None:
    """Check what a row refers to and add what the reference alone does not say (names, numbers, ids).

    Raises:
        Refusal: 400 where it refers to what is not there, or names a role or a route that cannot be.
    """
    if name in knowledge.PEER_TYPES and changes.get("Groups"):
        before = {g.get("GroupId"): g for g in (old or {}).get("Groups") or ()}
        changes["Groups"] = [_membership(store, group, before.get(group.get("GroupId"))) for group in changes["Groups"]]
    if changes.get("ForwardingProfiles"):
        for profile in changes["ForwardingProfiles"]:
            _profile(profile, (old or {}).get("ForwardingProfiles") or ())
    for prop in knowledge.MEMBER_LISTS.get(name, ()):
        if changes.get(prop):
            changes[prop] = [_member(store, item, prop) for item in changes[prop]]
    hook = hooks.referring.of(name)
    if hook is not None:
        hook(store, changes, old)
    changes.update(destinations.completed(store, store.describe(name).type, changes))


def _membership(store: Store, given: Json, before: Json | None) -> Json:
    group = store.get("Groups", given.get("GroupId"))
    if group is None:
        raise warning(NOT_FOUND, "GroupId")
    rights = given.get("Rights") or (before or {}).get("Rights")
    if rights is not None:
        check_role(rights)
    return {
        **given,
        "Id": given.get("Id") or group.data["Id"],
        "Name": group.data.get("Name"),
        "Number": group.data.get("Number"),
        "Type": "Group",
        "Rights": rights or {"RoleName": "users"},
    }


def check_role(rights: Json) -> None:
    """Refuse a role there is not.

    Raises:
        Refusal: 400 with INVALID.
    """
    if rights.get("RoleName") not in knowledge.ROLES:
        raise warning(INVALID, "RoleName")


def _profile(profile: Json, before: Any) -> None:
    name = profile.get("Name")
    if name is None:
        known = next((p for p in before if p.get("Id") == profile.get("Id")), None)
        name = None if known is None else known.get("Name")
    routes = ("AvailableRoute", "AwayRoute")
    carries = knowledge.PROFILE_ROUTES.get(str(name))
    sent = [route for route in routes if profile.get(route) is not None]
    for route in sent:
        if (carries is not None and route != carries) or len(sent) > 1:
            raise warning(INVALID, route if route != carries else routes[1])


def _member(store: Store, given: Json, prop: str) -> Json:
    """An agent, a manager or a member: named by its number, shown with its id and name."""
    found = store.by_number(str(given.get("Number")))
    if found is None or found[0] != "Users":
        raise warning(NOT_FOUND, prop)
    return {**given, "Id": found[1].data["Id"], "Name": display_name(found[0], found[1].data)}


def check_members(store: Store, wanted: Iterable[Json]) -> dict[tuple[str, Any], Json]:
    """Objects named by Number, else by Id, by entity set and key; departments are no members.

    A row with a number may have the id of its membership as Id.

    Raises:
        Refusal: 400 with NOT_FOUND where one does not exist.
    """
    chosen: dict[tuple[str, Any], Json] = {}
    by_id = {row.data["Id"]: (name, row) for name, row in store.numbered()}
    for item in wanted:
        number = item.get("Number")
        found = store.by_number(str(number)) if number else by_id.get(item.get("Id"))
        if found is None or found[0] == "Groups":
            raise warning(NOT_FOUND, "Members")
        if item.get("Rights") is not None:
            check_role(item["Rights"])
        chosen[found[0], found[1].data["Id"]] = item
    return chosen


def set_members(store: Store, group_id: Any, wanted: list[Json]) -> None:
    """Make a department's members exactly those named by Id or Number.

    Raises:
        Refusal: 400 with NOT_FOUND where one does not exist.
    """
    group = store.get("Groups", group_id)
    assert group is not None
    chosen = check_members(store, wanted)
    present = {(name, row["Id"]): row for name, row in members(store, group_id)}
    planned = {
        (name, key): [g for g in row["Groups"] if g.get("GroupId") != group_id]
        for (name, key), row in present.items()
        if (name, key) not in chosen
    }
    for (name, key), item in chosen.items():
        row = store.get(name, key)
        assert row is not None
        groups = row.data.get("Groups") or ()
        before = next((g for g in groups if g.get("GroupId") == group_id), None)
        membership = _membership(store, {"GroupId": group_id, "Rights": item.get("Rights")}, before)
        if before is None:
            planned[name, key] = [*groups, membership]
        else:
            planned[name, key] = [{**g, **membership} if g is before else g for g in groups]
    # Only now, when nothing can be refused any more.
    old = [store.get(name, key) for name, key in planned]
    new = [store.change(name, key, {"Groups": groups}) for (name, key), groups in planned.items()]
    if any(one is not other for one, other in zip(old, new, strict=True)):
        store.touch("Groups", group_id)
