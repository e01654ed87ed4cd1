# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking ahead in a loop: after some look-ups in a set, all of it is read, and the next ones are served from that.

Nobody knows how many items are left, so a set is read once the look-ups made have cost as much as reading it does: at
worst that doubles the cost, and a loop over a thousand entities asks some dozens of times instead of a thousand.

What is served is a few seconds old, so it decides one thing only: that there is nothing to do, as it was when it was
read, during this very task. Whatever is to be written, and whatever is wrong, is looked up again (see _task.py). Nothing
is served twice: a task that asks for the same entity again (until, retries) wants to know what has become of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ._description import Key
from ._library import errors
from ._values import canonical

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient

Row = dict[str, Any]
Read = Callable[[dict[str, str]], Any]

#: Rows of a page; no PBX answers more.
_PAGE = 100
#: As many look-ups cost what a page costs, with some margin: measured 3 to 5.
_COST = 6
#: Seconds after which what was read ahead is not served any more.
_FRESH = 10.0


class LookAgain(Exception):
    """A write is to be made by what was read ahead."""


@dataclass
class List:
    """One entity set, with what comes expanded, as one process has read it."""

    path: str
    key: str
    """The property that names a row."""
    order: str
    """By what the PBX is to order the rows."""
    asked: int = 0
    """Look-ups since it was last read."""
    worth: float = _COST
    """How many look-ups cost as much as reading it."""
    served: int = 0
    read_at: float = 0.0
    rows: list[Row] | None = field(default=None, repr=False)
    _by: dict[str, dict[Any, list[Row]]] = field(default_factory=dict, repr=False)
    _taken: set[tuple[str, Any]] = field(default_factory=set, repr=False)

    def candidates(self, key: Key, values: tuple[Any, ...], read: Read) -> list[Row] | None:
        """The rows that have one of these values, or None where the PBX has to be asked.

        Parameters:
            key: by what they are looked for
            values: what it may be
            read: answers a page of the list, by its query
        """
        if self.rows is not None and monotonic() - self.read_at > _FRESH:
            # It is worth reading again at once where it has spared more than that costs.
            self.asked = self.served
            self.forget()
        if self.rows is None:
            self.asked += 1
            if self.asked <= self.worth:
                return None
            self._read(read)
        if self.rows is None:
            return None
        names = [(key.name, canonical(key.kind, value)) for value in values]
        index = self._index(key)
        found = [row for dummy, value in names for row in index.get(value, ())]
        taken = {*names, *((self.key, row[self.key]) for row in found)}
        if taken & self._taken:
            return None
        self._taken |= taken
        self.served += 1
        return found

    def forget(self) -> None:
        """What was read is served no more."""
        self.rows, self.served = None, 0
        self._by.clear()
        self._taken.clear()

    def _index(self, key: Key) -> dict[Any, list[Row]]:
        if key.name not in self._by:
            index = self._by[key.name] = {}
            for row in self.rows or ():
                index.setdefault(canonical(key.kind, row.get(key.name)), []).append(row)
        return self._by[key.name]

    def _read(self, read: Read) -> None:
        asked, self.asked = self.asked, 0
        begun = monotonic()
        try:
            rows = self._whole(read, asked)
        except (errors.XapiError, KeyError, TypeError):
            # A PBX that cannot be read so is asked for one entity after the other; what is wrong with it shows there.
            self.worth = float("inf")
            return
        if rows is not None:
            self.rows, self.read_at = rows, begun

    def _whole(self, read: Read, asked: int) -> list[Row] | None:
        """Every row, or None where that is not worth it yet or the list was changed while it was read."""
        first = self._page(read, 0)
        rows, total = first.rows, first.total
        self.worth = _COST * (1 + max(0, total - len(rows)) / (_PAGE - 1))
        if asked < self.worth:
            self.asked = asked
            return None
        while rows and len(rows) < total:
            # Each page begins with the last row of the one before. Where it does not, the list has moved, and a row may
            # have slipped through.
            page = self._page(read, len(rows) - 1)
            if len(page.rows) < 2 or page.rows[0][self.key] != rows[-1][self.key]:
                return None
            rows += page.rows[1:]
        return rows if len({row[self.key] for row in rows}) == total == len(rows) else None

    def _page(self, read: Read, skip: int) -> _Page:
        answer = read({"$orderby": self.order, "$top": str(_PAGE), "$skip": str(skip), "$count": "true"})
        return _Page(answer["value"], int(answer["@odata.count"]))


@dataclass(frozen=True)
class _Page:
    rows: list[Row]
    total: int


class Ahead:
    """The lists of one PBX that one process has read."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, tuple[str, ...]], List] = {}

    def list(self, path: str, key: str, order: str, expand: tuple[str, ...]) -> List:
        """The list of a path, with what comes expanded."""
        known = self._lists.get((path, expand))
        if known is None:
            known = self._lists[path, expand] = List(path, key, order)
        return known

    def written(self) -> None:
        """Something was written: what was read before may be wrong now, in other sets too."""
        for known in self._lists.values():
            known.asked = 0
            known.forget()


_ahead: WeakKeyDictionary[XapiClient, Ahead] = WeakKeyDictionary()


def ahead_for(client: XapiClient) -> Ahead:
    """What this process has read of the PBX of a client."""
    known = _ahead.get(client)
    if known is None:
        known = _ahead[client] = Ahead()
    return known
