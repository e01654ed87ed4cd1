"""Makes the httpx clients of a client: one for each process, and one for each event loop."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import httpx

from threecx_xapi.errors import ConfigurationError, XapiError

if TYPE_CHECKING:
    import asyncio

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)
Transport = TypeVar("Transport", httpx.BaseTransport, httpx.AsyncBaseTransport)


class Connector(Generic[Transport]):
    """How to reach one PBX.

    Parameters:
        base: the PBX's base URL
        verify: check its certificate
        ca_path: file or folder of the only CA certificates to trust
        timeout: seconds for each piece of an answer
        connect_timeout: seconds for a connection, TLS included
        proxy: URL of a proxy; None goes by the environment
        transport: an httpx transport instead of sockets

    Raises:
        ConfigurationError: the proxy is none
    """

    def __init__(
        self,
        base: str,
        *,
        verify: bool,
        ca_path: str | None,
        timeout: float,
        connect_timeout: float,
        proxy: str | None,
        transport: Transport | None,
    ) -> None:
        self.timeout = timeout
        self.connect_timeout = connect_timeout
        self.transport: Transport | None = transport
        self._base = base
        self._verify, self._ca_path = verify, ca_path
        self._proxy: Any = None
        if proxy is not None:
            from threecx_xapi._transport.environment import given_proxy

            self._proxy = given_proxy(proxy, "proxy")

    def make(self, kind: Callable[..., Http]) -> Http:
        """An httpx client.

        Parameters:
            kind: its class

        Raises:
            ConfigurationError: CA certificates or a proxy cannot be used
        """
        from threecx_xapi._transport import wire
        from threecx_xapi._transport.environment import environment_proxy
        from threecx_xapi._transport.sockets import bound

        if self._proxy is None and self.transport is None:
            self._proxy = environment_proxy(self._base)
        options = wire.options(self._base, verify=self._verify, ca_path=self._ca_path, proxy=self._proxy)
        try:
            made = kind(transport=self.transport, **options)
        except ImportError:
            named = (
                f"{self._proxy.source} names the SOCKS proxy {self._proxy.name}, which"
                if self._proxy
                else "A SOCKS proxy"
            )
            problem = f"{named} needs one more package: pip install 'httpx[socks]'."
        except (ValueError, httpx.InvalidURL):  # whose message may repeat a proxy's password
            problem = f"{self._proxy.source if self._proxy else 'The proxy'} names a proxy that cannot be used."
        else:
            bound(made)
            return made
        raise ConfigurationError(f"{problem} Nothing was sent.")

    def failure(self, error: Exception, step: Any) -> XapiError:
        """An exception of httpx in our words.

        Parameters:
            error: what httpx raised
            step: what was to be sent
        """
        from threecx_xapi._transport import wire

        return wire.translate(error, step, self.timeout, self.connect_timeout, self._proxy)


class LoopClients:
    """The httpx clients of an async client, by process and event loop: a connection belongs to the loop that opened it.

    Parameters:
        make: makes one
    """

    def __init__(self, make: Callable[[], httpx.AsyncClient]) -> None:
        self._make = make
        self._kept: dict[int, tuple[int, asyncio.AbstractEventLoop | None, httpx.AsyncClient]] = {}

    def current(self) -> httpx.AsyncClient:
        """The one of the running loop, made when it is first asked for."""
        loop = _running()
        self._forget_closed()
        key = id(loop)
        kept = self._kept.get(key)
        if kept is None or kept[0] != os.getpid() or kept[1] is not loop:
            kept = self._kept[key] = (os.getpid(), loop, self._make())  # no other task can come between: no await
        return kept[2]

    async def aclose(self) -> None:
        """Close those of this process whose loop is still there; the sockets of a closed loop are closed already."""
        import asyncio

        here = _running()
        self._forget_closed()
        while self._kept:
            _, (pid, loop, http) = self._kept.popitem()
            if pid != os.getpid():
                continue
            if loop is here or loop is None:
                await http.aclose()
            elif loop.is_running():
                closing = asyncio.run_coroutine_threadsafe(http.aclose(), loop)
                with contextlib.suppress(Exception):
                    await asyncio.wrap_future(closing)

    def _forget_closed(self) -> None:
        for key, (_, loop, _http) in list(self._kept.items()):
            if loop is not None and loop.is_closed():
                self._kept.pop(key, None)


def _running() -> asyncio.AbstractEventLoop | None:
    """The running asyncio loop; None where something else runs, such as trio."""
    import asyncio  # the sync side does not need it

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
