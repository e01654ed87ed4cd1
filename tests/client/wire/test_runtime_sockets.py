"""Below HTTP: names that do not resolve, connections with more in them than was asked for, answers without an end."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient, errors
from threecx_xapi.deadline import time_limit

from tests.client.listener import Listener, received
from tests.trust.certificates import issue

ONCE = RetryPolicy(attempts=1)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A name server that does not answer until it is told to."""
    answers = threading.Event()

    def never(*_: Any, **__: Any) -> Any:
        answers.wait(60)
        raise socket.gaierror("too late")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    yield answers
    answers.set()


def test_a_name_server_that_hangs_keeps_the_deadline(hanging: threading.Event) -> None:
    with (
        XapiClient("pbx.example.com", access_token="x") as client,
        time_limit(0.2),
        pytest.raises(errors.DeadlineExceeded) as caught,
    ):
        client.request("POST", "/Fax", json={})
    assert (caught.value.sent, caught.value.maybe_processed) == (False, False)
    assert not hanging.is_set()


def test_a_name_server_that_hangs_is_told_from_a_pbx_that_does(hanging: threading.Event) -> None:
    with (
        XapiClient("pbx.example.com", access_token="x", retry=ONCE, connect_timeout=0.1) as client,
        pytest.raises(errors.Timeout, match=r"The name of pbx\.example\.com was not resolved within 0\.1 seconds"),
    ):
        client.request("POST", "/Fax", json={})


def test_an_event_loop_does_not_wait_for_the_name_server(hanging: threading.Event) -> None:
    async def main() -> None:
        async with AsyncXapiClient("pbx.example.com", access_token="x", retry=ONCE, connect_timeout=0.1) as client:
            with pytest.raises(errors.Timeout, match="was not resolved within"):
                await client.request("POST", "/Fax", json={})
            with time_limit(0.05), pytest.raises(errors.DeadlineExceeded):
                await client.request("POST", "/Fax", json={})

    asyncio.run(main())  # ends although the resolver's thread does not
    assert not hanging.is_set()


def answering(_connection: socket.socket) -> None:
    received(_connection)
    _connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


def twice_answering(server: socket.socket) -> None:
    for _ in range(2):
        answering(server.accept()[0])


def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a name with an IPv6 address where nobody listens."""
    original = socket.getaddrinfo

    def two(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host != "pbx.example.com":
            return original(host, port, *args, **options)
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("127.0.0.1", port)), (*kind, ("127.0.0.2", port))]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=twice_answering, args=(server,), daemon=True).start()
        with XapiClient("http://pbx.example.com", port=port, access_token="x", retry=ONCE) as client:
            assert client.request("GET", "/Fax").json() == {}

        async def main() -> Any:
            async with AsyncXapiClient("http://pbx.example.com", port=port, access_token="x", retry=ONCE) as client:
                return (await client.request("GET", "/Fax")).json()

        assert asyncio.run(main()) == {}


def test_a_handshake_that_hangs_is_told_from_a_firewall() -> None:
    with (
        Listener(lambda _: None) as listener,
        XapiClient("127.0.0.1", port=listener.port, access_token="x", retry=ONCE, connect_timeout=0.1) as client,
        pytest.raises(
            errors.Timeout, match="accepted a connection, but did not finish the TLS handshake within 0.1"
        ) as caught,
    ):
        client.request("POST", "/Fax", json={})
    assert caught.value.sent is False


def test_ten_seconds_to_connect_and_thirty_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float | None] = []

    def refused(_address: Any, timeout: float | None = None, **_: Any) -> Any:
        asked.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", refused)
    cases: list[tuple[dict[str, Any], int]] = [({}, 10), ({"timeout": 3}, 3), ({"connect_timeout": 20}, 20)]
    for options, expected in cases:
        with (
            XapiClient("192.0.2.1", access_token="x", retry=ONCE, deadline=None, **options) as client,
            pytest.raises(errors.Timeout, match=f"did not accept a connection within {expected} seconds"),
        ):
            client.request("GET", "/Fax")
    assert asked == [10, 3, 20]


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_connect_timeout_that_cannot_be_meant(seconds: float) -> None:
    with pytest.raises(errors.ConfigurationError):
        XapiClient("pbx.example.com", access_token="x", connect_timeout=seconds)


def twice(connection: socket.socket) -> None:
    """Answers each request by its number, the first one with an answer that nobody asked for behind it."""
    for number in range(3):
        try:
            received(connection)
        except OSError:
            return
        answer = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"n": %d}'
        connection.sendall(answer % number + (answer % 9 if number == 0 else b""))


def test_an_answer_nobody_asked_for_is_not_taken_for_the_next_one() -> None:
    with Listener(
        lambda connection: threading.Thread(target=twice, args=(connection,), daemon=True).start()
    ) as listener:
        with XapiClient(listener.url, access_token="x") as client:
            assert [client.request("GET", "/Fax").json()["n"] for _ in range(3)] == [0, 0, 0]

        async def main() -> list[int]:
            async with AsyncXapiClient(listener.url, access_token="x") as client:
                return [(await client.request("GET", "/Fax")).json()["n"] for _ in range(3)]

        assert asyncio.run(main()) == [0, 0, 0]


def unasked_record(connection: socket.socket, context: ssl.SSLContext) -> None:
    """Answers over TLS, each time with a second answer in a separate record of the same segment."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=True)

    def until(work: Callable[[], Any]) -> Any:
        while True:
            try:
                result = work()
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
                continue
            connection.sendall(outgoing.read())
            return result

    until(tls.do_handshake)
    for number in range(3):
        data = b""
        while b"\r\n\r\n" not in data:
            if not (piece := until(lambda: tls.read(65536))):
                return
            data += piece
        answer = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"n": %d}'
        tls.write(answer % number)
        tls.write(answer % 9)
        connection.sendall(outgoing.read())


