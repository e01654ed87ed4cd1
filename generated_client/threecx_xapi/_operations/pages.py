"""Position in a list that is read page by page: the next request, and the meaning of an answer. Without input and
output.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from threecx_xapi._request.session import API, target_of
from threecx_xapi.errors import ConfigurationError

if TYPE_CHECKING:
    from threecx_xapi.reply import Reply

PAGE_SIZE = 100
"""Rows asked for at once; a PBX gives no more."""
_LONGEST_LINK = 8192  # characters
_MOST_PAGES = 100_000  # of one list; a list with more pages is taken for endless


class Page(NamedTuple):
    """A page as it came.

    Attributes:
        rows: the rows
        link: the nextLink, None where there is none
        total: rows of the list by its own account, None where it says nothing; never a reason to stop
        reply: the answer, without its content
        size: bytes of that
    """

    rows: list[Any]
    link: str | None
    total: int | None
    reply: Reply
    size: int


def page_of(reply: Reply, *, objects: bool = True) -> Page:
    """The page in an answer.

    Parameters:
        reply: the answer
        objects: whether all rows must be objects

    Raises:
        UnexpectedAnswer: the answer is no list, or one of something else
    """
    body = reply.json()
    rows = body.get("value") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise reply.unexpected("the answer is not a list (it has no array called value)")
    if objects and not all(isinstance(row, dict) for row in rows):
        raise reply.unexpected("the answer is a list, but its items are not objects")
    link, count = body.get("@odata.nextLink"), body.get("@odata.count")
    return Page(
        rows,
        link if isinstance(link, str) and link else None,
        count if type(count) is int and count >= 0 else None,
        reply.without_content(),
        len(reply.content),
    )


class Pages:
    """Position in the list. ``target`` is what to ask for next, None at the end."""

    def __init__(
        self,
        base: str,
        path: str,
        params: Mapping[str, str] | None,
        page_size: int,
        max_bytes: int | None = None,
    ) -> None:
        """Nothing is asked for yet.

        Parameters:
            base: the PBX's base URL
            path: of the list, encoded
            params: query, not encoded; a ``$top`` limits how many rows come in all, a ``$skip`` is where they begin; a
                ``$count`` goes along with the first request
            page_size: rows to ask for at once
            max_bytes: bytes that all pages together may have; None for any number

        Raises:
            ConfigurationError: a number of rows is none
        """
        if page_size < 1:
            raise ConfigurationError(f"A page has at least one row, not {page_size}.")
        rest = dict(params or {})
        self._base = base
        self._path = path
        self.limit = _count(rest.pop("$top", None), "$top")
        self.skip = _count(rest.pop("$skip", None), "$skip") or 0
        count = rest.pop("$count", None)
        self._size = page_size
        self._rest = rest
        self._total = 0  # rows of the list, as a count said: never a reason to stop
        self._doubtful = False  # the last page was asked for because of the count alone
        self._taken = 0
        self._pages = 0
        self._max_bytes = max_bytes
        self._bytes = 0
        self._last: list[Any] = []
        self.followed: set[str] = set()
        self._whole = False  # the last page may have been all there is, by a list that knows no pages
        self.target: str | None = None if self.limit == 0 else self.at(0, self._asked(), count)

    def take(self, page: Page) -> list[Any]:
        """The rows of a page that are wanted; decides where to go from here.

        Raises:
            UnexpectedAnswer: the pages lead in a circle, elsewhere, or never end
        """
        rows, reply = page.rows, page.reply
        self.count_page(page)
        if rows and rows == self._last:
            if self._whole or self._doubtful:
                self.target = None
                return []
            raise reply.unexpected("the same page came twice: this list cannot be read page by page")
        asked = self._asked()
        wanted = rows if self.limit is None else rows[: self.limit - self._taken]
        self._taken += len(wanted)
        self._total = max(self._total, page.total or 0)
        self._whole = len(rows) > asked or (len(rows) < asked and self._total <= self.skip + self._taken)
        if self.limit is not None and self._taken >= self.limit:
            self.target = None
        elif page.link is not None:
            self.follow(page)
        else:
            ended = self._ended(len(rows), asked)
            self._doubtful = ended and self._more(len(rows))
            self.target = None if ended and not self._doubtful else self.at(self._taken, self._asked())
        self._last = rows
        return wanted

    def count_page(self, page: Page) -> None:
        """One page more.

        Raises:
            UnexpectedAnswer: there are more than any list has, or than there may be
        """
        self._pages += 1
        self._bytes += page.size
        if self._pages > _MOST_PAGES:
            raise page.reply.unexpected(f"the list has not ended after {_MOST_PAGES} pages")
        if self._max_bytes is not None and self._bytes > self._max_bytes:
            raise page.reply.unexpected(
                f"the list is larger than {self._max_bytes / (1 << 20):g} MiB, the limit for one list; ask for less"
            )

    def at(self, begin: int, rows: int, count: str | None = None) -> str:
        """Return the request for the rows from a position of the list on."""
        params = {**self._rest, "$top": str(rows)}
        if skip := self.skip + begin:
            params["$skip"] = str(skip)
        if count is not None:
            params["$count"] = count
        return target_of(self._path, params)

    def follow(self, page: Page) -> None:
        """Go where the page's nextLink says, which must be this very API: the token goes along.

        Raises:
            UnexpectedAnswer: it leads elsewhere, or where we have been
        """
        self.target = self._follow(page.link or "", page.reply)

    def _ended(self, came: int, asked: int) -> bool:
        """Whether a page without a nextLink was the last one, by its rows: a count may contradict them."""
        if came == 0 or self.followed:
            return True
        # A PBX that ignores $top returns more rows than requested: all of them, or pages of a fixed size. No PBX
        # has larger ones than 100; up to that, the next answer tells (it is the same again, or the next page).
        if came > asked:
            return came > PAGE_SIZE
        # A short page is the end, unless the PBX gives fewer rows than asked for at once. Such limits are round
        # numbers, decimal or binary, so after a page of such a length (or as long as the one before) one more question
        # is cheap insurance.
        return came < asked and came % 5 != 0 and came % 8 != 0 and came != len(self._last)

    def _more(self, came: int) -> bool:
        """Whether there should be more by the count, where the PBX gives fewer rows at once than anybody knows of."""
        return came > 0 and not self.followed and self._total > self.skip + self._taken

    def _asked(self) -> int:
        return self._size if self.limit is None else min(self._size, self.limit - self._taken)

    def _follow(self, link: str, reply: Reply) -> str:
        problem = "its nextLink is not a URL"
        try:
            whole = urljoin(reply.url, link)
            if len(whole) > _LONGEST_LINK:  # a relative one may grow from page to page
                raise ValueError
            absolute = urlsplit(whole)
            same = _origin(absolute) == _origin(urlsplit(self._base))
            path = absolute.path.removeprefix(API)
            below = absolute.path.startswith(API + "/") and ".." not in unquote(path).split("/")
            if same and below and "@" not in absolute.netloc:
                target = f"{path}?{absolute.query}" if absolute.query else path
                if target not in self.followed:
                    self.followed.add(target)
                    return target
                problem = "its nextLink leads in a circle"
            else:
                problem = (
                    f"its nextLink leads to another host, {absolute.scheme}://{absolute.hostname}, and is not followed"
                )
        except ValueError:
            pass
        raise reply.unexpected(problem)


def _origin(address: SplitResult) -> tuple[str, str | None, int | None]:
    port = address.port or {"https": 443, "http": 80}.get(address.scheme)
    return address.scheme, address.hostname, port


def _count(value: str | None, name: str) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()):
        raise ConfigurationError(f"{name} is a number of rows, not {value!r}.")
    return int(value)
