"""The typed rows of a list operation, page by page: what the generated `iterate` functions share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from threecx_xapi import odata
from threecx_xapi.errors import UnexpectedAnswer
from threecx_xapi.operation import NOTHING, Operation, query_strings

if TYPE_CHECKING:
    from threecx_xapi.async_client import AsyncXapiClient
    from threecx_xapi.client import XapiClient

Row = TypeVar("Row")


def rows(
    client: XapiClient,
    operation: Operation[Any],
    read: Callable[[Any], Row],
    page_size: int = 100,
    path_values: Mapping[str, object] = NOTHING,
    query: Mapping[str, object] = NOTHING,
    concurrency: int = 1,
    key: str | None = None,
) -> Iterator[Row]:
    """Every row of a list operation; the next page is asked for when its first row is.

    Args:
        client: what asks.
        operation: the list operation.
        read: makes a row of its JSON.
        page_size: rows a request; the PBX gives at most 100.
        path_values: values of the path's parameters.
        query: query parameters without those of paging.
        concurrency: pages to ask for at the same time.
        key: the property that tells rows apart, needed for that.

    Raises:
        XapiError: the PBX refuses, or cannot be reached.
    """
    from threecx_xapi.paging import ahead_of, iterate, several

    path = odata.path(operation.path, **path_values)
    params = {**query_strings(query), "$count": "true"}  # every list that has pages takes it
    typed = partial(_typed, operation, read)
    if concurrency != 1:
        yield from several(client, ahead_of(client, path, params, page_size, concurrency, key, read=typed))
    else:
        yield from map(typed, iterate(client, path, params=params, page_size=page_size))


async def rows_async(
    client: AsyncXapiClient,
    operation: Operation[Any],
    read: Callable[[Any], Row],
    page_size: int = 100,
    path_values: Mapping[str, object] = NOTHING,
    query: Mapping[str, object] = NOTHING,
    concurrency: int = 1,
    key: str | None = None,
) -> AsyncIterator[Row]:
    """As :func:`rows`, for ``async for``."""
    from threecx_xapi.paging import ahead_of, iterate_async, several_async

    path = odata.path(operation.path, **path_values)
    params = {**query_strings(query), "$count": "true"}  # every list that has pages takes it
    typed = partial(_typed, operation, read)
    if concurrency != 1:
        ahead = ahead_of(client, path, params, page_size, concurrency, key, read=typed)
        async for row in several_async(client, ahead):
            yield row
    else:
        async for row in iterate_async(client, path, params=params, page_size=page_size):
            yield typed(row)


def _typed(operation: Operation[Any], read: Callable[[Any], Row], row: Any) -> Row:
    try:
        return read(row)
    except (RecursionError, TypeError):
        pass
    reason = f"a row of {operation.id} does not match its model"
    raise UnexpectedAnswer(f"{operation.method} {operation.path}: {reason}.", reason=reason, method=operation.method)
