"""Looking ahead in a loop: after some look-ups in a set, all of it is read, and the next ones are served from that.

Nobody knows how many items are left, so a set is read once the look-ups made have cost as much as reading it does: at
worst that doubles the cost, and a loop over a thousand entities asks some dozens of times instead of a thousand.

What is served is a few seconds old, so it decides two things only: that there is nothing to do, as it was when it was
read, during this very task; and that an entity is to be removed where its ETag is still the one that was read, and the
task names it by what does not change and says nothing else of it. Whatever else is to be written, and whatever is wrong,
is looked up again (see _task.py). Nothing is served twice: a task that asks for the same entity again (until, retries)
wants to know what has become of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from threecx_xapi import deadline, errors, paging

from pbx_as_code.description import Key
from pbx_as_code.engine.compare.values import canonical
from pbx_as_code.engine.limits import LARGEST_LIST

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient

Row = dict[str, Any]

#: Pages that are asked for at the same time.
_AT_A_TIME = 4
#: As many look-ups cost what a page costs, with some margin: measured 3 to 5.
_COST = 6
#: Seconds after which what was read before a task began is not served any more.
FRESH = 10.0


class LookAgain(Exception):
    """A write is to be made by what was read ahead, or was refused because that is old."""


class List:
    """One entity set, with what comes expanded, as one process has read it."""

    def __init__(self, path: str, key: str, params: Mapping[str, str]) -> None:
        """Nothing is read before it is worth it.

        Parameters:
            path: of the entity set, such as /Users
            key: the property that names a row
            params: the query, such as what is to be expanded
        """
        self._path, self._key, self._params = path, key, params
        self.asked = 0
        """Look-ups since it was last read."""
        self._worth: float = _COST
        self._served = 0
        self._read_at = 0.0
        self._for_removals = False
        self._rows: list[Row] | None = None
        self._by: dict[str, dict[Any, list[Row]]] = {}
        self._taken: set[tuple[str, Any]] = set()

    def candidates(self, client: XapiClient, key: Key, values: tuple[Any, ...], *, removing: bool) -> list[Row] | None:
        """The rows that have one of these values, or None where the PBX has to be asked.

        Parameters:
            client: of the PBX
            key: by what they are looked for
            values: what it may be
            removing: they are to be removed
        """
        if self._for_removals and not removing:
            self.forget()
        if self._rows is not None and self._old:
            # It is worth reading again at once where it has spared more than that costs.
            self.asked = self._served
            self.forget()
        if self._rows is None:
            self.asked += 1
            if self.asked <= self._worth:
                return None
            self._read(client)
            if self._old:  # by the time it was read
                self.forget()
        if self._rows is None:
            return None
        names = [(key.name, canonical(key.kind, value)) for value in values]
        index = self._index(key)
        found = [row for dummy, value in names for row in index.get(value, ())]
        taken = {*names, *((self._key, row[self._key]) for row in found)}
        if taken & self._taken:
            return None
        self._taken |= taken
        self._served += 1
        return found

    def removed(self) -> None:
        """A row was removed: what was read still tells what is to be removed, and nothing else."""
        self._for_removals = self._rows is not None

    def forget(self) -> None:
        """What was read is served no more."""
        self._rows, self._served, self._for_removals = None, 0, False
        self._by.clear()
        self._taken.clear()

    @property
    def _old(self) -> bool:
        return monotonic() - self._read_at > FRESH

    def _index(self, key: Key) -> dict[Any, list[Row]]:
        if key.name not in self._by:
            index: dict[Any, list[Row]] = {}
            for row in self._rows or ():
                with suppress(TypeError):  # a list or a structure, where there should be a text: nobody means that row
                    index.setdefault(canonical(key.kind, row.get(key.name)), []).append(row)
            self._by[key.name] = index
        return self._by[key.name]

    def _read(self, client: XapiClient) -> None:
        left = deadline.remaining()
        # What takes longer would be old, and a task that is to be over soon needs time for what it can do without this.
        with deadline.time_limit(FRESH if left is None else min(FRESH, left / 2)):
            self._read_in_time(client)

    def _read_in_time(self, client: XapiClient) -> None:
        asked, self.asked = self.asked, 0
        begun = monotonic()
        try:
            counted = client.request("GET", self._path, params={"$top": "1", "$count": "true"}).json()
            total = counted["@odata.count"]
            self._worth = _COST * (1 + total / paging.PAGE_SIZE)
            if asked < self._worth:
                self.asked = asked
                return
            rows = list(
                paging.iterate(
                    client,
                    self._path,
                    params=self._params,
                    concurrency=_AT_A_TIME,
                    key=self._key,
                    max_bytes=LARGEST_LIST,
                )
            )
            # Where they are not as many as there should be, others are at work on the list, or pages are cut short.
            self._rows = rows if len({row[self._key] for row in rows}) == total == len(rows) else None
            self._read_at = begun
        except (errors.XapiError, KeyError, TypeError):
            # A PBX that cannot be read so is asked for one entity after the other; what is wrong with it shows there.
            self._worth = float("inf")


class Ahead:
    """The lists of one PBX that one process has read."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], List] = {}

    def list(self, path: str, key: str, expand: tuple[str, ...]) -> List:
        """The list of an entity set, with what comes expanded."""
        more = ",".join(expand)
        known = self._lists.get((path, more))
        if known is None:
            known = self._lists[path, more] = List(path, key, {"$expand": more} if more else {})
        return known

    def written(self, *, removal: bool) -> None:
        """Something was written; see the function of that name."""
        for known in self._lists.values():
            if removal:
                known.removed()
            else:
                known.asked = 0
                known.forget()


_ahead: WeakKeyDictionary[XapiClient, Ahead] = WeakKeyDictionary()


def written(*, removal: bool) -> None:
    """Something was written: what any client has read before may be wrong now, in other sets too.

    Of other clients too: the items of a loop may be for several PBXs, in check mode or not, and sign in as somebody else.
    """
    for known in _ahead.values():
        known.written(removal=removal)


def ahead_for(client: XapiClient) -> Ahead:
    """What this process has read of the PBX of a client."""
    known = _ahead.get(client)
    if known is None:
        known = _ahead[client] = Ahead()
    return known
