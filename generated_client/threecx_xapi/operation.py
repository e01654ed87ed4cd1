"""One operation of the API: what the generated methods call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, TypeVar, cast

from . import odata
from ._unset import UNSET
from .errors import UnexpectedAnswer

if TYPE_CHECKING:
    import httpx

    from .async_client import AsyncXapiClient
    from .client import XapiClient
    from .reply import Reply

T = TypeVar("T")
NOTHING: Final[Mapping[str, object]] = {}
_PARAMETER: Final = re.compile(r"\{(\w+)\}")


class Operation(NamedTuple, Generic[T]):
    """Facts of one operation that are known before it is called.

    Attributes:
        id: the document's operationId
        method: ``GET``, ``POST``, ``PATCH``, ``PUT`` or ``DELETE``
        path: template below /xapi/v1, such as ``/Fax({Id})``
        answer: what a success carries: ``json`` (given to ``parse``), ``bytes``, ``text`` or ``none``
        parse: makes the result of decoded JSON (or of the bytes or the text); None hands them on as they are
        query: the query parameters it takes, in the order of the generated methods' arguments
        nullable: the PBX may answer null, or nothing at all, which OData says is the same; the result is None then
    """

    id: str
    method: str
    path: str
    answer: Literal["json", "bytes", "text", "none"] = "none"
    parse: Callable[[Any], T] | None = None
    query: tuple[str, ...] = ()
    nullable: bool = False

    @property
    def path_names(self) -> list[str]:
        """The parameters of the path, in their order."""
        return _PARAMETER.findall(self.path)


class Response(NamedTuple, Generic[T]):
    """A successful answer with its result.

    Attributes:
        status_code: HTTP status, 2xx
        headers: HTTP headers of the answer
        content: the body as it came
        parsed: the result
        etag: the entity's ETag, None where the PBX gave none
    """

    status_code: int
    headers: httpx.Headers
    content: bytes
    parsed: T
    etag: str | None = None

    def __repr__(self) -> str:
        return f"Response(status_code={self.status_code}, parsed={self.parsed!r}, etag={self.etag!r})"

    @property
    def filename(self) -> str | None:
        """The suggested name of a download, None where there is none."""
        from .reply import filename  # loaded with the first answer

        return filename(self.headers)

    @property
    def request_id(self) -> str | None:
        """The id the PBX gave the request, None where it gave none."""
        from .reply import request_id

        return request_id(self.headers)


def run(
    client: XapiClient,
    operation: Operation[T],
    path_values: Mapping[str, object] = NOTHING,
    query: Mapping[str, object] = NOTHING,
    headers: Mapping[str, object] = NOTHING,
    body: object = UNSET,
) -> Response[T]:
    """Call an operation.

    Parameters:
        path_values: the values of the path's parameters, by the names of the template
        query: query parameters; UNSET and None are left out, lists are joined by commas
        headers: header parameters; UNSET and None are left out
        body: a model (anything with ``to_dict``), a list of models, or plain JSON; UNSET sends none

    Raises:
        XapiError: one of its subclasses, whatever goes wrong
    """
    reply = client.request(
        operation.method,
        odata.path(operation.path, **path_values),
        params=query_strings(query),
        json=plain(body),
        headers=header_strings(headers),
        limit=_limit(client, operation),
    )
    return read(operation, reply)


async def run_async(
    client: AsyncXapiClient,
    operation: Operation[T],
    path_values: Mapping[str, object] = NOTHING,
    query: Mapping[str, object] = NOTHING,
    headers: Mapping[str, object] = NOTHING,
    body: object = UNSET,
) -> Response[T]:
    """Call an operation; see :func:`run`."""
    reply = await client.request(
        operation.method,
        odata.path(operation.path, **path_values),
        params=query_strings(query),
        json=plain(body),
        headers=header_strings(headers),
        limit=_limit(client, operation),
    )
    return read(operation, reply)


def read(operation: Operation[T], reply: Reply) -> Response[T]:
    """Make the typed response of a reply.

    Raises:
        UnexpectedAnswer: the body is not what the operation answers
    """
    value: Any = None
    if operation.answer == "json":
        value = None if operation.nullable and not reply.content.strip() else reply.json()
        etag = reply.etag_of(value)
        if etag is not None and isinstance(value, dict):
            # Some give it in the header alone; a delete with the model's ETag must not lose it.
            value.setdefault("@odata.etag", etag)
    else:
        etag = reply.etag
        if operation.answer == "bytes":
            reply.check_file()
            value = reply.content
        elif operation.answer == "text":
            value = reply.content.decode("utf-8", "replace")
    problem: UnexpectedAnswer | None = None
    if operation.parse is not None and operation.answer != "none" and not (operation.nullable and value is None):
        try:
            value = operation.parse(value)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
            problem = reply.unexpected(
                f"the answer does not match {operation.id} ({type(error).__name__}: {str(error)[:120]})"
            )
    if problem is not None:  # raised here, so that the body does not hang on the exception's context
        raise problem
    return Response(
        status_code=reply.status,
        headers=reply.headers,
        content=reply.content,
        parsed=cast(T, value),
        etag=etag,
    )


def _limit(client: XapiClient | AsyncXapiClient, operation: Operation[T]) -> int | None:
    """Bytes the answer may have: of a file more than of what becomes objects."""
    from .client import MAX_DOWNLOAD  # loaded: there is a client

    most = client.max_answer
    return most if most is None or operation.answer != "bytes" else max(most, MAX_DOWNLOAD)


def query_strings(values: Mapping[str, object]) -> dict[str, str]:
    """Query parameters as plain strings; UNSET and None are left out, lists are joined by commas."""
    return {name: query_string(value) for name, value in values.items() if value is not UNSET and value is not None}


def header_strings(values: Mapping[str, object]) -> dict[str, str]:
    """Header parameters as plain strings; UNSET and None are left out."""
    return query_strings(values)


def query_string(value: object) -> str:
    """One query value: lists joined by commas, true/false, RFC 3339 for dates, the member for an enum."""
    if isinstance(value, str):
        return str(value.value) if isinstance(value, Enum) else value
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(query_string(item) for item in value)
    if isinstance(value, bool | datetime | date | time):
        return odata.literal(value)
    return str(value.value) if isinstance(value, Enum) else str(value)


def plain(body: object) -> object:
    """A body as plain JSON: models by their ``to_dict``, also inside a list.

    Control information that came with what was read (``@odata.etag``, ``@odata.context``, ``Groups@odata.count`` and
    the like) does not go back: a PBX binds a body as a whole or not at all. Annotations a writer may use
    (``@odata.type``, ``@odata.id``, ``@odata.bind``) do.
    """
    to_dict = getattr(body, "to_dict", None)
    value = to_dict() if callable(to_dict) else body
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if not _came_along(name)}
    return value


def _came_along(name: object) -> bool:
    _, control, what = str(name).partition("@odata.")
    return bool(control) and what not in ("type", "id", "bind")
