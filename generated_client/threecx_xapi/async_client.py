"""The async client."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import IO, TYPE_CHECKING, Self

import httpx

from ._request.connector import LoopClients
from ._request.session import target_of
from ._request.steps import Answer, Flow, Outcome, Pause, Send
from ._resources import AsyncResources
from ._unset import UNSET, Unset
from .client import _FAILURES, _Client
from .errors import XapiError

if TYPE_CHECKING:
    from types import TracebackType

    from .reply import Reply


class AsyncXapiClient(_Client[httpx.AsyncBaseTransport], AsyncResources):
    """The configuration API of one PBX, async: asyncio, and whatever else httpx runs on.

    An async context manager; may be used by many tasks at once, and from several event loops: each loop has separate
    connections.
    """

    @cached_property
    def _clients(self) -> LoopClients:
        return LoopClients(lambda: self._connector.make(httpx.AsyncClient))

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = UNSET,
        headers: Mapping[str, str] | None = None,
        limit: int | None | Unset = UNSET,
        idempotent: bool | None = None,
    ) -> Reply:
        """One request below /xapi/v1; see :meth:`XapiClient.request`."""
        flow = self._call(method, path, params, json, headers, limit, idempotent)
        del json
        return await self._drive(flow)

    async def download(
        self,
        path: str,
        into: IO[bytes],
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Fetch a file of whatever size; see :meth:`XapiClient.download`. The file itself is
        written in the event loop.
        """
        from ._transport.body import file_errors

        flow = self._fetch("GET", target_of(path, params or {}), headers=headers, limit=None, into=into)
        with file_errors():
            return await self._drive(flow)

    async def aclose(self) -> None:
        """Close the connections of this process; the client cannot be used again."""
        self._closed = True
        await self._clients.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _sleep(self, seconds: float) -> None:
        import anyio  # httpx's async side needs it anyway; the sync side does not

        await anyio.sleep(seconds)

    async def _drive(self, flow: Flow) -> Reply:
        outcome: Outcome = None
        try:
            while True:
                step = flow.send(outcome)
                outcome = None
                if isinstance(step, Pause):
                    await self._sleep(step.seconds)
                else:
                    outcome = await self._send(step)
        except StopIteration as done:
            reply: Reply = done.value
            return reply
        finally:
            flow.close()

    async def _send(self, step: Send) -> Answer | XapiError:
        from ._transport.exchange import exchange_async

        try:
            http = self._clients.current()
            return await exchange_async(http, step, self._connector.timeout, self._connector.connect_timeout)
        except _FAILURES as error:
            return self._connector.failure(error, step)
