"""One request and its answer over httpx, read piece by piece: within a limit of bytes, and until a deadline.

httpx's own timeouts bound one silence each. A server that sends a byte now and then keeps every one of them; so the
sync side looks at the clock before every read of the socket, and the async side is cancelled.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from ._body import Body, TooLarge
from ._steps import Answer

if TYPE_CHECKING:
    from ._steps import Send
    from .deadline import Deadline

_ERROR_LIMIT = 1 << 20  # bytes of an error's body that are read; what it says stands at its beginning
_GRACE = 0.1  # seconds by which a phase's own timeout comes before the cancellation: it knows better how far it got
_WRITTEN_AT_ONCE = 1 << 16


def exchange(http: httpx.Client, step: Send, timeout: float) -> Answer:
    """Send a request and read its answer.

    Parameters:
        http: what sends it
        step: the request, its limits and its deadline
        timeout: seconds one silence may last

    Raises:
        TooLarge: a success has more bytes than the step's limit
        NotWritten: the file it goes to refuses it
        Damaged: the answer is compressed in a way that cannot be undone
        httpx.HTTPError, OSError and the like: no answer, or none that is whole
    """
    with _clock.until(step.deadline):
        response = http.send(_request(step, timeout), stream=True, auth=None, follow_redirects=False)
        try:
            if response.is_stream_consumed:  # a transport that had it ready
                return _ready(response, step)
            body = _body(response, step)
            try:
                for piece in response.iter_raw():
                    body.add(piece)
                    _clock.cut(None, httpx.ReadTimeout)
                return Answer(response.status_code, response.headers, body.whole())
            except TooLarge:
                return _cut(response, body)
        finally:
            response.close()


async def exchange_async(http: httpx.AsyncClient, step: Send, timeout: float) -> Answer:
    """Send a request and read its answer; see :func:`exchange`.

    Raises:
        TimeoutError: the deadline has passed
    """
    import anyio  # httpx's async side needs it anyway

    with anyio.fail_after(None if step.deadline is None else max(step.deadline.left(), 0.0) + _GRACE):
        response = await http.send(_request(step, timeout), stream=True, auth=None, follow_redirects=False)
        try:
            if response.is_stream_consumed:
                return _ready(response, step)
            body = _body(response, step)
            try:
                async for piece in response.aiter_raw():
                    body.add(piece)
                return Answer(response.status_code, response.headers, body.whole())
            except TooLarge:
                return _cut(response, body)
        finally:
            await response.aclose()


def _request(step: Send, timeout: float) -> httpx.Request:
    # Not http.build_request, which merges defaults that we give ourselves, for a tenth of the time of all.
    if step.deadline is not None:
        timeout = max(min(timeout, step.deadline.left()), 0.001)
    phases = {"connect": timeout, "read": timeout, "write": timeout, "pool": timeout}
    return httpx.Request(
        step.method, step.url, headers=step.headers, content=step.content, extensions={"timeout": phases}
    )


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


class _Clock(threading.local):
    """The deadline of what this thread is doing."""

    deadline: Deadline | None = None

    @contextlib.contextmanager
    def until(self, deadline: Deadline | None) -> Iterator[None]:
        self.deadline = deadline
        try:
            yield
        finally:
            self.deadline = None

    def cut(self, timeout: float | None, late: type[Exception]) -> float | None:
        """A timeout, shortened to what is left."""
        if self.deadline is None:
            return timeout
        left = self.deadline.left()
        if left <= 0:
            raise late("the deadline has passed")
        return left if timeout is None else min(timeout, left)


_clock = _Clock()


class _Stream(httpcore.NetworkStream):
    """A connection on which no wait goes beyond the deadline."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _clock.cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for begin in range(0, len(buffer), _WRITTEN_AT_ONCE):
            piece = buffer[begin : begin + _WRITTEN_AT_ONCE]
            self._inner.write(piece, _clock.cut(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _clock.cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Makes such connections."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        left = _clock.cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, left, local_address, socket_options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        left = _clock.cut(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_unix_socket(path, left, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


def bound(http: httpx.Client) -> None:
    """Make a client's connections heed deadlines.

    httpcore takes such a backend, and httpx has no argument to hand it on: it is put where httpcore looks for it. A
    test drips headers, which nothing but this ends, and so shows when httpx or httpcore has moved the place.
    """
    for transport in (http._transport, *http._mounts.values()):
        pool = getattr(transport, "_pool", None)
        inner = getattr(pool, "_network_backend", None)
        if isinstance(inner, httpcore.NetworkBackend):
            pool._network_backend = _Backend(inner)  # type: ignore[union-attr]
