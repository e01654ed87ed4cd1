"""One request and its answer over httpx, read piece by piece: within a limit of bytes, and until a deadline.

The sync side looks at the clock before every read of the socket (``_sockets.py``), and the async side is cancelled.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import httpx

from threecx_xapi._request.steps import Answer

from .body import Body, Endless, TooLarge
from .progress import Progress
from .sockets import clock, watch

if TYPE_CHECKING:
    from threecx_xapi._request.steps import Send

_ERROR_LIMIT = 1 << 20  # bytes of an error's body that are read; what it says stands at its beginning
_GRACE = 0.1  # seconds by which a phase's own timeout comes before the cancellation: it knows better how far it got


def exchange(http: httpx.Client, step: Send, timeout: float, connect_timeout: float) -> Answer:
    """Send a request and read its answer.

    Parameters:
        http: what sends it
        step: the request, its limits and its deadline
        timeout: seconds one silence may last
        connect_timeout: seconds a connection may take

    Raises:
        TooLarge: a success has more bytes than the step's limit
        Endless: nobody can tell whether a success is whole
        NotWritten: the file it goes to refuses it
        Damaged: the answer cannot be decompressed
        httpx.HTTPError, OSError and the like: no answer, or none that is whole
    """
    with clock.until(step.deadline):
        step.progress = Progress()
        request = _request(step, timeout, connect_timeout, step.progress.note)
        # http.send would also handle redirects, cookies and authentication, which are not wanted here and take time.
        response = http._transport_for_url(request.url).handle_request(request)
        response.request = request
        try:
            if response.is_stream_consumed:  # a transport that had it ready
                return _ready(response, step)
            watch(http, response)
            body = _body(response, step)
            try:
                for piece in cast(httpx.SyncByteStream, response.stream):  # as iter_raw, without its chunks and counts
                    body.add(piece)
                    clock.cut(None, httpx.ReadTimeout)
                return Answer(response.status_code, response.headers, _whole(response, body, step))
            except TooLarge:
                return _cut(response, body)
        finally:
            response.close()


async def exchange_async(http: httpx.AsyncClient, step: Send, timeout: float, connect_timeout: float) -> Answer:
    """Send a request and read its answer; see :func:`exchange`.

    Raises:
        TimeoutError: the deadline has passed
    """
    import anyio  # httpx's async side needs it anyway

    with anyio.fail_after(None if step.deadline is None else max(step.deadline.left(), 0.0) + _GRACE):
        step.progress = Progress()
        request = _request(step, timeout, connect_timeout, step.progress.note_async)
        response = await http._transport_for_url(request.url).handle_async_request(request)
        response.request = request
        try:
            if response.is_stream_consumed:
                return _ready(response, step)
            watch(http, response)
            body = _body(response, step)
            try:
                async for piece in cast(httpx.AsyncByteStream, response.stream):
                    body.add(piece)
                return Answer(response.status_code, response.headers, _whole(response, body, step))
            except TooLarge:
                return _cut(response, body)
        finally:
            await response.aclose()


def _request(step: Send, timeout: float, connect_timeout: float, trace: Any) -> httpx.Request:
    # Not http.build_request, which merges defaults that we give ourselves, for a tenth of the time of all.
    if step.deadline is not None:
        left = max(step.deadline.left(), 0.001)
        timeout, connect_timeout = min(timeout, left), min(connect_timeout, left)
    phases = {"connect": connect_timeout, "read": timeout, "write": timeout, "pool": timeout}
    return httpx.Request(
        step.method,
        _parsed(step.url),
        headers=step.headers,
        content=step.content,
        extensions={"timeout": phases, "trace": trace},
    )


@lru_cache(maxsize=16)
def _parsed(url: str) -> httpx.URL:
    """A URL; a change reads the same one before and after its write."""
    return httpx.URL(url)


def _body(response: httpx.Response, step: Send) -> Body:
    good = 200 <= response.status_code < 300
    limit = step.limit if good else _ERROR_LIMIT
    size = encoding = b""
    for name, value in response.headers.raw:  # httpx goes through all of them for each one asked for
        lower = name.lower()
        if lower == b"content-length":
            size = value
        elif lower == b"content-encoding":
            encoding = encoding + b"," + value if encoding else value
    if good and limit is not None and size.isdigit() and (len(size) > 18 or int(size) > limit):
        raise TooLarge
    return Body(encoding.decode("latin-1"), limit, step.into if good else None)


def _whole(response: httpx.Response, body: Body, step: Send) -> bytes:
    """The body, where it can be told that nothing of it is missing.

    An answer without a length ends where the connection does: a proxy that gave up looks like the end. JSON and what is
    compressed tell their end themselves.

    Raises:
        Endless: nobody can tell
        Damaged: the compressed data has no end
    """
    content = body.whole()
    if (
        200 <= response.status_code < 300
        and response.status_code != 204
        and step.method == "GET"
        and (step.into is not None or content.lstrip()[:1] not in (b"{", b"[", b""))
        and "network_stream" in response.extensions
        and not response.headers.keys() & {"content-length", "transfer-encoding", "content-encoding"}
    ):
        raise Endless
    return content


def _cut(response: httpx.Response, body: Body) -> Answer:
    """An error may be cut short; a success may not."""
    if 200 <= response.status_code < 300:
        raise TooLarge
    return Answer(response.status_code, response.headers, body.beginning())


def _ready(response: httpx.Response, step: Send) -> Answer:
    good = 200 <= response.status_code < 300
    body = Body("", step.limit if good else _ERROR_LIMIT, step.into if good else None)
    try:
        body.add(response.content)
    except TooLarge:
        return _cut(response, body)
    return Answer(response.status_code, response.headers, body.whole())
