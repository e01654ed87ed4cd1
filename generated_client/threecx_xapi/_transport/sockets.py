"""Connections that heed a deadline, resolve names within it, and are not used again when more came than was asked for.

httpx's own timeouts bound one silence each. A server that sends a byte now and then keeps every one of them; so the
sync side looks at the clock before every read of the socket, and the async side is cancelled.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import httpcore
import httpx

if TYPE_CHECKING:
    from threecx_xapi.deadline import Deadline

_WRITTEN_AT_ONCE = 1 << 16


class Clock(threading.local):
    """The deadline of what this thread is doing."""

    deadline: Deadline | None = None

    def until(self, deadline: Deadline | None) -> Self:
        """Within this block, no wait goes beyond a deadline."""
        self.deadline = deadline
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.deadline = None

    def cut(self, timeout: float | None, late: type[Exception]) -> float | None:
        """A timeout, shortened to what is left."""
        if self.deadline is None:
            return timeout
        left = self.deadline.left()
        if left <= 0:
            raise late("the deadline has passed")
        return left if timeout is None else min(timeout, left)


clock = Clock()


class _Parsed:
    """State common to sync and async streams: what was received, but belongs to no answer.

    Attributes:
        parser: h11's state of the connection, with the bytes that it was given
        spoilt: whether more is to be expected although the last answer is complete
    """

    parser: Any = None
    spoilt = False
    _buffers: list[object] | None = None
    """Layers that may have received more than they have passed on, once they are known: they stay the same."""

    def more_than_asked(self, inner: object) -> bool:
        """Whether bytes are left behind the last answer: the next request would take them for its own.

        httpcore looks at the socket, from which they may have been read already.

        Parameters:
            inner: httpcore's stream
        """
        if self.spoilt or (self.parser is not None and self.parser.trailing_data[0]):
            return True
        if self._buffers is None:
            self._buffers = [layer for layer in _layers(inner) if _tls(layer) or hasattr(layer, "_protocol")]
        return any(_holds_more(layer) for layer in self._buffers)


def _layers(inner: object) -> Iterator[object]:
    """Streams of a connection, TLS first; each may have received more than it has passed on."""
    layer: object | None = inner
    while layer is not None:
        yield layer
        layer = getattr(layer, "transport_stream", None) or (
            getattr(layer, "_stream", None) if layer is inner else None
        )


def _tls(layer: object) -> ssl.SSLObject | None:
    """TLS of a layer, unless it is that of an SSLSocket, which takes one record after the other from the socket."""
    tls = getattr(layer, "_ssl_object", None) or getattr(layer, "ssl_obj", None)
    return tls if isinstance(tls, ssl.SSLObject) else None


def _holds_more(layer: object) -> bool:
    """Whether a stream has received bytes that nobody has read: records of TLS, or a piece that asyncio has read."""
    tls = _tls(layer)
    if tls is not None:
        try:
            tls.read(1)  # never waits: it has no socket
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:
            return True
        return True
    return bool(getattr(getattr(layer, "_protocol", None), "read_queue", None))


class Stream(httpcore.NetworkStream, _Parsed):
    """A connection on which no wait goes beyond the deadline."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, clock.cut(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for begin in range(0, len(buffer), _WRITTEN_AT_ONCE):
            piece = buffer[begin : begin + _WRITTEN_AT_ONCE]
            self._inner.write(piece, clock.cut(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = clock.cut(timeout, httpcore.ConnectTimeout)
        return Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        # httpcore asks before it uses a connection again; one that is readable then is closed.
        if info == "is_readable" and self.more_than_asked(self._inner):
            return True
        return self._inner.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
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
        from .resolving import addresses, is_literal

        left = clock.cut(timeout, httpcore.ConnectTimeout)
        if left is None or is_literal(host):
            return Stream(self._inner.connect_tcp(host, port, left, local_address, socket_options))
        end = time.monotonic() + left
        found = addresses(host, port, left)
        for number, address in enumerate(found):
            share = _share(end, len(found) - number)
            try:
                return Stream(self._inner.connect_tcp(address, port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(found) - 1:
                    raise
        raise AssertionError  # there is at least one address

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        left = clock.cut(timeout, httpcore.ConnectTimeout)
        return Stream(self._inner.connect_unix_socket(path, left, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class AsyncStream(httpcore.AsyncNetworkStream, _Parsed):
    """The async twin of :class:`Stream`; what waits for it is cancelled at the deadline."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return AsyncStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self.more_than_asked(self._inner):
            return True
        return self._inner.get_extra_info(info)


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """The async twin of :class:`Backend`."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:
        from .resolving import addresses_async, is_literal

        if timeout is None or is_literal(host) or not _on_asyncio():
            return AsyncStream(await self._inner.connect_tcp(host, port, timeout, local_address, socket_options))
        end = time.monotonic() + timeout
        found = await addresses_async(host, port, timeout)
        for number, address in enumerate(found):
            share = _share(end, len(found) - number)
            try:
                return AsyncStream(await self._inner.connect_tcp(address, port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(found) - 1:
                    raise
        raise AssertionError  # there is at least one address

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.AsyncNetworkStream:
        return AsyncStream(await self._inner.connect_unix_socket(path, timeout, socket_options))

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _Unread(httpx.Cookies):
    """Cookies of a client that keeps none. To look for them in each answer, httpx builds a request of urllib."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Leave them where they are."""


def bound(http: httpx.Client | httpx.AsyncClient) -> None:
    """Make a client's connections such ones, and let it look for no cookies.

    httpcore takes such a backend, and httpx has no argument to hand it on: it is put where httpcore looks for it. A
    test drips headers, which nothing but this ends, and so shows when httpx or httpcore has moved the place. Were the
    cookies moved, the client's own jar would still keep none.
    """
    http._cookies = _Unread(http._cookies.jar)
    for transport in (http._transport, *http._mounts.values()):
        pool: Any = getattr(transport, "_pool", None)
        inner = getattr(pool, "_network_backend", None)
        if isinstance(inner, httpcore.NetworkBackend):
            pool._network_backend = Backend(inner)
        elif isinstance(inner, httpcore.AsyncNetworkBackend):
            pool._network_backend = AsyncBackend(inner)


def watch(http: httpx.Client | httpx.AsyncClient, response: httpx.Response) -> None:
    """Let a connection know what is parsed of it, so that it notices more than was asked for.

    An answer with status 204 has no body; where its headers announce one, a proxy may send that nevertheless.

    Parameters:
        http: what sent the request
        response: its answer, before its body has been read
    """
    stream = response.extensions.get("network_stream")
    if not isinstance(stream, _Parsed):
        return
    if response.status_code == 204 and (
        "transfer-encoding" in response.headers or response.headers.get("content-length", "0").strip("0 ")
    ):
        stream.spoilt = True
    if stream.parser is not None:
        return
    for transport in (http._transport, *http._mounts.values()):
        pool: Any = getattr(transport, "_pool", None)
        for connection in list(getattr(pool, "connections", ())):
            while connection is not None and not hasattr(connection, "_h11_state"):
                connection = getattr(connection, "_connection", None)
            if connection is not None and connection._network_stream is stream:
                stream.parser = connection._h11_state


def _share(end: float, addresses: int) -> float:
    """Seconds for one address of several, so that the first one that is silent leaves some to the next."""
    return max((end - time.monotonic()) / addresses, 0.001)


def _on_asyncio() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
