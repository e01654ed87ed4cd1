"""A PBX at the other end of the wire, in memory: it logs every byte that arrives and answers by the book.

Credentials and tokens in these tests are invented.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient

SECRET = "invented-secret-Zq7"  # not a real one


class FakePbx:
    """One live token at a time, as the real one; ``answers`` says what it answers below /xapi/v1."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.sign_ins = 0
        self.live: str | None = None
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
            return httpx.Response(401, headers=self.headers, json={"error": "unauthorized", "error_description": "no"})
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


@pytest.fixture(autouse=True)
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Shared tokens of a test live in a folder of its own."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("NO_PROXY", "*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    return folder / "threecx-xapi"


@pytest.fixture
def fake() -> FakePbx:
    return FakePbx()


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody sleeps: the pauses are noted."""
    noted: list[float] = []

    async def nap(_self: object, seconds: float) -> None:
        noted.append(seconds)

    monkeypatch.setattr(XapiClient, "_sleep", staticmethod(noted.append))
    monkeypatch.setattr(AsyncXapiClient, "_sleep", nap)
    return noted


@pytest.fixture
def make(fake: FakePbx) -> Iterator[Callable[..., XapiClient]]:
    """Clients of the fake PBX."""
    made: list[XapiClient] = []

    def client(host: str = "pbx.example.com", **options: Any) -> XapiClient:
        if not options.keys() & {"username", "access_token", "auth", "client_id"}:
            options |= {"client_id": "900", "client_secret": SECRET}
        options.setdefault("transport", httpx.MockTransport(fake))
        made.append(XapiClient(host, **options))
        return made[-1]

    yield client
    for one in made:
        one.close()


@pytest.fixture
def make_async(fake: FakePbx) -> Callable[..., AsyncXapiClient]:
    def client(host: str = "pbx.example.com", **options: Any) -> AsyncXapiClient:
        if not options.keys() & {"username", "access_token", "auth", "client_id"}:
            options |= {"client_id": "900", "client_secret": SECRET}
        options.setdefault("transport", httpx.MockTransport(fake.async_call))
        return AsyncXapiClient(host, **options)

    return client


@pytest.fixture
def once() -> RetryPolicy:
    """No second attempts."""
    return RetryPolicy(attempts=1)
