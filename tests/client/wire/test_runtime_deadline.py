"""It ends: whatever a server drips, floods or keeps back, sync and async, at the deadline and not before all is said.

The servers here would go on for ten seconds more; what is asserted is how it ended, and that nobody waited for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from contextvars import copy_context
from typing import Any

import httpx
import pytest
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient
from threecx_xapi.deadline import remaining, time_limit
from threecx_xapi.errors import ConfigurationError, DeadlineExceeded, ServerError, Timeout, XapiError

from tests.client.fake_pbx import FakePbx, Make, MakeAsync
from tests.client.listener import Listener, received

SHORT = 0.3  # seconds of a deadline
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


patience_lost = threading.Event()
"""Set where a server has dripped to its end, because nobody hung up."""


def drip(connection: socket.socket, begin: bytes, drop: bytes) -> None:
    """Ten seconds of drops, or until nobody listens any more."""
    waiting = threading.Event()
    with contextlib.suppress(OSError):
        received(connection)
        connection.sendall(begin)
        for _ in range(1000):
            connection.sendall(drop)
            waiting.wait(0.01)
        patience_lost.set()


@pytest.fixture(autouse=True)
def nobody_waits_for_the_end() -> Iterator[None]:
    patience_lost.clear()
    yield
    assert not patience_lost.is_set()


ENDLESS: dict[str, Callable[[socket.socket], None]] = {
    "headers": lambda connection: drip(connection, OK + b"X-Long: ", b"x"),
    "more headers": lambda connection: drip(connection, OK, b"X-One: 1\r\n"),
    "interim answers": lambda connection: drip(connection, b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "a body": lambda connection: drip(connection, OK + b"Content-Length: 1000000\r\n\r\n", b" "),
    "chunks": lambda connection: drip(connection, OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a body without a length": lambda connection: drip(connection, OK + b"Connection: close\r\n\r\n", b" "),
    "the body of an error": lambda connection: drip(
        connection, b"HTTP/1.1 500 Oh\r\nContent-Length: 1000000\r\n\r\n", b" "
    ),
    "nothing": lambda connection: None,
}


def ask(kind: str, url: str, method: str = "GET", **options: Any) -> XapiError:
    """The exception that a request ends with."""
    given: dict[str, Any] = {"access_token": "invented", "deadline": SHORT, "retry": RetryPolicy(attempts=9), **options}

    body: Any = {"json": {}} if method == "POST" else {}

    async def main() -> None:
        async with AsyncXapiClient(url, **given) as client:
            await client.request(method, "/Users", **body)

    def sync() -> None:
        with XapiClient(url, **given) as client:
            client.request(method, "/Users", **body)

    with pytest.raises(XapiError) as caught:
        asyncio.run(main()) if kind == "async" else sync()
    return caught.value


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("what", ENDLESS)
def test_what_never_ends(kind: str, what: str) -> None:
    with Listener(ENDLESS[what]) as listener:
        error = ask(kind, listener.url)
    assert isinstance(error, DeadlineExceeded)
    assert "did not finish within the deadline of 0.3 seconds" in str(error)
    assert "longer deadline" in str(error)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("what", ["headers", "a body"])
def test_a_write_that_is_not_over_may_have_been_carried_out(kind: str, what: str) -> None:
    with Listener(ENDLESS[what]) as listener:
        error = ask(kind, listener.url, "POST")
    assert isinstance(error, DeadlineExceeded)
    assert error.sent is not False
    assert "check before you repeat it" in str(error)
    assert error.signing_in is False


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("what", ENDLESS)
def test_a_sign_in_that_never_ends(kind: str, what: str) -> None:
    with Listener(ENDLESS[what]) as listener:
        error = ask(
            kind,
            listener.url,
            "POST",
            access_token=None,
            client_id="900",
            client_secret="invented-secret",
            token_cache=False,
        )
    assert isinstance(error, DeadlineExceeded)
    assert error.signing_in is True
    assert "invented-secret" not in str(error)


def test_a_handshake_that_never_ends() -> None:
    with Listener(ENDLESS["nothing"]) as listener:
        error = ask("sync", listener.url.replace("http:", "https:"), "POST", verify=False)
    assert isinstance(error, DeadlineExceeded)
    assert error.sent is False
    assert "Nothing was sent" in str(error)


def test_a_silence_shorter_than_the_deadline_is_a_timeout() -> None:
    with Listener(ENDLESS["nothing"]) as listener:
        error = ask("sync", listener.url, deadline=60, timeout=0.05, retry=RetryPolicy(attempts=1))
    assert type(error) is Timeout


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_limit_of_time_around_a_request(kind: str) -> None:
    with Listener(ENDLESS["a body"]) as listener, time_limit(SHORT), time_limit(None), time_limit(3600):
        assert 0 < (remaining() or 0) <= SHORT
        error = ask(kind, listener.url, deadline=None)
    assert isinstance(error, DeadlineExceeded)
    assert "0.3 seconds" in str(error)
    assert remaining() is None


class Clock:
    """A clock that goes on when somebody pauses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.naps: list[float] = []
        monkeypatch.setattr("threecx_xapi.deadline.now", lambda: self.now)
        monkeypatch.setattr(XapiClient, "_sleep", staticmethod(self._nap))

        async def nap(_client: object, seconds: float) -> None:
            self._nap(seconds)

        monkeypatch.setattr(AsyncXapiClient, "_sleep", nap)

    def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_pause_beyond_the_deadline_is_not_begun(
    make: Make, make_async: MakeAsync, fake: FakePbx, clock: Clock, kind: str
) -> None:
    """At the deadline, the client reports the response of the PBX instead of the missing time for a retry."""

    async def main() -> None:
        async with make_async(deadline=100.0) as client:
            await client.request("GET", "/Users")

    fake.answers = [httpx.Response(503, headers={"Retry-After": "40"})] * 9
    with pytest.raises(ServerError, match="asks to wait 40 seconds"):
        asyncio.run(main()) if kind == "async" else make(deadline=100.0).request("GET", "/Users")
    assert len(clock.naps) == 2
    assert sum(clock.naps) < 100


