"""The fixtures of the client's tests: a fake PBX, and clients that talk to it.

Credentials and tokens in these tests are invented.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient

from tests.client.fake_pbx import FakePbx, Make, MakeAsync

SECRET = "invented-secret-Zq7"  # not a real one


@pytest.fixture(autouse=True)
def runtime_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test its own folder for shared tokens."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr("threecx_xapi._token_store.store._refused", {})
    monkeypatch.setattr("threecx_xapi._token_store.notes._memory", {})
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
def make(fake: FakePbx) -> Iterator[Make]:
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
def make_async(fake: FakePbx) -> MakeAsync:
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
