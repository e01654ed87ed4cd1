"""Looking ahead in a loop: after some look-ups in a set, all of it is read, and the next ones are served from that.

Nobody knows how many items are left, so a set is read once the look-ups made have cost as much as reading it does: at
worst that doubles the cost, and a loop over a thousand entities asks some dozens of times instead of a thousand.

What is served is a few seconds old, so it decides two things only: that there is nothing to do, as it was when it was
read, during this very task; and that an entity is to be removed where its ETag is still the one that was read, and the
task names it by what does not change and says nothing else of it. Whatever else is to be written, and whatever is wrong,
is looked up again (see perform.py). Nothing is served twice: a task that asks for the same entity again (until, retries)
wants to know what has become of it.

Threads share a list. One of them reads it, without a lock; the others ask the PBX themselves until it is there. What was
read while something was written is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

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


class Writes:
    """When this process wrote to one PBX last, through whichever client: in check mode or not, as a person or a program.

    Each write leaves a mark that no other has. What was read is as it was where the mark is the one from before reading.
    """

    def __init__(self) -> None:
        self._sets: dict[str, object] = {}
        self._any: object = None
        self.removal: object = None
        """Of the last removal."""
        self.lasting: object = None
        """Of the last write that was none."""

    def note(self, entity_set: str, *, removal: bool = False) -> None:
        """An entity of this set was, or may have been, written."""
        written = object()
        self._sets[entity_set] = self._any = written
        if removal:
            self.removal = written
        else:
            self.lasting = written

    def mark(self, entity_set: str) -> object:
        """Of the last write to an entity set; everything with a number is among the peers."""
        return self._any if entity_set == "Peers" else self._sets.get(entity_set)


class List:
    """One entity set, with what comes expanded, as one process has read it through one client."""

    def __init__(self, path: str, key: str, params: Mapping[str, str], writes: Writes) -> None:
        """Nothing is read before it is worth it.

        Parameters:
            path: of the entity set, such as /Users
            key: the property that names a row
            params: the query, such as what is to be expanded
            writes: to the PBX: what was read before them may be wrong, in other sets too
        """
        self._path, self._key, self._params = path, key, params
        self._writes = writes
        self._lock = Lock()
        """Held for moments, never while anything is sent."""
        self._reading = False
        self._lasting, self._removal = writes.lasting, writes.removal
        self._asked = 0
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
        with self._lock:
            self._drop_what_is_wrong(removing)
            if self._rows is not None:
                return self._serve(key, values)
            self._asked += 1
            if self._reading or self._asked <= self._worth:
                return None
            self._reading = True
            before = self._lasting, self._removal
        try:
            begun = monotonic()
            rows = self._read(client)
        finally:
            self._reading = False
        if rows is None:
            return None
        with self._lock:
            if self._rows is None and before[0] is self._writes.lasting:
                self._rows, self._read_at, self._removal = rows, begun, before[1]
            self._drop_what_is_wrong(removing)  # it may be old by the time it is read
            return None if self._rows is None else self._serve(key, values)

    def _serve(self, key: Key, values: tuple[Any, ...]) -> list[Row] | None:
        names = [(key.name, canonical(key.kind, value)) for value in values]
        index = self._index(key)
        found = [row for dummy, value in names for row in index.get(value, ())]
        taken = {*names, *((self._key, row[self._key]) for row in found)}
        if taken & self._taken:
            return None
        self._taken |= taken
        self._served += 1
        return found

    def _drop_what_is_wrong(self, removing: bool) -> None:
        """After a removal, what was read still tells what is to be removed, and nothing else; any other write ends that."""
        if self._lasting is not self._writes.lasting:
            self._lasting, self._asked = self._writes.lasting, 0
            self._forget()
        if self._removal is not self._writes.removal:
            self._removal, self._for_removals = self._writes.removal, self._rows is not None
        if self._for_removals and not removing:
            self._forget()
        if self._rows is not None and self._old:
            # It is worth reading again at once where it has spared more than that costs.
            self._asked = self._served
            self._forget()

    def _forget(self) -> None:
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

    def _read(self, client: XapiClient) -> list[Row] | None:
        left = deadline.remaining()
        # What takes longer would be old, and a task that is to be over soon needs time for what it can do without this.
        with deadline.time_limit(FRESH if left is None else min(FRESH, left / 2)):
            return self._read_in_time(client)

    def _read_in_time(self, client: XapiClient) -> list[Row] | None:
        asked, self._asked = self._asked, 0
        try:
            counted = client.request("GET", self._path, params={"$top": "1", "$count": "true"}).json()
            total = counted["@odata.count"]
            self._worth = _COST * (1 + total / paging.PAGE_SIZE)
            if asked < self._worth:
                self._asked = asked
                return None
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
            return rows if len({row[self._key] for row in rows}) == total == len(rows) else None
        except (errors.XapiError, KeyError, TypeError):
            # A PBX that cannot be read so is asked for one entity after the other; what is wrong with it shows there.
            self._worth = float("inf")
            return None
