"""The socket, the loop and the thread in which requests are answered."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import struct
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from .corked import Corked
from .guard import ExposedWarning, exposed, is_loopback
from .thread import ServingThread
from .tls import Certificate, throw_away

T = TypeVar("T")
_NOW = struct.pack("ii", 1, 0)
_BACKLOG = 2048  # as uvicorn has it


class _Protocol(H11Protocol):
    """Knows its transport by the peer's address, so that a fault can reset a connection."""

    transports: dict[Any, asyncio.Transport]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        corked = Corked(transport)
        super().connection_made(corked)
        self.transports[self.client] = corked

    def connection_lost(self, exc: Exception | None) -> None:
        self.transports.pop(self.client, None)
        super().connection_lost(exc)


class _Server(uvicorn.Server):
    """uvicorn without its tenth-of-a-second ticks: it starts and stops at once."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: there may be many in one loop, and who runs the loop is told to stop (see cli)."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def leave(self) -> None:
        """Refuse connections from now on."""
        for server in self.servers:
            server.close()
        self.servers = []

    async def come_back(self, listening: socket.socket) -> None:
        """Take connections again."""

        def protocol() -> asyncio.Protocol:
            kind: Any = self.config.http_protocol_class
            made: asyncio.Protocol = kind(config=self.config, server_state=self.server_state, app_state={})
            return made

        loop = asyncio.get_running_loop()
        self.servers = [await loop.create_server(protocol, sock=listening, ssl=self.config.ssl, backlog=_BACKLOG)]

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            try:
                await asyncio.wait_for(self._stop.wait(), 1.0)
            except TimeoutError:
                continue

    def stop(self) -> None:
        self.should_exit = True
        self._stop.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in self.server_state.tasks:
            task.cancel()
        if self.server_state.tasks:
            await asyncio.gather(*self.server_state.tasks, return_exceptions=True)


class Listener:
    """Answers requests on a separate port: in a thread that start() begins, or in the loop that awaits serve().

    host: the address to listen on; port: 0 for a free one; tls: https with a temporary CA; application: makes what
    answers.

    Raises:
        ValueError: for a port there cannot be.
    """

    def __init__(self, host: str, port: int, tls: bool, application: Callable[[], ASGIApp]) -> None:
        if not 0 <= port <= 65535:
            raise ValueError(f"a port is a number from 0 to 65535, not {port}")
        self.host = host
        self._port, self._tls = port, tls
        self._application = application
        self._transports: dict[Any, asyncio.Transport] = {}
        self._certificate: Certificate | None = None
        self._of_fleet = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: _Server | None = None
        self._socket: socket.socket | None = None
        self._kept: socket.socket | None = None
        self._return: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Listen in a separate thread; return when requests are answered."""
        self.bind()
        thread = ServingThread("simulated-pbx", self.serve)
        self._thread = thread
        thread.start_serving()

    def bind(self) -> None:
        """Take the port, so that it is known. An ExposedWarning says where others than this machine reach it."""
        if not is_loopback(self.host):
            warnings.warn(exposed(self.host), ExposedWarning, stacklevel=3)
        self._socket = self._bound_to(self._port)
        self._bound = int(self._socket.getsockname()[1])

    def _bound_to(self, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # With the protocol named, asyncio switches Nagle's algorithm off: 40 ms for each answer otherwise.
        taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind((self.host, port))
        except OSError:
            taken.close()
            raise
        return taken

    def _config(self) -> uvicorn.Config:
        protocol = type("Protocol", (_Protocol,), {"transports": self._transports})
        config = uvicorn.Config(
            self._application(), http=protocol, ws="none", lifespan="off", loop="asyncio", log_config=None,
            access_log=False,
            server_header=False, date_header=False, timeout_keep_alive=60,
        )  # fmt: skip
        config.load()
        if self._tls:
            self._certificate = self._certificate or throw_away(self.host)
            config.ssl = self._certificate.context
        return config

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve in the running loop until told to stop."""
        assert self._socket is not None
        self._loop = asyncio.get_running_loop()
        self._server = _Server(self._config(), ready)
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self._socket.close()
            if self._kept is not None:
                self._kept.close()
            self._ended.set()

    def close(self) -> None:
        """Stop serving; what was logged and stored stays readable."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._server is None:
            return
        if thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.stop)
            self._ended.wait()
        if not self._of_fleet:
            thread.join()
            self.discard()

    # --- as one of a fleet

    def served_by(self, thread: threading.Thread) -> None:
        """The thread in which the fleet will call serve()."""
        self._thread, self._of_fleet = thread, True

    def trusted_by(self, certificate: Certificate) -> None:
        """The certificate to serve https with, instead of a generated one; the caller discards it."""
        self._certificate = certificate

    def release_port(self) -> None:
        """Give back the port that bind() took."""
        if self._socket is not None:
            self._socket.close()

    def stop(self) -> None:
        """Have serve() end; to be called in its loop."""
        if self._server is not None:
            self._server.stop()

    def discard(self) -> None:
        """Delete the temporary CA's file."""
        if self._certificate is not None:
            self._certificate.remove()

    # --- where it is

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._socket is not None, "not started"
        return self._bound

    @property
    def url(self) -> str:
        """Scheme, host and port, such as http://127.0.0.1:43121."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    @property
    def ca_path(self) -> str | None:
        """With tls: the file of the temporary CA (PEM), deleted when the PBX is closed."""
        return None if self._certificate is None else self._certificate.ca_path

    # --- what a fault does to it and to a connection

    def line_reset(self, scope: Scope) -> None:
        """Reset the connection of a request."""
        _reset(self._transports.get(scope["client"]))

    def hang_up(self, scope: Scope) -> None:
        """End the connection of a request in order."""
        transport = self._transports.get(scope["client"])
        if transport is not None:
            transport.close()

    def leave(self, seconds: float, spared: Scope | None = None) -> None:
        """Refuse connections for some seconds, and reset those there are but one."""
        assert self._server is not None, "not started"
        for client, transport in list(self._transports.items()):
            if spared is None or client != spared["client"]:
                _reset(transport)
        if self._kept is None:
            self._server.leave()
            # The port is bound without listening, so that no other program can take it.
            self._kept = self._bound_to(self._bound)
        loop = asyncio.get_running_loop()
        if self._return is not None:
            self._return.cancel()
            self._return = None
        if seconds < math.inf:
            self._return = loop.call_later(seconds, lambda: loop.create_task(self._come_back()))

    def come_back(self) -> None:
        """Take connections again, at once."""
        assert self._loop is not None, "not started"
        asyncio.run_coroutine_threadsafe(self._come_back(), self._loop).result()

    async def _come_back(self) -> None:
        assert self._server is not None
        if self._kept is not None:
            listening, self._kept = self._kept, None
            await self._server.come_back(listening)

    def in_loop(self, act: Callable[[], T]) -> T:
        """Run in the server's thread; directly while there is none, or when this is it."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None or not thread.is_alive() or thread is threading.current_thread():
            return act()

        async def run() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(run(), loop).result()


def _reset(transport: asyncio.Transport | None) -> None:
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        # No lingering: the peer sees a reset, not an orderly end.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOW)
    transport.abort()
