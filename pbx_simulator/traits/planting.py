"""What is there from the start because of a trait."""

from __future__ import annotations

import itertools

from pbx_simulator import seed
from pbx_simulator.document import Json
from pbx_simulator.store import Store

from .storage import FAVOURITES

#: So many of the users have favourites: the first ones.
_WITH_FAVOURITES = 3


def plant(store: Store) -> None:
    """Add to a planted store what its traits say is there. What is there already stays."""
    if {"favourites-kept", "favourites-dropped"} & store.traits:
        for place, user in enumerate(list(itertools.islice(store.rows("Users"), _WITH_FAVOURITES))):
            give_favourites(store, user.data["Number"], shared=place == 0)


def give_favourites(store: Store, number: str, *, shared: bool = False) -> Json:
    """Give a user a hidden department of favourites, and return it.

    shared: the first queue and the first ring group are among the favourites.

    Raises:
        KeyError: where nobody has this number.
    """
    found = store.find("Users", "Number", number)
    if found is None:
        raise KeyError(number)
    known = store.find("Groups", "Number", f"FGRP{number}")
    if known is not None:
        return known.data
    made = seed.upsert(store, "Groups", {"Name": f"{FAVOURITES}{number}", "Number": f"FGRP{number}"})
    members = [("Users", found)]
    if shared:
        members += [(name, row) for name in ("Queues", "RingGroups") if (row := next(store.rows(name), None))]
    for name, row in members:
        groups = [*(row.data.get("Groups") or ()), {"GroupId": made["Id"]}]
        seed.upsert(store, name, {"Id": row.data["Id"], "Groups": groups})
    return made
