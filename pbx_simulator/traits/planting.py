"""Objects that exist from the start because of a trait."""

from __future__ import annotations

import itertools

from pbx_simulator.model.document import Json
from pbx_simulator.seeds import seed
from pbx_simulator.state.store import Store

from .storage import FAVOURITES, FAVOURITES_NUMBER

#: So many of the users have favourites: the first ones.
_WITH_FAVOURITES = 3
_DEFAULT_NUMBER = "GRP0000"


def plant(store: Store) -> None:
    """Add to a planted store what its traits say is there. Existing objects stay."""
    if "default-grp0000" in store.traits:
        _renumber_default(store)
    if {"favourites-kept", "favourites-dropped"} & store.traits:
        for place, user in enumerate(list(itertools.islice(store.rows("Users"), _WITH_FAVOURITES))):
            give_favourites(store, user.data["Number"], shared=place == 0)


def _renumber_default(store: Store) -> None:
    """Give the default department its number, wherever the old one stands."""
    group = store.default_group()
    if group is None or group["Number"] == _DEFAULT_NUMBER:
        return
    old = group["Number"]
    store.change("Groups", group["Id"], {"Number": _DEFAULT_NUMBER})
    for name, row in list(store.numbered()):
        groups = row.data.get("Groups") or []
        if any(one.get("GroupId") == group["Id"] for one in groups):
            told = [{**one, "Number": _DEFAULT_NUMBER} if one.get("GroupId") == group["Id"] else one for one in groups]
            store.amend(name, row.data["Id"], {"Groups": told})
    for holiday in list(store.rows("Holidays")):
        if holiday.data.get("Group") == old:
            store.amend("Holidays", holiday.data["Id"], {"Group": _DEFAULT_NUMBER})


def give_favourites(store: Store, number: str, *, shared: bool = False) -> Json:
    """Give a user a hidden department of favourites, and return it.

    shared: the first queue and the first ring group are among the favourites.

    Raises:
        KeyError: where nobody has this number.
    """
    found = store.find("Users", "Number", number)
    if found is None:
        raise KeyError(number)
    known = store.find("Groups", "Number", f"{FAVOURITES_NUMBER}{number}")
    if known is not None:
        return known.data
    made = seed.upsert(store, "Groups", {"Name": f"{FAVOURITES}{number}", "Number": f"{FAVOURITES_NUMBER}{number}"})
    members = [("Users", found)]
    if shared:
        members += [(name, row) for name in ("Queues", "RingGroups") if (row := next(store.rows(name), None))]
    for name, row in members:
        groups = [*(row.data.get("Groups") or ()), {"GroupId": made["Id"]}]
        seed.upsert(store, name, {"Id": row.data["Id"], "Groups": groups})
    return made
