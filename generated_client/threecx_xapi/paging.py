"""Every row of a list, however the PBX cuts it into pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from ._session import API, target_of
from .errors import ConfigurationError

if TYPE_CHECKING:
    from .client import AsyncXapiClient, XapiClient
    from .reply import Reply

PAGE_SIZE = 100
"""Rows asked for at once; a PBX gives no more."""


def iterate(
    client: XapiClient, path: str, *, params: Mapping[str, str] | None = None, page_size: int = PAGE_SIZE
) -> Iterator[dict[str, Any]]:
    """Every row of a list, asking for one page after the other as they are used.

    Pages are counted from the beginning of the list as it is then: whoever adds or removes rows of it on the way makes
    a list of it first, ``list(iterate(...))``, or else misses some.

    Parameters:
        client: the client
        path: of the list, encoded, such as ``/Users``
        params: query, not encoded; a ``$top`` limits how many rows come in all, a ``$skip`` is where they begin
        page_size: rows to ask for at once

    Raises:
        XapiError: what a request raises; UnexpectedAnswer where the answer is no list, or the pages never end
    """
    pages = _Pages(client.base_url, path, params, page_size)
    while (target := pages.target) is not None:
        yield from pages.take(client._drive(client._fetch("GET", target)))


async def iterate_async(
    client: AsyncXapiClient, path: str, *, params: Mapping[str, str] | None = None, page_size: int = PAGE_SIZE
) -> AsyncIterator[dict[str, Any]]:
    """Every row of a list; see :func:`iterate`."""
    pages = _Pages(client.base_url, path, params, page_size)
    while (target := pages.target) is not None:
        for row in pages.take(await client._drive(client._fetch("GET", target))):
            yield row


class _Pages:
    """Where in a list we are. ``target`` is what to ask for next, None at the end."""

    def __init__(self, base: str, path: str, params: Mapping[str, str] | None, page_size: int) -> None:
        if page_size < 1:
            raise ConfigurationError(f"A page has at least one row, not {page_size}.")
        rest = dict(params or {})
        self._base = base
        self._path = path
        self._limit = _count(rest.pop("$top", None), "$top")
        self._skip = _count(rest.pop("$skip", None), "$skip") or 0
        self._size = page_size
        self._rest = rest
        self._taken = 0
        self._last: list[dict[str, Any]] = []
        self._followed: set[str] = set()
        self._whole = False  # the last page may have been all there is, by a list that knows no pages
        self.target: str | None = None if self._limit == 0 else self._ask()

    def take(self, reply: Reply) -> list[dict[str, Any]]:
        """The rows of a page; decides where to go from here."""
        body = reply.json()
        rows = body.get("value") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise reply.unexpected("the answer is not a list (it has no array called value)")
        if not all(isinstance(row, dict) for row in rows):
            raise reply.unexpected("the answer is a list of something else than objects")
        if rows and rows == self._last:
            if self._whole:
                self.target = None
                return []
            raise reply.unexpected("the same page came twice: this list cannot be read page by page")
        asked = self._asked()
        wanted = rows if self._limit is None else rows[: self._limit - self._taken]
        self._taken += len(wanted)
        self._whole = len(rows) > asked
        link = body.get("@odata.nextLink")
        if self._limit is not None and self._taken >= self._limit:
            self.target = None
        elif isinstance(link, str) and link:
            self.target = self._follow(link, reply)
        elif self._ended(len(rows), asked):
            self.target = None
        else:
            self.target = self._ask()
        self._last = rows
        return wanted

    def _ended(self, came: int, asked: int) -> bool:
        """Whether a page without a nextLink was the last one. A count is not asked: it may contradict the rows."""
        if came == 0 or self._followed:
            return True
        # A list that does not heed $top gives more than was asked for: all of it, or pages of its own size. No PBX
        # has larger ones than 100; up to that, the next answer tells (it is the same again, or the next page).
        if came > asked:
            return came > PAGE_SIZE
        # A short page is the end, unless the PBX gives fewer rows than asked for at once. Such limits are round
        # numbers, decimal or binary, so after a page of such a length (or as long as the one before) one more question
        # is cheap insurance.
        return came < asked and came % 5 != 0 and came % 8 != 0 and came != len(self._last)

    def _asked(self) -> int:
        return self._size if self._limit is None else min(self._size, self._limit - self._taken)

    def _ask(self) -> str:
        skip = self._skip + self._taken
        params = {**self._rest, "$top": str(self._asked())}
        if skip:
            params["$skip"] = str(skip)
        return target_of(self._path, params)

    def _follow(self, link: str, reply: Reply) -> str:
        """The path and query of a nextLink, which must lead to this very API: the token goes with it."""
        problem = "its nextLink is not an address"
        try:
            absolute = urlsplit(urljoin(reply.url, link))
            same = _origin(absolute) == _origin(urlsplit(self._base))
            path = absolute.path.removeprefix(API)
            below = absolute.path.startswith(API + "/") and ".." not in unquote(path).split("/")
            if same and below and "@" not in absolute.netloc:
                target = f"{path}?{absolute.query}" if absolute.query else path
                if target not in self._followed:
                    self._followed.add(target)
                    return target
                problem = "its nextLink leads in a circle"
            else:
                problem = (
                    f"its nextLink leads elsewhere, to {absolute.scheme}://{absolute.hostname}, and is not followed"
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
