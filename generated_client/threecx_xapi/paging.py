"""Every row of a list, however the PBX cuts it into pages: one page after the other, or several at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ._operations.pages import PAGE_SIZE, Page, Pages, page_of
from .errors import ConfigurationError

if TYPE_CHECKING:
    from ._operations.ahead import Ahead, Part
    from .async_client import AsyncXapiClient
    from .client import XapiClient

__all__ = ["PAGE_SIZE", "iterate", "iterate_async", "iterate_values"]


def iterate(
    client: XapiClient,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    page_size: int = PAGE_SIZE,
    concurrency: int = 1,
    key: str | None = None,
    max_bytes: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Every row of a list, asking for one page after the other as they are used, or for several at a time.

    Pages are counted from the beginning of the list as it is then: whoever adds or removes rows of it on the way makes
    a list of it first, ``list(iterate(...))``, or else misses some. With a concurrency of more than one, rows that
    others add or remove meanwhile move nothing: the list is ordered by its key, the pages overlap by a row, what does
    not join is read again, and no row comes twice.

    Parameters:
        client: the client
        path: of the list, encoded, such as ``/Users``
        params: query, not encoded; a ``$top`` limits how many rows come in all, a ``$skip`` is where they begin. With
            ``$count`` (``true``), which goes along with the first request, no PBX that gives few rows at once is taken
            for one that has no more; a count that is too small changes nothing
        page_size: rows to ask for at once
        concurrency: pages to ask for at the same time, in as many threads; needs a key
        key: the property that tells the rows apart, such as ``Id``; it is added to the ``$orderby``
        max_bytes: bytes of JSON that all pages together may have: for who keeps all rows, of a PBX that may be
            anybody's; None for any number

    Raises:
        XapiError: what a request raises; UnexpectedAnswer where the answer is no list, or the pages never end, or
            are larger than they may be
    """
    if concurrency != 1:
        yield from several(client, ahead_of(client, path, params, page_size, concurrency, key, max_bytes=max_bytes))
        return
    pages = Pages(client.base_url, path, params, page_size, max_bytes)
    while (target := pages.target) is not None:
        yield from pages.take(_page(client, target))


def iterate_values(
    client: XapiClient,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    page_size: int = PAGE_SIZE,
    max_bytes: int | None = None,
) -> Iterator[Any]:
    """Every value of a list that may hold something else than objects, such as names; see :func:`iterate`."""
    pages = Pages(client.base_url, path, params, page_size, max_bytes)
    while (target := pages.target) is not None:
        yield from pages.take(page_of(client._drive(client._fetch("GET", target)), objects=False))


async def iterate_async(
    client: AsyncXapiClient,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    page_size: int = PAGE_SIZE,
    concurrency: int = 1,
    key: str | None = None,
    max_bytes: int | None = None,
) -> AsyncIterator[dict[str, Any]]:
    """Every row of a list; see :func:`iterate`. Several pages at a time are as many tasks."""
    if concurrency != 1:
        ahead = ahead_of(client, path, params, page_size, concurrency, key, max_bytes=max_bytes)
        async for row in several_async(client, ahead):
            yield row
        return
    pages = Pages(client.base_url, path, params, page_size, max_bytes)
    while (target := pages.target) is not None:
        for row in pages.take(await _page_async(client, target)):
            yield row


def several(client: XapiClient, ahead: Ahead) -> Iterator[Any]:
    """Every row of a list, several pages at a time; their rows are made while other pages come."""
    from concurrent.futures import Future, ThreadPoolExecutor
    from contextvars import copy_context

    def part(target: str) -> Part:
        return ahead.part(_page(client, target))

    def asked() -> list[Future[Part]]:
        targets = ahead.targets
        if len(targets) == 1:
            return []
        # Each in a copy of this context, in which the limits of time and requests are.
        return [threads.submit(copy_context().run, part, target) for target in targets]

    with ThreadPoolExecutor(ahead.concurrency, "threecx-xapi-pages") as threads:
        futures = asked()
        try:
            while targets := ahead.targets:
                rows = ahead.take([future.result() for future in futures] or [part(targets[0])])
                futures = asked()  # these come while the caller uses those rows
                yield from rows
        finally:
            for future in futures:
                future.cancel()


async def several_async(client: AsyncXapiClient, ahead: Ahead) -> AsyncIterator[Any]:
    """As :func:`several`, for ``async for``."""
    while targets := ahead.targets:
        for row in ahead.take(await _all(client, ahead, targets)):
            yield row


def ahead_of(
    client: XapiClient | AsyncXapiClient,
    path: str,
    params: Mapping[str, str] | None,
    page_size: int,
    concurrency: int,
    key: str | None,
    *,
    read: Callable[[Any], Any] | None = None,
    max_bytes: int | None = None,
) -> Ahead:
    """Read a list with several requests at a time, as :func:`iterate` does.

    Parameters:
        read: makes a row of its JSON

    Raises:
        ConfigurationError: it cannot be read several pages at a time
    """
    from ._operations.ahead import Ahead  # only who wants it

    if concurrency < 1:
        raise ConfigurationError(f"concurrency is at least 1, not {concurrency}.")
    if not key:
        raise ConfigurationError("To read several pages at a time, name the property that identifies a row (key).")
    return Ahead(client.base_url, path, params, page_size, key, concurrency, read, max_bytes)


async def _all(client: AsyncXapiClient, ahead: Ahead, targets: list[str]) -> list[Part]:
    """The pages of all targets, so many at a time."""
    if len(targets) == 1:
        return [ahead.part(await _page_async(client, targets[0]))]
    import anyio  # httpx's async side needs it anyway

    found: dict[int, Part] = {}
    failed: dict[int, Exception] = {}
    todo = iter(enumerate(targets))

    async def work() -> None:
        for place, target in todo:
            if failed:
                return
            try:
                found[place] = ahead.part(await _page_async(client, target))
            except Exception as error:  # as it is, and not in a group of one
                failed[place] = error

    async with anyio.create_task_group() as group:
        for _ in range(min(ahead.concurrency, len(targets))):
            group.start_soon(work)
    if failed:
        raise failed[min(failed)]
    return [found[place] for place in range(len(targets))]


def _page(client: XapiClient, target: str) -> Page:
    return page_of(client._drive(client._fetch("GET", target)))


async def _page_async(client: AsyncXapiClient, target: str) -> Page:
    return page_of(await client._drive(client._fetch("GET", target)))


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
