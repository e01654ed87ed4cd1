"""Collections that are rows of another set: a trunk's inbound rules, a department's holidays. Either side shows the
other.

The rows are stored in their own set alone. Writes to the collection go to that set, and reads come from it. The members
of a department are a collection of this kind as well (see rules.set_members).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pbx_simulator.checks import rules
from pbx_simulator.errors import DUPLICATE, NOT_FOUND, warning
from pbx_simulator.model.document import Json

from . import defaults
from .naming import reference
from .store import Store

Taken = dict[str, list[Json]]


@dataclass(frozen=True)
class Link:
    """A collection of an entity and the set its items are rows of.

    target: that set; belongs: whether a row of it is an item of this owner; stamp: the properties that say so; ordered:
    whether the order of the items is kept.
    """

    target: str
    belongs: Callable[[Json, Json], bool]
    stamp: Callable[[Json], Json]
    ordered: bool = False


def _of_trunk(rule: Json, trunk: Json) -> bool:
    number = (rule.get("TrunkDN") or {}).get("Number")
    return number is not None and number == trunk.get("Number")


def _trunk(trunk: Json) -> Json:
    return {"TrunkDN": reference("Trunks", trunk)}


def _of_department(holiday: Json, group: Json) -> bool:
    # A holiday without a department is the default department's.
    return holiday.get("Group") == group.get("Number") or (not holiday.get("Group") and bool(group.get("IsDefault")))


LINKS: dict[str, dict[str, Link]] = {
    "Groups": {"OfficeHolidays": Link("Holidays", _of_department, lambda group: {"Group": group.get("Number")})},
    "Trunks": {"RoutingRules": Link("InboundRules", _of_trunk, _trunk, ordered=True)},
}


def items(store: Store, name: str, prop: str, owner: Json) -> list[Json]:
    """The rows that are the items of an entity's collection, in their order."""
    link = LINKS[name][prop]
    found = [row.data for row in store.rows(link.target) if link.belongs(row.data, owner)]
    if link.ordered:
        place = {item.get("Id"): position for position, item in enumerate(owner.get(prop) or ())}
        found.sort(key=lambda row: place.get(row["Id"], len(place)))
    return found


def linked(store: Store, name: str) -> list[str]:
    """The collections of an entity set that are rows of another; an old release may lack that one, and keep them
    itself.
    """
    return [prop for prop, link in LINKS.get(name, {}).items() if link.target in store.routes.sets]


def take(store: Store, name: str, changes: Json, props: Iterable[str] | None = None) -> Taken:
    """Take out of a body what is stored in other sets; empty where it has nothing of the kind.

    props: which collections; all of the entity set where it is not given.
    """
    if props is None:
        props = [*linked(store, name), *(["Members"] if name == "Groups" else [])]
    return {prop: changes.pop(prop) or [] for prop in props if prop in changes}


def check(store: Store, name: str, taken: Taken, owner: Json | None = None) -> None:
    """Hold collections against the rules, so that nothing is refused once something is stored.

    owner: the entity as stored, None for one that is not there yet.

    Raises:
        Refusal: 400, as for the rows themselves.
    """
    for prop, wanted in taken.items():
        if prop == "Members":
            rules.check_members(store, wanted)
        else:
            _plan(store, name, prop, wanted, owner or {})


def write(store: Store, name: str, key: Any, taken: Taken) -> None:
    """Make collections of an entity what was given; see check."""
    for prop, wanted in taken.items():
        if prop == "Members":
            rules.set_members(store, key, wanted)
        else:
            _replace(store, name, prop, key, wanted)


def _plan(store: Store, name: str, prop: str, wanted: Iterable[Json], owner: Json) -> list[tuple[Any, Json]]:
    """For each item the key of the row there is, None where it is new, and what is to be stored."""
    link = LINKS[name][prop]
    blank = store.blank(link.target)
    # A missing object has no number: another object's number takes its place until it is stored.
    stamp = link.stamp(owner or (store.default_group() if name == "Groups" else None) or {})
    planned: list[tuple[Any, Json]] = []
    wanted = list(wanted)
    named = [item["Id"] for item in wanted if item.get("Id")]
    if len(set(named)) < len(named):
        raise warning(DUPLICATE, prop)
    for item in wanted:
        given = {field: value for field, value in item.items() if field not in stamp}
        old = store.get(link.target, item["Id"]) if item.get("Id") else None
        if item.get("Id") and old is None:
            raise warning(NOT_FOUND, prop)
        if old is None:
            fresh = {**blank, **given}
            row = rules.on_create(store, link.target, fresh, {**given, **stamp})
            planned.append((None, defaults.complete(store, link.target, row, given)))
        elif all(blank.get(field) == value for field, value in given.items() if field != "Id"):
            planned.append((old.data["Id"], {}))  # it is named and nothing else: it stays as it is
        else:
            planned.append((old.data["Id"], rules.on_update(store, link.target, old.data, given)))
    return planned


def _replace(store: Store, name: str, prop: str, key: Any, wanted: Iterable[Json]) -> None:
    link = LINKS[name][prop]
    row = store.get(name, key)
    assert row is not None
    before = items(store, name, prop, row.data)
    stamp = link.stamp(row.data)
    kept: list[Any] = []
    for old, planned in _plan(store, name, prop, wanted, row.data):
        if old is None:
            fresh = {**planned, **stamp, "Id": store.next_id(link.target)}
            kept.append(store.insert(link.target, fresh).data["Id"])
        else:
            kept.append(store.change(link.target, old, {**planned, **stamp}).data["Id"])
    for gone in before:
        if gone["Id"] not in kept:
            store.remove(link.target, gone["Id"])
    if link.ordered:
        store.change(name, key, {prop: [{"Id": one} for one in kept]})
    current = store.get(name, key)
    if current is row and items(store, name, prop, row.data) != before:
        store.touch(name, key)
