"""A PBX at the other end of the wire, in memory: it logs every byte that arrives and answers by the book.

Credentials and tokens in these tests are invented.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import httpx
from threecx_xapi import AsyncXapiClient, XapiClient

Make: TypeAlias = Callable[..., XapiClient]
"""Type of the fixture ``make``: creates a client, with credentials and a transport by default."""
MakeAsync: TypeAlias = Callable[..., AsyncXapiClient]
"""Type of the fixture ``make_async``."""


class FakePbx:
    """Fake PBX with one valid token at a time, like a real one. ``answers`` holds its responses below /xapi/v1."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.sign_ins = 0
        self.live: str | None = None
        self.stale = 401  # the status of an answer to a token that has ended
        self.lifetime: dict[str, Any] = {"expires_in": 60}
        self.headers: dict[str, str] = {"X-3CX-Version": "20.0.10.100"}
        self.answers: list[Any] = []
        self.sign_in_answers: list[Any] = []
        self.make_token: Callable[[int], str] = "invented-token-{}".format

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        if not request.url.path.startswith("/xapi/"):
            return self._sign_in(request)
        if request.headers.get("authorization") != f"Bearer {self.live}":
            told = {"error": "unauthorized", "error_description": "no"}
            return httpx.Response(self.stale, headers=self.headers, json=told)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json={"value": []})
        return self._play(answer, request)

    async def async_call(self, request: httpx.Request) -> httpx.Response:
        return self(request)

    def _sign_in(self, request: httpx.Request) -> httpx.Response:
        if self.sign_in_answers and (answer := self.sign_in_answers.pop(0)) is not None:
            return self._play(answer, request)
        self.sign_ins += 1
        self.live = self.make_token(self.sign_ins)
        token = {"token_type": "Bearer", "access_token": self.live, "refresh_token": None, **self.lifetime}
        if request.url.path == "/connect/token":
            return httpx.Response(200, headers=self.headers, json=token)
        return httpx.Response(200, headers=self.headers, json={"Status": "AuthSuccess", "Token": token})

    def _play(self, answer: Any, request: httpx.Request) -> httpx.Response:
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            if not answer.is_stream_consumed:  # one that reads as it goes
                return answer
            return httpx.Response(
                answer.status_code, headers={**self.headers, **answer.headers}, content=answer.content
            )
        return httpx.Response(200, headers=self.headers, json=answer)

    @property
    def calls(self) -> list[httpx.Request]:
        """The requests below /xapi/v1."""
        return [request for request in self.requests if request.url.path.startswith("/xapi/")]

    @property
    def lines(self) -> list[str]:
        """Method and target of each call, as on the wire, without /xapi/v1."""
        return [f"{call.method} {call.url.raw_path.decode().removeprefix('/xapi/v1')}" for call in self.calls]

    def body(self, index: int = -1) -> Any:
        return json.loads(self.calls[index].content)
