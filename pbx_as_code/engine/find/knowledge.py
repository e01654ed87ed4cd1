"""Cached facts of a PBX: one object per client, shared by the tasks of a process in all their threads.

It is an attribute of the client and goes with it. Visible rows depend on the signed-in account, so a cache belongs to
one client; writes invalidate the caches of all clients of the PBX. Everything is kept for seconds.

A list is read ahead in a loop: after some look-ups in a set, all of it is read, and the next ones are served from that.
Nobody knows how many items are left, so a set is read once the look-ups made have cost as much as reading it does: at
worst that doubles the cost, and a loop over a thousand entities asks some dozens of times instead of a thousand.

Cached rows are a few seconds old, so they settle two cases only: nothing to do, and a delete of an object by an
immutable key that is protected by its ETag. Every other write and every error reads again (see perform.py). Nothing is
served twice: a task that asks for the same entity again (until, retries) wants to know what has become of it.

Threads share a list. One of them reads it, without a lock; the others ask the PBX themselves until it is there. Rows
read during a write are dropped.

A directory is what the entities are called that others refer to. A task works with what it has read itself or found
kept when it first asked. It never changes that; what it reads in addition is kept in the place of it, unless something
was written in the meantime.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from threecx_xapi import deadline, errors, odata, paging
from threecx_xapi.record import Record

from pbx_as_code.description import Key, Reference
from pbx_as_code.engine.compare.favourites import hides
from pbx_as_code.engine.compare.values import canonical, composed, folded, texts_of
from pbx_as_code.engine.limits import LARGEST_LIST

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient

Row = dict[str, Any]

_AT_A_TIME = 4
"""Pages that are asked for at the same time."""
_COST = 6
"""As many look-ups cost what a page costs, with some margin: measured 3 to 5."""
FRESH = 10.0
"""Seconds after which what was read before a task began is not served any more."""


class LookAgain(Exception):
    """Cached rows call for a write, or the PBX refused a write based on them: run the task again without the cache."""


class Writes:
    """When this process wrote to one PBX last, through whichever client: in check mode or not, as a person or a
    program.

    Each write leaves a mark that no other has. Rows are valid if the mark has not changed since before reading.
    """

    def __init__(self) -> None:
        self._sets: dict[str, object] = {}
        self._any: object = None
        self.removal: object = None
        """Mark of the last removal."""
        self.lasting: object = None
        """Mark of the last write other than a removal."""

    def note(self, entity_set: str, *, removal: bool = False) -> None:
        """An entity of this set was, or may have been, written."""
        written = object()
        self._sets[entity_set] = self._any = written
        if removal:
            self.removal = written
        else:
            self.lasting = written

    def mark(self, entity_set: str) -> object:
        """Mark of the last write to an entity set; every object with a number is also a peer."""
        return self._any if entity_set == "Peers" else self._sets.get(entity_set)


class List:
    """Cached rows of one entity set and its expansions, read by one process through one client."""

    def __init__(self, path: str, key: str, params: Mapping[str, str], writes: Writes) -> None:
        """Create an empty cache; the set is read once look-ups have cost as much as reading it would.

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
        self._asked = self._served = 0
        """Look-ups since it was last read; those that were served."""
        self._worth: float = _COST
        self._read_at = 0.0
        self._for_removals = False
        self._rows: list[Row] | None = None
        self._by: dict[str, dict[Any, list[Row]]] = {}
        self._taken: set[tuple[str, Any]] = set()

    def candidates(self, client: XapiClient, key: Key, values: tuple[Any, ...], *, removing: bool) -> list[Row] | None:
        """The rows that have one of these values, or None where the PBX has to be asked.

        Parameters:
            client: of the PBX
            key: property to search by
            values: accepted values of the key
            removing: whether the task removes the rows
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

    def resembling(self, name: str, text: str) -> list[Row] | None:
        """The rows whose property, folded, is this text; None if nothing valid is cached."""
        with self._lock:
            written = (self._lasting, self._removal) != (self._writes.lasting, self._writes.removal)
            if self._rows is None or self._old or written:
                return None
            index = self._by.setdefault(f"folded {name}", {})
            for row in () if index else self._rows:
                index.setdefault(folded(str(row.get(name) or "")), []).append(row)
            return index.get(text, [])

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
        """After a removal, what was read still tells what is to be removed, and nothing else; any other write ends
        that.
        """
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
        """Stop serving cached rows."""
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
        # A longer read would be out of date, and a task near its deadline needs the time for its own requests.
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
            # A wrong number of rows means that others are changing the list, or that pages are truncated.
            return rows if len({row[self._key] for row in rows}) == total == len(rows) else None
        except (errors.XapiError, KeyError, TypeError):
            # A PBX that cannot be read so is asked for one entity after the other; what is wrong with it shows there.
            self._worth = float("inf")
            return None


#: Comparisons of a $filter. An OData service refuses one of more than a hundred nodes unless it was told otherwise:
#: each comparison is up to five of them, and the "or" before it one.
_COMPARISONS = 16


class Names(Record):
    """Rows read for one reference; immutable."""

    by: Mapping[str, Mapping[str, tuple[Row, ...]]]
    """By each property that names them: the entities that have a name."""
    since: float
    """When the first of it was asked for."""
    mark: object
    """Of the last write before that, see Writes."""
    complete: bool = False
    """Whether it is all there are."""


class Directory:
    """The entities of one reference on one PBX, as one task knows them.

    Ids are turned into names for everything that is shown, so those are listed as a whole: departments and trunks are
    few. A reference stored by its visible name, such as an extension's number, is looked up one by one.
    """

    def __init__(
        self, client: XapiClient, reference: Reference, kept: MutableMapping[Reference, Names], writes: Writes
    ) -> None:
        """Begins with what earlier tasks have read, where it is not old and nothing of the kind was written since.

        Parameters:
            client: of the PBX
            reference: to what
            kept: what tasks on this client have read; what this one reads is put there
            writes: to the PBX
        """
        self._client = client
        self._reference = reference
        self._kept, self._writes = kept, writes
        self._listed = reference.stores != reference.names[0]
        self._properties = tuple(dict.fromkeys((*reference.names, reference.stores)))
        found = kept.get(reference)
        if found is not None and (found.mark != self._mark() or monotonic() - found.since > FRESH):
            found = None
        self._earlier = found is not None
        """Whether what is known is of an earlier task, and may be old."""
        self._known = found

    def named(self, text: str) -> tuple[Row, ...]:
        """Those that go by a name: by their first way of being named that fits any, and by what is stored last."""
        text = composed(text) if isinstance(text, str) else text
        return next((known[text] for known in self._by.values() if text in known), ())

    def name(self, stands: Any) -> str | None:
        """Return the visible name of a stored reference: the first of its names that no other entity has.

        None where there is no such entity.
        """
        by = self._by
        rows = by.get(self._reference.stores, {}).get(str(stands))
        if not rows:
            return None
        texts = ((name, _text(value(rows[0], name))) for name in self._reference.names)
        return next((text for name, text in texts if len(by[name].get(text, ())) == 1), str(stands))

    def some(self) -> tuple[dict[str, str], bool]:
        """For a message: existing entities by each of their names, as they are shown, and whether there are others.

        Entities that are looked up one by one, such as all that have a number, may be many: the first ones are read.
        """
        rows = [row for known in self._by.values() for rows in known.values() for row in rows]
        more = False
        if not self._listed:
            asked = {"$select": ",".join(self._properties), "$orderby": self._reference.names[0], "$count": "true"}
            try:
                answer = self._client.request(
                    "GET", f"/{self._reference.entity_set}", params={**asked, "$top": str(paging.PAGE_SIZE)}
                ).json()
                read = [row for row in answer["value"] if isinstance(row, dict)]
                rows, more = rows + read, answer.get("@odata.count", 0) > len(read)
            except (errors.XapiError, KeyError, TypeError):
                more = True
        found: dict[str, str] = {}
        for row in rows:
            names = [text for name in self._reference.names if (text := _text(value(row, name)))]
            if names and not any(hides(name) for name in names):
                shown = f"{names[0]} ({names[1]})" if names[0].isdigit() and names[1:] else names[0]
                found |= {name: shown for name in names if name not in found}
        return found, more

    def look_up(self, texts: Iterable[str], *, stored: bool = False) -> None:
        """Read what is needed to know these names.

        Parameters:
            texts: the names
            stored: they are what the PBX stores, which is asked for in half as many requests

        Raises:
            XapiError: it cannot be read
        """
        missing = [text for text in dict.fromkeys(texts) if not self.named(text)]
        if self._listed:
            # A missing object may exist by now: an earlier item of the loop, or somebody else, has created it.
            if missing and not (self.fresh and self._known is not None and self._known.mark == self._mark()):
                self.read()
            return
        names = (self._reference.stores,) if stored else self._reference.names
        at_a_time = _COMPARISONS // len(names)
        for start in range(0, len(missing), at_a_time):
            some = missing[start : start + at_a_time]
            asked = odata.or_(*(odata.eq(n, one) for text in some for one in texts_of(text) for n in names))
            begun, mark = monotonic(), self._mark()
            rows = self._get({"$filter": asked})
            known = self._known
            self._keep(
                Names(self._with(rows, self._by), begun, mark)
                if known is None
                else known.altered(by=self._with(rows, known.by))
            )

    def read(self) -> None:
        """Read all of them.

        Raises:
            XapiError: they cannot be read
        """
        begun, mark = monotonic(), self._mark()
        self._keep(Names(self._with(self._get({}), {}), begun, mark, complete=True))
        self._earlier = False

    @property
    def fresh(self) -> bool:
        """Whether all of them have been read in this task."""
        return self._known is not None and self._known.complete and not self._earlier

    @property
    def _by(self) -> Mapping[str, Mapping[str, tuple[Row, ...]]]:
        return {} if self._known is None else self._known.by

    def _mark(self) -> object:
        return self._writes.mark(self._reference.entity_set)

    def _keep(self, known: Names) -> None:
        """Know it from here on; the next tasks too, unless it may be wrong already."""
        self._known = known
        if known.mark == self._mark():
            self._kept[self._reference] = known

    def _get(self, params: Mapping[str, str]) -> list[Row]:
        reference = self._reference
        needed = dict.fromkeys((reference.stores, *(n.partition("/")[0] for n in reference.names), *reference.sends))
        asked = {"$select": ",".join(needed), "$orderby": reference.stores, "$count": "true", **params}
        return list(paging.iterate(self._client, f"/{reference.entity_set}", params=asked, max_bytes=LARGEST_LIST))

    def _with(
        self, rows: list[Row], by: Mapping[str, Mapping[str, tuple[Row, ...]]]
    ) -> dict[str, dict[str, tuple[Row, ...]]]:
        """Return the known rows, extended by these."""
        more = {name: dict(by.get(name, {})) for name in self._properties}
        for row in rows:
            for name, known in more.items():
                text = _text(value(row, name))
                if text and row not in known.get(text, ()):
                    known[text] = (*known.get(text, ()), row)
        return more


def value(row: Mapping[str, Any], name: str) -> Any:
    """A property of a row, or of a structure in it, such as Gateway/Name."""
    found: Any = row
    for step in name.split("/"):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _text(stands: Any) -> str:
    return "" if stands is None else composed(str(stands))


_ATTRIBUTE = "_pbx_as_code_knowledge"
#: By the URL of the PBX. Nothing of it is ever removed or replaced, and it holds nothing that was read.
_writes: dict[str, Writes] = {}


class Knowledge:
    """Rows read through one client, kept for seconds; see known_through."""

    def __init__(self, client: XapiClient) -> None:
        self._client = client
        self._names: dict[Reference, Names] = {}
        self._lists: dict[tuple[str, str], List] = {}
        self.writes = _writes.setdefault(client.base_url, Writes())
        """Writes of this process to the PBX."""

    def directory(self, reference: Reference) -> Directory:
        """Names of the entities of a reference; for one task."""
        return Directory(self._client, reference, self._names, self.writes)

    def list(self, path: str, key: str, expand: tuple[str, ...]) -> List:
        """Cached rows of an entity set and its expansions, shared by all tasks."""
        more = ",".join(expand)
        found = self._lists.get((path, more))
        if found is None:
            params = {"$expand": more} if more else {}
            found = self._lists.setdefault((path, more), List(path, key, params, self.writes))
        return found


def known_through(client: XapiClient) -> Knowledge:
    """Return the cache of a client."""
    attributes = vars(client)
    found: Knowledge | None = attributes.get(_ATTRIBUTE)
    return attributes.setdefault(_ATTRIBUTE, Knowledge(client)) if found is None else found


def forget(client: XapiClient) -> None:
    """The next task on a client reads everything again, as after a write that did not go through the engine."""
    vars(client).pop(_ATTRIBUTE, None)
