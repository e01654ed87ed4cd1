"""Destinations of calls: the properties, at any depth, that name a numbered entity, and their values after it was
deleted. One table; the traversal follows the document's types.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pbx_simulator import knowledge
from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Property, Type

from .naming import reference

if TYPE_CHECKING:
    from pbx_simulator.model.routes import Routes

    from .store import Store


@dataclass(frozen=True)
class Lead:
    """A property of a structure that names an entity by its number.

    number: that property; gone: what the structure says once there is no such entity, None where it goes altogether;
    shows: properties that show the entity's Id, Name or Type, and which; unless: a property and its value with which
    the structure keeps all but the number.
    """

    number: str
    gone: Json | None
    shows: tuple[tuple[str, str], ...] = ()
    unless: tuple[str, str] | None = None


#: By the type of the structure. Reports and logs, which show who it was, are not in it.
LEADS: dict[str, tuple[Lead, ...]] = {
    "Pbx.CallParkingSettings": (
        Lead("AutoPickupForwardDN", {"AutoPickupForwardDN": "", "AutoPickupForwardType": "TransferBack"}),
    ),
    "Pbx.Destination": (
        Lead(
            "Number",
            {"Number": "", "Name": "", "To": "None", "Type": "None"},
            shows=(("Name", "Name"), ("Type", "Type")),
            unless=("To", "Boomerang"),
        ),
    ),
    "Pbx.DeviceLine": (Lead("Number", {"Number": "", "Name": ""}),),
    "Pbx.Peer": (Lead("Number", None, shows=(("Id", "Id"), ("Name", "Name"), ("Type", "Type"))),),
    "Pbx.QueueAgent": (Lead("Number", None),),
    "Pbx.QueueManager": (Lead("Number", None),),
    "Pbx.Receptionist": (
        Lead(
            "TimeoutForwardDN",
            {"TimeoutForwardDN": "", "TimeoutForwardType": "EndCall", "TimeoutForwardPeerType": "None"},
        ),
        Lead("InvalidKeyForwardDN", {"InvalidKeyForwardDN": ""}),
    ),
    "Pbx.ReceptionistForward": (Lead("ForwardDN", {"ForwardDN": "", "ForwardType": "EndCall", "PeerType": "None"}),),
    "Pbx.RingGroupMember": (Lead("Number", None),),
}
#: Gives the properties of a structure that say something else from now on; None where the structure goes.
Rewrite = Callable[[Json, Lead], Json | None]


def gone(store: Store, number: str) -> None:
    """Nothing leads to a number any more."""

    def rewrite(row: Json, lead: Lead) -> Json | None:
        if row[lead.number] != number:
            return {}
        if lead.gone is None:
            return None
        keeps = lead.unless is not None and row.get(lead.unless[0]) == lead.unless[1]
        return {lead.number: ""} if keeps else {name: value for name, value in lead.gone.items() if name in row}

    _rewrite_all(store, number, rewrite, store.change)


def renamed(store: Store, number: str) -> None:
    """Show the new name of an entity where a number leads to it. Revisions stay: those entities have not changed."""

    def rewrite(row: Json, lead: Lead) -> Json:
        return _shown(store, row, lead) if row[lead.number] == number else {}

    _rewrite_all(store, number, rewrite, store.amend)


def completed(store: Store, kind: Type, row: Json) -> Json:
    """A structure, or some of its properties, with what the PBX shows of the numbers they lead to."""
    return _rewritten(row, kind, lambda structure, lead: _shown(store, structure, lead)) or row


def complete_all(store: Store) -> None:
    """Complete every row: a seed may name a number before the section that has it is planted."""
    for name, kind, read in _leading_sets(store.routes):
        for row in list(store.rows(name)):
            if next(read(row.data), None) is not None:
                store.amend(name, row.data[store.describe(name).key.name], completed(store, kind, row.data))
    for name, kind in store.routes.singletons.items():
        if name not in knowledge.WORKED_OUT:
            store.change_singleton(name, completed(store, kind, store.singleton(name).data))


def _shown(store: Store, row: Json, lead: Lead) -> Json:
    found = store.by_number(row[lead.number]) if lead.shows else None
    if found is None:
        return {}
    told = reference(found[0], found[1].data)
    return {name: told[what] for name, what in lead.shows}


def _rewrite_all(store: Store, number: str, rewrite: Rewrite, write: Callable[[str, Any, Json], object]) -> None:
    for name, kind, read in _leading_sets(store.routes):
        for key in tuple(store.derived(name, "leads to", read, number)):
            row = store.get(name, key)
            if row is not None:
                after = _rewritten(row.data, kind, rewrite) or {}
                write(name, key, {prop: after[prop] for prop in after if after[prop] is not row.data.get(prop)})
    for name, kind in store.routes.singletons.items():
        if name not in knowledge.WORKED_OUT and number in set(numbers(kind, store.singleton(name).data)):
            store.change_singleton(name, _rewritten(store.singleton(name).data, kind, rewrite) or {})


def numbers(kind: Type, row: Json) -> Iterator[str]:
    """The numbers a structure leads to."""
    for lead in LEADS.get(kind.name, ()):
        if row.get(lead.number):
            yield row[lead.number]
    for prop in _leading(kind):
        value = row.get(prop.name)
        if value and prop.value.type is not None:
            yield from _of_list(value, prop.value.type) if isinstance(value, list) else numbers(prop.value.type, value)


def _of_list(items: list[Json], kind: Type) -> tuple[str, ...]:
    """The numbers of a list. Ten thousand users share one list of forwarding profiles: it is read once."""
    known = _SHARED.get(id(items))
    if known is None:
        if len(_SHARED) >= _MOST_SHARED:
            _SHARED.clear()
        # Rows are never changed in place, and the list is kept, so that its id remains its own.
        known = _SHARED[id(items)] = items, tuple(number for item in items for number in numbers(kind, item))
    return known[1]


_MOST_SHARED = 64
_SHARED: dict[int, tuple[list[Json], tuple[str, ...]]] = {}


def _rewritten(row: Json, kind: Type, rewrite: Rewrite) -> Json | None:
    result = row
    for lead in LEADS.get(kind.name, ()):
        if row.get(lead.number):
            said = rewrite(row, lead)
            if said is None:
                return None
            result = {**result, **said} if said else result
    for prop in _leading(kind):
        value, inner = row.get(prop.name), prop.value.type
        if not value or inner is None:
            continue
        if isinstance(value, list):
            if _of_list(value, inner):
                after = [_rewritten(item, inner, rewrite) for item in value]
                result = {**result, prop.name: [item for item in after if item is not None]}
        else:
            result = {**result, prop.name: _rewritten(value, inner, rewrite)}
    return result


@functools.lru_cache(maxsize=16)
def _leading_sets(routes: Routes) -> list[tuple[str, Type, Callable[[Json], Iterator[str]]]]:
    """The entity sets whose rows may lead somewhere, with their types and what reads a row."""
    kinds = ((name, described.type) for name, described in routes.sets.items())
    return [
        (name, kind, functools.partial(numbers, kind)) for name, kind in kinds if kind.name in LEADS or _leading(kind)
    ]


@functools.lru_cache(maxsize=4096)
def _leading(kind: Type) -> tuple[Property, ...]:
    """The properties of a type in whose values something may lead somewhere."""
    return tuple(_inner(kind, ()))


def _inner(kind: Type, around: tuple[Type, ...]) -> Iterator[Property]:
    for prop in kind.properties.values():
        inner = prop.value.type
        if inner is None or inner is kind or inner in around:
            continue
        if inner.name in LEADS or any(True for _ in _inner(inner, (*around, kind))):
            yield prop
