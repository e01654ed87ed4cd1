"""Read a list several pages at a time: the requests, and the detection of changes while reading.

Pages are cut out of the list by ``$skip``, so whatever is added or removed while they are read moves the rest, and a
row could be missed or come twice. Three things prevent that. The list is ordered by the rows' key. Each page begins
with the last row of the page before it: where that is another row, the list has moved, and is read again from further
back. And no key is given out twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .pages import Page, Pages

if TYPE_CHECKING:
    from threecx_xapi.reply import Reply

_MOST_AT_ONCE = 4  # times the concurrency: pages of one round, which are in memory together
_MOST_IN_VAIN = 12  # looks further back that bring nothing new, before giving up


class _Ask(NamedTuple):
    """A page to ask for: where in the list it begins, and how many rows it has when it is full."""

    begin: int
    rows: int


class Part(NamedTuple):
    """A page until its turn comes.

    Attributes:
        page: as it came; without its rows, where they are here
        keys: of the rows, None where one has none
        rows: what was made of them
    """

    page: Page
    keys: list[object]
    rows: list[Any]


class Ahead:
    """Position in a list, like ``Pages``, for several pages at a time.

    Parameters:
        base, path, params, page_size, max_bytes: as for ``Pages``
        key: the property that tells the rows apart
        concurrency: pages to ask for at the same time
        read: what makes a row of its JSON; None for the JSON itself
    """

    def __init__(
        self,
        base: str,
        path: str,
        params: Mapping[str, str] | None,
        page_size: int,
        key: str,
        concurrency: int,
        read: Callable[[Any], Any] | None = None,
        max_bytes: int | None = None,
    ) -> None:
        self._read = read
        asked = dict(params or {})
        self._added = False
        if (select := asked.get("$select")) and key not in _names(select):
            asked["$select"], self._added = f"{select},{key}", True
        order = asked.get("$orderby")
        if not order:
            asked["$orderby"] = key
        elif key not in _names(order):
            asked["$orderby"] = f"{order},{key}"
        asked.setdefault("$count", "true")
        self._pages = Pages(base, path, asked, page_size, max_bytes)
        self._key = key
        self._size = page_size
        self.concurrency = concurrency
        self._round = concurrency  # pages of the next round
        self._end: int | None = None  # of the list, as a count said: a hint, and nothing but a hint
        self._asked: list[_Ask] = []
        self._alone = True  # one page after the other
        self._back = False  # looking for where we were
        self._vain = 0
        self._taken = 0  # rows of the list that lie behind us
        self._last: object = None  # key of the last of them
        self._seen: set[object] = set()
        self._given = 0
        self._doubted = 0  # where a count was asked for what there should be more

    @property
    def targets(self) -> list[str]:
        """Return the next requests, to be sent concurrently; an empty list at the end."""
        if self._alone:
            target = self._pages.target
            return [] if target is None else [target]
        return [self._pages.at(ask.begin, ask.rows) for ask in self._asked]

    def part(self, page: Page) -> Part:
        """The rows and position kept from one page. The caller builds the rows by calling this, while further pages are
        being fetched.
        """
        return Part(page, [], []) if self._alone else self._part(page, page.rows)

    def take(self, parts: Sequence[Part]) -> list[Any]:
        """The new rows of what was asked for, in the order of the list; decides what to ask for next.

        Raises:
            UnexpectedAnswer: the list cannot be read this way, or never ends
        """
        if self._alone:
            rows = self._one(parts[0].page)
        else:
            for part in parts:
                self._pages.count_page(part.page)
            rows = self._found(parts[0]) if self._back else self._several(parts)
        if (limit := self._pages.limit) is not None and self._given + len(rows) >= limit:
            rows = rows[: limit - self._given]
            self._asked, self._pages.target = [], None
        self._given += len(rows)
        return rows

    def _one(self, page: Page) -> list[Any]:
        first = not self._seen
        part = self._part(page, self._pages.take(page))
        new = self._new(part)
        if (
            first
            and page.link is None
            and self._pages.target is not None
            and len(page.rows) == len(new) == self._size > 1
            and None not in part.keys
        ):
            self._alone = False
            self._end = page.total
            self._taken, self._last = len(part.keys), part.keys[-1]
            self._plan()
        return new

    def _several(self, parts: Sequence[Part]) -> list[Any]:
        new: list[Any] = []
        for place, (ask, part) in enumerate(zip(self._asked, parts, strict=True)):
            page, keys = part.page, part.keys
            if not keys or keys[0] != self._last or len(keys) > ask.rows:
                self._vain = 0 if new else self._vain
                self._look_back(page.reply, ask.begin)
                return new
            if keys[0] is None:  # the last row of the page before it: nothing else would tell
                part = part._replace(keys=keys[1:], rows=part.rows[1:])
            new += self._new(part)
            self._taken, self._last = ask.begin + len(keys), keys[-1]
            if len(keys) < ask.rows:
                if page.link is not None:
                    self._follow(page)
                elif any(later.keys for later in parts[place + 1 :]):
                    self._look_back(page.reply, self._taken)
                else:
                    self._ended()
                return new
        self._vain = 0
        self._round = min(2 * self._round, _MOST_AT_ONCE * self.concurrency)
        self._plan()
        return new

    def _found(self, part: Part) -> list[Any]:
        """After a look back: whatever is new in that page, when at least one row of it is known."""
        begin, page = self._asked[0].begin, part.page
        known = any(key in self._seen for key in part.keys)
        if not known and begin > 0:
            self._look_back(page.reply, begin)
            return []
        new = self._new(part)
        self._back = False
        if new:
            self._vain = 0
        if page.link is not None:
            self._follow(page)
        elif not part.keys:
            self._asked = []
        else:
            full = len(part.keys) >= self._asked[0].rows
            self._taken, self._last = begin + len(part.keys), part.keys[-1]
            if full:
                self._round = 1  # carefully, then more and more
                self._plan()
            else:
                self._ended()
        return new

    def _ended(self) -> None:
        """A page was not full: that is the end, unless there should be more by the count and nobody
        has asked for it.
        """
        self._asked = []
        if self._end is not None and self._end > self._pages.skip + self._taken and self._doubted != self._taken:
            self._doubted = self._taken
            self._round = 1
            self._plan()

    def _plan(self) -> None:
        """The pages of the next round, each beginning with the last row of the one before."""
        step = self._size - 1
        limit = self._pages.limit
        most = self._round
        if self._end is not None:
            left = self._end - self._pages.skip - self._taken
            most = min(most, left // step + 1) if left > 0 else 1
        self._asked = []
        begin = self._taken - 1
        for _ in range(most):
            rows = self._size if limit is None else min(self._size, limit - begin)
            if rows < 2:  # the limit has been reached
                break
            self._asked.append(_Ask(begin, rows))
            begin += step

    def _look_back(self, reply: Reply, begin: int) -> None:
        """The list has moved: ask for the page before."""
        self._vain += 1
        if self._vain > _MOST_IN_VAIN:
            raise reply.unexpected(
                "the list cannot be read page by page: it changes during every read, or the PBX ignores $skip and "
                "$orderby"
            )
        self._back = True
        # Each time twice as far: half of the list may have been removed.
        self._asked = [_Ask(max(0, begin - self._size * 2 ** (self._vain - 1)), self._size)]

    def _follow(self, page: Page) -> None:
        """From here on the PBX says where the next page is."""
        self._pages.follow(page)
        self._alone, self._back = True, False

    def _part(self, page: Page, rows: list[dict[str, Any]]) -> Part:
        keys = [self._of(row) for row in rows]
        if self._added:
            rows = [{name: value for name, value in row.items() if name != self._key} for row in rows]
        return Part(page._replace(rows=[]), keys, rows if self._read is None else [self._read(row) for row in rows])

    def _new(self, part: Part) -> list[Any]:
        """The rows of a part that have not been given out."""
        new = []
        for key, row in zip(part.keys, part.rows, strict=True):
            if key is None or key not in self._seen:
                self._seen.add(key)
                new.append(row)
        return new

    def _of(self, row: dict[str, Any]) -> object:
        key = row.get(self._key)
        return key if isinstance(key, str | int) else None


def _names(listed: str) -> set[str]:
    """The properties of a $select or an $orderby."""
    return {part.strip().partition(" ")[0] for part in listed.split(",")}
