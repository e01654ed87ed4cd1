"""Shared code of the generated `api` modules: one call of an operation, and the rows of a list.

A tag of the document is a class; `client.users` is an instance of it, made when it is first asked for. Its methods only
name the operation and hand over their arguments, in the order of the operation's path and query.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn, ParamSpec, Self, TypedDict, TypeVar, cast, overload

from ._unset import UNSET
from .operation import Operation, Response, run, run_async

if TYPE_CHECKING:
    from .async_client import AsyncXapiClient
    from .client import XapiClient

P = ParamSpec("P")
T = TypeVar("T")
Row = TypeVar("Row")

NOTHING: Final[Mapping[str, object]] = {}
_OPTIONS: Final = {
    "top": "$top",
    "skip": "$skip",
    "search": "$search",
    "filter_": "$filter",
    "orderby": "$orderby",
    "select": "$select",
    "expand": "$expand",
}


class RowOptions(TypedDict, total=False):
    """Query options accepted by `iterate`. A list that does not take an option refuses it with TypeError."""

    top: int
    """Rows in all; every row where it is not given."""
    skip: int
    """Rows to leave out at the beginning."""
    search: str
    """Text to look for."""
    filter_: str
    """Rows wanted, such as ``Number eq '100'``; :mod:`threecx_xapi.odata` writes it safely."""
    orderby: Sequence[str]
    """Properties to sort by, such as ``Number desc``."""
    select: Sequence[str]
    """Properties wanted, such as ``Id``; large ones come only when named."""
    expand: Sequence[str]
    """Navigation properties wanted, such as ``Groups($expand=Rights)``; they come only when named."""
    page_size: int
    """Rows a request, at most and by default 100."""
    concurrency: int
    """Pages to ask for at the same time (default 1); the rows are then ordered by their key as well."""


class _Tag:
    """The operations of one tag."""

    __slots__ = ("_client", "_whole")

    def __init__(self, client: Any) -> None:
        self._client = client
        self._whole = False

    def _answering_whole(self) -> Self:
        """The same operations, which answer with the whole response; see :func:`with_response`."""
        other = type(self)(self._client)
        other._whole = True
        return other

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client.base_url}>"


class Api(_Tag):
    """The operations of one tag, on an :class:`~threecx_xapi.XapiClient`."""

    __slots__ = ()
    _client: XapiClient

    def _run(
        self,
        operation: Operation[T],
        path: tuple[object, ...] = (),
        query: tuple[object, ...] = (),
        *,
        if_match: str | None = None,
        body: object = UNSET,
    ) -> T:
        response = run(self._client, operation, *_request(operation, path, query, if_match), body)
        return cast(T, response) if self._whole else response.parsed

    def _rows(
        self,
        operation: Operation[Any],
        read: Callable[[Any], Row],
        key: str | None,
        options: Mapping[str, Any],
        path: tuple[object, ...] = (),
    ) -> Iterator[Row]:
        from ._operations.rows import rows

        query, paging = _row_options(self, operation, key, options)
        return rows(self._client, operation, read, path_values=_named(operation, path), query=query, **paging)


class AsyncApi(_Tag):
    """The operations of one tag, on an :class:`~threecx_xapi.AsyncXapiClient`."""

    __slots__ = ()
    _client: AsyncXapiClient

    async def _run(
        self,
        operation: Operation[T],
        path: tuple[object, ...] = (),
        query: tuple[object, ...] = (),
        *,
        if_match: str | None = None,
        body: object = UNSET,
    ) -> T:
        response = await run_async(self._client, operation, *_request(operation, path, query, if_match), body)
        return cast(T, response) if self._whole else response.parsed

    def _rows(
        self,
        operation: Operation[Any],
        read: Callable[[Any], Row],
        key: str | None,
        options: Mapping[str, Any],
        path: tuple[object, ...] = (),
    ) -> AsyncIterator[Row]:
        from ._operations.rows import rows_async

        query, paging = _row_options(self, operation, key, options)
        return rows_async(self._client, operation, read, path_values=_named(operation, path), query=query, **paging)


@overload
def with_response(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[Response[T]]]: ...  # type: ignore[overload-overlap]
@overload
def with_response(method: Callable[P, T]) -> Callable[P, Response[T]]: ...
def with_response(method: Callable[..., Any]) -> Callable[..., Any]:
    """The same operation, answering with status, headers, ETag and the result: `with_response(client.users.get)(38)`.

    Parameters:
        method: of one of the client's tags; not `iterate`, which makes several requests

    Returns:
        a function with the same arguments; its result is a :class:`~threecx_xapi.Response`

    Raises:
        TypeError: it is not an operation of a client
    """
    owner = getattr(method, "__self__", None)
    name = getattr(method, "__name__", repr(method))
    if not isinstance(owner, _Tag) or name.startswith("iterate"):
        _refuse(f"with_response takes an operation such as client.users.get, not {name}.")
    return cast("Callable[..., Any]", getattr(owner._answering_whole(), name))


def given(body: Mapping[str, object]) -> dict[str, object]:
    """Return the given parameters of an action, without those that are None."""
    return {name: value for name, value in body.items() if value is not None}


def _request(
    operation: Operation[Any], path: tuple[object, ...], query: tuple[object, ...], if_match: str | None
) -> tuple[Mapping[str, object], Mapping[str, object], Mapping[str, object]]:
    headers = NOTHING if if_match is None else {"If-Match": if_match}
    return _named(operation, path), dict(zip(operation.query, query, strict=True)) if query else NOTHING, headers


def _named(operation: Operation[Any], path: tuple[object, ...]) -> Mapping[str, object]:
    return dict(zip(operation.path_names, path, strict=True)) if path else NOTHING


def _row_options(
    tag: _Tag, operation: Operation[Any], key: str | None, options: Mapping[str, Any]
) -> tuple[dict[str, object], dict[str, Any]]:
    """The query of a list, and how its pages are read."""
    asked: dict[str, object] = {}
    paging: dict[str, Any] = {"page_size": 100, "key": key}
    for name, value in options.items():
        known = _OPTIONS.get(name)
        if known is not None and known in operation.query:
            asked[known] = value
        elif name == "page_size" or (name == "concurrency" and key is not None):
            paging[name] = value
        else:
            _refuse(f"{type(tag).__name__} takes no {name} for its rows.")
    return {name: asked[name] for name in operation.query if name in asked}, paging


def _refuse(why: str) -> NoReturn:
    raise TypeError(why)


class Tag:
    """Makes the operations of a tag when they are first asked for, and leaves them with the client."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def __get__(self, client: Any, owner: type) -> Any:
        kind = getattr(import_module(f".api.{self._module}", __package__), self._name)
        if client is None:
            return kind
        made = client.__dict__[self._module] = kind(client)
        return made


def tag(module: str, name: str) -> Any:
    """An attribute of the client.

    Parameters:
        module: of the tag below `api`, which is also the attribute's name
        name: of its class there
    """
    return Tag(module, name)
