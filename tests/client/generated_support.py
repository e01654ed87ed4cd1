"""A PBX that answers what it is told and keeps what it was sent, for the tests of the generated client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient

NEVER_AGAIN = RetryPolicy(attempts=1)


class Wire:
    """Answers every request alike; `requests` is what came."""

    def __init__(
        self,
        json: object = None,
        *,
        status: int = 200,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.requests: list[httpx.Request] = []
        self.status = status
        self.answer: dict[str, Any] = (
            {"json": json} if content is None and status != 204 else {"content": content or b""}
        )
        self.headers = headers or {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, headers=self.headers, **self.answer)

    @property
    def client(self) -> XapiClient:
        """A client that has a token and talks to this."""
        return XapiClient("pbx.example.com", transport=httpx.MockTransport(self), **_SIGNED_IN)

    @property
    def async_client(self) -> AsyncXapiClient:
        """The same, async."""
        return AsyncXapiClient("pbx.example.com", transport=httpx.MockTransport(self), **_SIGNED_IN)

    @property
    def line(self) -> str:
        """Method and target of the last request as they were on the wire."""
        request = self.requests[-1]
        return f"{request.method} {request.url.raw_path.decode('ascii')}"


# The token is invented.
_SIGNED_IN: Any = {"access_token": "invented-token", "token_cache": False, "retry": NEVER_AGAIN}
