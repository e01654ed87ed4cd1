"""Everything a simulated PBX has stored, to be held against what it had before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pbx_simulator import SimulatedPbx

Place = tuple[str, Any]
"""Place of a stored object: an entity set and a key, or the name of a singleton."""
World = Mapping[Place, Any]


def world(pbx: SimulatedPbx) -> World:
    """All that is stored. Nothing of it is copied: the simulator changes no row in place."""

    def read() -> dict[Place, Any]:
        store = pbx._store
        seen: dict[Place, Any] = {
            (name, key): row.data for name, rows in store._rows.items() for key, row in rows.items()
        }
        seen |= {(name, None): row.data for name, row in store._singletons.items()}
        seen |= {(f"settings {name}", None): value for name, value in store.settings.items()}
        seen |= {(f"properties of {number}", None): dict(held) for number, held in store.dn_properties.items() if held}
        return seen

    return pbx._in_loop(read)


def settle(pbx: SimulatedPbx) -> None:
    """Complete all asynchronous work of the PBX."""

    def pass_time() -> None:
        store = pbx._store
        for name in store._rows:
            while store.work.under_way(name):
                store.work.look(name)

    pbx._in_loop(pass_time)


def touched(one: World, other: World) -> set[Place]:
    """Return the places at which two snapshots differ."""
    nothing = object()
    differing = set()
    for place in one.keys() | other.keys():
        here, there = one.get(place, nothing), other.get(place, nothing)
        if here is not there and here != there:
            differing.add(place)
    return differing
