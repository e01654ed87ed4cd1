"""What the entities are called that others refer to: looked up once, and kept for the next items of a loop, for seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from threecx_xapi import odata, paging

from pbx_as_code.description import Reference
from pbx_as_code.engine.compare.favourites import hides
from pbx_as_code.engine.compare.spelling import text as composed
from pbx_as_code.engine.compare.spelling import texts as texts_of
from pbx_as_code.engine.find.look_ahead import FRESH
from pbx_as_code.engine.limits import LARGEST_LIST

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient

Row = dict[str, Any]
#: Comparisons of a $filter. An OData service refuses one of more than a hundred nodes unless it was told otherwise: each
#: comparison is up to five of them, and the "or" before it one.
_COMPARISONS = 16


class Directory:
    """The entities of one reference on one PBX.

    Ids are turned into names for everything that is shown, so those are listed as a whole: departments and trunks are
    few. What is stored by the name that people use, such as the number of an extension, is asked for one by one.
    """

    def __init__(self, client: XapiClient, reference: Reference) -> None:
        self._client = client
        self._reference = reference
        self._listed = reference.stores != reference.names[0]
        self._by: dict[str, dict[str, list[Row]]] = {name: {} for name in (*reference.names, reference.stores)}
        self._read = False
        self._since: float | None = None
        self.kept = False
        """Whether what was read is of an earlier task, and may be old."""

    def named(self, text: str) -> list[Row]:
        """Those that go by a name: by their first way of being named that fits any, and by what is stored last."""
        text = composed(text) if isinstance(text, str) else text
        return next((known[text] for known in self._by.values() if text in known), [])

    def name(self, stands: Any) -> str | None:
        """What people call the one that something stored stands for: the first of its names that no other has.

        None where there is no such entity.
        """
        rows = self._by[self._reference.stores].get(str(stands))
        if not rows:
            return None
        texts = ((name, _text(value(rows[0], name))) for name in self._reference.names)
        return next((text for name, text in texts if len(self._by[name].get(text, ())) == 1), str(stands))

    def everyone(self) -> list[str]:
        """What those are called that have been read so far."""
        return [text for name in self._reference.names for text in self._by[name] if not hides(text)]

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
            # What is not there may have come since: an earlier item of the loop, or somebody else, has made it.
            if missing and (self.kept or not self._read):
                self.read()
            return
        names = (self._reference.stores,) if stored else self._names
        at_a_time = _COMPARISONS // len(names)
        for start in range(0, len(missing), at_a_time):
            some = missing[start : start + at_a_time]
            self._note(
                self._get(
                    {
                        "$filter": odata.or_(
                            *(odata.eq(n, one) for text in some for one in texts_of(text) for n in names)
                        )
                    }
                )
            )

    def read(self) -> None:
        """Read all of them.

        Raises:
            XapiError: they cannot be read
        """
        self._since = None
        rows = self._get({})
        for known in self._by.values():
            known.clear()
        self._note(rows)
        self._read, self.kept = True, False

    @property
    def fresh(self) -> bool:
        """Whether all of them have been read in this task."""
        return self._read and not self.kept

    @property
    def old(self) -> bool:
        """Whether any of what was read is too old for another task."""
        return self._since is not None and monotonic() - self._since > FRESH

    @property
    def _names(self) -> tuple[str, ...]:
        return self._reference.names

    def _get(self, params: Mapping[str, str]) -> list[Row]:
        if self._since is None:
            self._since = monotonic()
        reference = self._reference
        needed = dict.fromkeys((reference.stores, *(n.partition("/")[0] for n in self._names), *reference.sends))
        asked = {"$select": ",".join(needed), "$orderby": reference.stores, "$count": "true", **params}
        return list(paging.iterate(self._client, f"/{reference.entity_set}", params=asked, max_bytes=LARGEST_LIST))

    def _note(self, rows: list[Row]) -> None:
        for row in rows:
            for name, known in self._by.items():
                text = _text(value(row, name))
                if text and row not in known.setdefault(text, []):
                    known[text].append(row)


_directories: WeakKeyDictionary[XapiClient, dict[Reference, Directory]] = WeakKeyDictionary()


def directory(client: XapiClient, reference: Reference) -> Directory:
    """The directory of a reference, as this process has it."""
    known = _directories.setdefault(client, {})
    if reference not in known:
        known[reference] = Directory(client, reference)
    return known[reference]


def keep(client: XapiClient) -> None:
    """A new task begins: what earlier ones have read may be old, and is dropped where it surely is."""
    known = _directories.get(client, {})
    for reference, kept in list(known.items()):
        if kept.old:
            del known[reference]
        kept.kept = True


def forget(entity_set: str) -> None:
    """An entity of this set was, or may have been, written; everything with a number is among the peers."""
    for known in _directories.values():
        for reference in [reference for reference in known if reference.entity_set in (entity_set, "Peers")]:
            del known[reference]


def value(row: Mapping[str, Any], name: str) -> Any:
    """A property of a row, or of a structure in it, such as Gateway/Name."""
    found: Any = row
    for step in name.split("/"):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _text(stands: Any) -> str:
    return "" if stands is None else composed(str(stands))