def test_requests_share_a_limit_and_none_is_sent_after_it(make: Make, fake: FakePbx, clock: Clock) -> None:
    client = make()
    with time_limit(10):
        client.request("GET", "/Users")
        clock.now += 11
        with pytest.raises(DeadlineExceeded, match="was not sent: the deadline of 10 seconds has passed") as caught:
            client.request("DELETE", "/Users(1)")
    assert caught.value.sent is False
    assert len(fake.calls) == 1
    client.request("DELETE", "/Users(1)")  # the next task has its own deadline


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_waiting_for_another_workers_sign_in(
    make: Make, make_async: MakeAsync, fake: FakePbx, clock: Clock, kind: str
) -> None:
    """Somebody holds the lock for ever."""
    holder = make()._session.sign_in.store.try_lock()
    assert holder is not None

    async def main() -> None:
        async with make_async(deadline=5.0) as client:
            await client.request("POST", "/Users", json={})

    with pytest.raises(DeadlineExceeded, match="has not finished") as caught:
        asyncio.run(main()) if kind == "async" else make(deadline=5.0).request("POST", "/Users", json={})
    holder.release()
    assert 5 <= sum(clock.naps) < 5.2
    assert (caught.value.sent, caught.value.signing_in) == (False, True)
    assert fake.requests == []


def test_a_refused_sign_in_is_told_from_a_refused_request(make: Make, fake: FakePbx) -> None:
    fake.sign_in_answers = [httpx.Response(500)]
    with pytest.raises(ServerError) as caught:
        make(retry=RetryPolicy(attempts=1)).request("POST", "/Users", json={})
    assert caught.value.signing_in is True
    fake.answers = [httpx.Response(500)]
    with pytest.raises(ServerError) as caught:
        make(retry=RetryPolicy(attempts=1)).request("POST", "/Users", json={})
    assert caught.value.signing_in is False


def test_threads_have_deadlines_of_their_own() -> None:
    """One client, two threads: the one without a limit is not ended by the other's."""
    dripping, answered = threading.Event(), threading.Event()

    def serve(connection: socket.socket) -> None:
        threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        if b"/Slow" in received(connection):
            dripping.set()
            answered.wait(30)
            connection.sendall(OK + b"Content-Length: 2\r\n\r\n{}")
        else:
            with contextlib.suppress(OSError):
                connection.sendall(OK + b"Content-Length: 9\r\n\r\n")
                answered.wait(30)

    with Listener(serve) as listener, XapiClient(listener.url, access_token="invented", deadline=None) as client:
        found: list[int] = []
        slow = threading.Thread(target=lambda: found.append(client.request("GET", "/Slow").status))
        slow.start()
        assert dripping.wait(30)
        with time_limit(SHORT), pytest.raises(DeadlineExceeded):
            client.request("GET", "/Quick")
        answered.set()
        slow.join(30)
    assert found == [200]


@pytest.mark.parametrize(
    "options", [{"deadline": 0}, {"deadline": -1.0}, {"deadline": float("nan")}, {"max_answer": 0}]
)
def test_what_cannot_be_meant(make: Make, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        make(**options)


def test_one_limit_may_be_used_again_and_again() -> None:
    limit = time_limit(60)
    with limit, limit:
        assert remaining() is not None
    assert remaining() is None


def test_threads_may_share_a_limit() -> None:
    limit, inside, left = time_limit(60), threading.Event(), threading.Event()
    seen: list[float | None] = []

    def other() -> None:
        inside.wait(10)
        with limit:
            left.set()
            seen.append(remaining())

    thread = threading.Thread(target=other)
    thread.start()
    with limit:
        inside.set()
        assert left.wait(10)
    thread.join()
    assert seen[0] is not None
    assert remaining() is None


def test_a_limit_may_end_in_another_context() -> None:
    """As that of a generator does, which somebody else closes."""

    def limited() -> Generator[float | None, None, None]:
        with time_limit(60):
            yield remaining()

    generator = limited()
    copy_context().run(next, generator)
    generator.close()
    assert remaining() is None
