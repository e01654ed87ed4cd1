"""Destinations of calls: the properties, at any depth, that name a numbered entity, and their values after it was
deleted. One table; the traversal follows the document's types.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pbx_simulator import knowledge
from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Property, Type

if TYPE_CHECKING:
    from pbx_simulator.model.routes import Routes

    from .store import Store


@dataclass(frozen=True)
class Lead:
    """A property of a structure that names an entity by its number.

    number: that property; gone: what the structure says once there is no such entity, None where it goes altogether;
    unless: a property and its value with which the structure keeps all but the number.
    """

    number: str
    gone: Json | None
    unless: tuple[str, str] | None = None


#: By the type of the structure. Reports and logs, which show who it was, are not in it.
LEADS: dict[str, tuple[Lead, ...]] = {
    "Pbx.CallParkingSettings": (
        Lead("AutoPickupForwardDN", {"AutoPickupForwardDN": "", "AutoPickupForwardType": "TransferBack"}),
    ),
    "Pbx.Destination": (
        Lead("Number", {"Number": "", "Name": "", "To": "None", "Type": "None"}, unless=("To", "Boomerang")),
    ),
    "Pbx.DeviceLine": (Lead("Number", {"Number": "", "Name": ""}),),
    "Pbx.Peer": (Lead("Number", None),),
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


def gone(store: Store, number: str) -> None:
    """Nothing leads to a number any more."""
    for name, kind, read in _leading_sets(store.routes):
        for key in tuple(store.derived(name, "leads to", read, number)):
            row = store.get(name, key)
            if row is not None:
                changed = _without(row.data, kind, number)
                different = [prop for prop in changed if changed[prop] is not row.data.get(prop)]
                store.change(name, key, {prop: changed[prop] for prop in different})
    for name, kind in store.routes.singletons.items():
        if name not in knowledge.WORKED_OUT and number in set(numbers(kind, store.singleton(name).data)):
            store.change_singleton(name, _without(store.singleton(name).data, kind, number))


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


def _without(row: Json, kind: Type, number: str) -> Json:
    result = row
    for lead in LEADS.get(kind.name, ()):
        if row.get(lead.number) == number and lead.gone is not None:
            keeps = lead.unless is not None and row.get(lead.unless[0]) == lead.unless[1]
            said = {lead.number: ""} if keeps else {name: value for name, value in lead.gone.items() if name in row}
            result = {**result, **said}
    for prop in _leading(kind):
        value, inner = row.get(prop.name), prop.value.type
        if not value or inner is None:
            continue
        if number not in (_of_list(value, inner) if isinstance(value, list) else numbers(inner, value)):
            continue
        if isinstance(value, list):
            result = {**result, prop.name: [left for item in value if (left := _left(item, inner, number)) is not None]}
        else:
            result = {**result, prop.name: _left(value, inner, number)}
    return result


def _left(item: Json, kind: Type, number: str) -> Json | None:
    goes = any(lead.gone is None and item.get(lead.number) == number for lead in LEADS.get(kind.name, ()))
    return None if goes else _without(item, kind, number)


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