def test_an_answer_in_a_separate_record_is_not_taken_for_the_next_one(tmp_path: Path) -> None:
    """Streams that decrypt in memory, as those of asyncio, have read it from the socket already."""
    authority = issue(authority=True)
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    context = issue("127.0.0.1", by=authority).context(tmp_path)
    options: dict[str, Any] = {"access_token": "x", "ca_path": str(tmp_path / "ca.pem"), "retry": ONCE}

    def serve(connection: socket.socket) -> None:
        def answer() -> None:
            with contextlib.suppress(OSError):  # the client has hung up, as it should
                unasked_record(connection, context)

        threading.Thread(target=answer, daemon=True).start()

    with Listener(serve) as listener:
        with XapiClient("127.0.0.1", port=listener.port, **options) as client:
            assert [client.request("GET", "/Fax").json()["n"] for _ in range(3)] == [0, 0, 0]

        async def main() -> list[int]:
            async with AsyncXapiClient("127.0.0.1", port=listener.port, **options) as client:
                return [(await client.request("GET", "/Fax")).json()["n"] for _ in range(3)]

        assert asyncio.run(main()) == [0, 0, 0]


@pytest.mark.parametrize("header", [b"Transfer-Encoding: chunked", b"Content-Length: 5"])
def test_the_body_of_an_answer_that_has_none_is_not_taken_for_the_next_answer(header: bytes) -> None:
    """Some proxies announce a body with status 204, and send it a moment later."""

    def serve(connection: socket.socket) -> None:
        def answer() -> None:
            try:
                received(connection)
                connection.sendall(b"HTTP/1.1 204 No Content\r\n" + header + b"\r\n\r\n")
                received(connection)
                connection.sendall(b"0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
            except OSError:
                return

        threading.Thread(target=answer, daemon=True).start()

    with Listener(serve) as listener:
        with XapiClient(listener.url, access_token="x", retry=ONCE) as client:
            assert [client.request("POST", "/Fax", json={}).status for _ in range(3)] == [204] * 3

        async def main() -> list[int]:
            async with AsyncXapiClient(listener.url, access_token="x", retry=ONCE) as client:
                return [(await client.request("POST", "/Fax", json={})).status for _ in range(3)]

        assert asyncio.run(main()) == [204] * 3


def keeping_open(answer: bytes, connections: list[socket.socket]) -> Any:
    """Give every request the same answer, and keep each connection open.

    Parameters:
        answer: all bytes of it
        connections: takes each connection that was opened
    """

    def serve(connection: socket.socket) -> None:
        connections.append(connection)

        def serve_all() -> None:
            try:
                while True:
                    received(connection)
                    connection.sendall(answer)
            except OSError:
                return

        threading.Thread(target=serve_all, daemon=True).start()

    return serve


def test_a_connection_is_kept_after_an_answer_without_a_body() -> None:
    connections: list[socket.socket] = []
    serve = keeping_open(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", connections)
    with Listener(serve) as listener, XapiClient(listener.url, access_token="x", retry=ONCE) as client:
        assert [client.request("POST", "/Fax", json={}).status for _ in range(3)] == [204] * 3
        assert len(connections) == 1


ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\nRIFF, and then the proxy gave up"


def ending(answer: bytes) -> Any:
    def serve(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(answer)
        connection.close()

    return serve


PATH = "/Recordings/Pbx.DownloadRecording(recId=1)"


def test_a_download_without_a_length_is_not_taken_for_whole() -> None:
    with Listener(ending(ENDLESS)) as listener:
        with (
            XapiClient(listener.url, access_token="x") as client,
            pytest.raises(errors.UnexpectedAnswer, match="it may be incomplete"),
        ):
            client.download(PATH, io.BytesIO())

        async def main() -> None:
            async with AsyncXapiClient(listener.url, access_token="x") as client:
                with pytest.raises(errors.UnexpectedAnswer, match="it may be incomplete"):
                    await client.download(PATH, io.BytesIO())

        asyncio.run(main())


def test_what_is_read_into_memory_is_held_to_the_same() -> None:
    with (
        Listener(ending(ENDLESS)) as listener,
        XapiClient(listener.url, access_token="x") as client,
        pytest.raises(errors.UnexpectedAnswer, match="it may be incomplete"),
    ):
        client.request("GET", PATH)


@pytest.mark.parametrize(
    ("head", "body", "problem"),
    [
        (b"200 OK\r\nContent-Type: text/html; charset=utf-8", b"<title>Sign in</title>", "web page"),
        (b"206 Partial Content\r\nContent-Range: bytes 0-3/9", b"RIFF", "part of the file"),
        (b"204 No Content", b"", "contains no file"),
    ],
)
def test_what_is_no_file_is_not_taken_for_one(head: bytes, body: bytes, problem: str) -> None:
    length = b"" if head.startswith(b"204") else b"\r\nContent-Length: %d" % len(body)
    with (
        Listener(ending(b"HTTP/1.1 " + head + length + b"\r\nConnection: close\r\n\r\n" + body)) as listener,
        XapiClient(listener.url, access_token="x", retry=ONCE) as client,
    ):
        with pytest.raises(errors.UnexpectedAnswer, match=problem):
            client.download(PATH, io.BytesIO())
        with pytest.raises(errors.UnexpectedAnswer, match=problem):
            client.recordings.download(1)

        async def main() -> None:
            async with AsyncXapiClient(listener.url, access_token="x", retry=ONCE) as client:
                with pytest.raises(errors.UnexpectedAnswer, match=problem):
                    await client.download(PATH, io.BytesIO())

        asyncio.run(main())


def test_a_web_page_with_a_name_is_a_file() -> None:
    head = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename="a.html"\r\n'
    with (
        Listener(ending(head + b"Content-Length: 6\r\n\r\n<html>")) as listener,
        XapiClient(listener.url, access_token="x", retry=ONCE) as client,
    ):
        assert client.recordings.download(1) == b"<html>"


def test_json_tells_its_own_end() -> None:
    answer = b'HTTP/1.1 200 OK\r\n\r\n {"value": []}'
    with Listener(ending(answer)) as listener, XapiClient(listener.url, access_token="x") as client:
        assert client.request("GET", "/Fax").json() == {"value": []}


def test_one_async_client_in_several_event_loops() -> None:
    with Listener(keeping_open(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", [])) as listener:
        client = AsyncXapiClient(listener.url, access_token="x", retry=ONCE)

        async def ask() -> int:
            replies = await asyncio.gather(*(client.request("GET", "/Fax") for _ in range(3)))
            return sum(reply.status for reply in replies)

        assert [asyncio.run(ask()) for _ in range(3)] == [600] * 3  # one loop after the other
        results: list[int] = []
        together = threading.Barrier(2)

        async def stay() -> None:
            results.append(await ask())
            together.wait(30)

        workers = [threading.Thread(target=lambda: asyncio.run(stay())) for _ in range(2)]  # two at the same time
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert results == [600, 600]

        async def close() -> None:
            assert await ask() == 600
            await client.aclose()

        asyncio.run(close())
        with pytest.raises(errors.ConfigurationError, match="closed"):
            asyncio.run(ask())
