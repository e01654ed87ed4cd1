"""Names of entities that others refer to: looked up once, and kept for a few seconds for the next items of a loop.

A task works with what it has read itself or found kept when it first asked. It never changes that, so tasks in other
threads may share it; what a task reads in addition is kept in the place of it, unless something was written in the
meantime.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from threecx_xapi import odata, paging

from pbx_as_code.description import Reference
from pbx_as_code.engine.compare.favourites import hides
from pbx_as_code.engine.compare.spelling import text as composed
from pbx_as_code.engine.compare.spelling import texts as texts_of
from pbx_as_code.engine.find.look_ahead import FRESH, Writes
from pbx_as_code.engine.limits import LARGEST_LIST

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient

Row = dict[str, Any]
#: Comparisons of a $filter. An OData service refuses one of more than a hundred nodes unless it was told otherwise:
#: each comparison is up to five of them, and the "or" before it one.
_COMPARISONS = 16


@dataclass(frozen=True)
class Names:
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

    def everyone(self) -> list[str]:
        """Return the names of the rows read so far."""
        return [text for name in self._reference.names for text in self._by.get(name, ()) if not hides(text)]

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
                else replace(known, by=self._with(rows, known.by))
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
