"""Sockets: TLS with private and unknown certificates, proxies, timeouts, resets, and addresses where nobody is."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient
from threecx_xapi._transport import wire
from threecx_xapi.errors import ConfigurationError, ConnectFailed, Timeout, TlsError, TransportError, XapiError

from pbx_simulator import SimulatedPbx
from tests.client.listener import Listener, received

ONCE = RetryPolicy(attempts=1)


@pytest.fixture(scope="module")
def pbx() -> Iterator[SimulatedPbx]:
    with SimulatedPbx(tls=True) as pbx:
        yield pbx


@pytest.fixture(autouse=True)
def fresh_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_contexts", {})


def client_of(pbx: SimulatedPbx, **options: Any) -> XapiClient:
    return XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, **{"retry": ONCE, **options})


def test_a_private_ca(pbx: SimulatedPbx, tmp_path: Path) -> None:
    assert pbx.url.startswith("https://")
    assert pbx.ca_path is not None
    with client_of(pbx, ca_path=pbx.ca_path) as client:
        assert client.request("GET", "/Users").status == 200

    async def main() -> int:
        async with AsyncXapiClient(
            pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, ca_path=pbx.ca_path
        ) as client:
            return (await client.request("GET", "/Users")).status

    assert asyncio.run(main()) == 200


def test_an_unknown_certificate_is_refused(pbx: SimulatedPbx) -> None:
    pbx.clear_log()
    with client_of(pbx, retry=RetryPolicy()) as client, pytest.raises(TlsError) as caught:
        client.request("GET", "/Users")
    error = caught.value
    assert "is not trusted" in str(error)
    assert "ca_path" in str(error)
    assert str(pbx.port) in str(error)
    assert error.sent is False
    assert pbx.requests == []

    async def main() -> None:
        async with AsyncXapiClient(pbx.url, access_token="invented") as client:
            await client.request("GET", "/Users")

    with pytest.raises(TlsError, match="is not trusted"):
        asyncio.run(main())


def test_the_check_can_be_switched_off(pbx: SimulatedPbx) -> None:
    with client_of(pbx, verify=False) as client:
        assert client.request("GET", "/Users").status == 200


def test_a_name_the_certificate_does_not_have(pbx: SimulatedPbx) -> None:
    with (
        XapiClient("127.0.0.2", port=pbx.port, access_token="x", ca_path=pbx.ca_path, retry=ONCE) as client,
        pytest.raises(XapiError) as caught,
    ):
        client.request("GET", "/Users")
    assert isinstance(caught.value, TlsError | ConnectFailed)  # some systems have no 127.0.0.2


@pytest.mark.parametrize(
    ("make_file", "words"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.write_text("nonsense"), "no certificate in PEM form"),
        (lambda path: path.write_text(""), "no certificate in PEM form"),
    ],
)
def test_a_ca_file_that_is_none(
    pbx: SimulatedPbx, tmp_path: Path, make_file: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "ca.pem"
    make_file(path)
    with client_of(pbx, ca_path=str(path)) as client, pytest.raises(ConfigurationError, match=words) as caught:
        client.request("GET", "/Users")
    assert str(path) in str(caught.value)


def test_one_tls_context_per_process(pbx: SimulatedPbx, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[bool, str | None]] = []
    original = wire._tls_context

    def noted(verify: bool, ca_path: str | None) -> ssl.SSLContext:
        made.append((verify, ca_path))
        return original(verify, ca_path)

    monkeypatch.setattr(wire, "_tls_context", noted)
    for _ in range(3):
        with client_of(pbx, ca_path=pbx.ca_path) as client:
            assert made == [] or len(made) == 1
            client.request("GET", "/Users")
    with client_of(pbx, verify=False) as client:
        client.request("GET", "/Users")
    assert made == [(True, pbx.ca_path), (False, None)]


def test_https_to_a_port_that_speaks_http() -> None:
    with SimulatedPbx() as plain:
        with (
            XapiClient("127.0.0.1", port=plain.port, access_token="x", retry=ONCE) as client,
            pytest.raises(TlsError, match="5001"),
        ):
            client.request("GET", "/Users")
        assert plain.requests == []


def test_http_to_a_port_that_speaks_https(pbx: SimulatedPbx) -> None:
    with (
        XapiClient(f"http://127.0.0.1:{pbx.port}", access_token="x", retry=ONCE) as client,
        pytest.raises(XapiError) as caught,
    ):
        client.request("GET", "/Users")
    assert isinstance(caught.value, TransportError)


def test_nobody_listens() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound and not listening: refused for sure
        port = reserved.getsockname()[1]
        with XapiClient("127.0.0.1", port=port, access_token="x", retry=ONCE) as client:
            with pytest.raises(ConnectFailed, match="nothing listens") as caught:
                client.request("DELETE", "/Fax(1)")
            assert caught.value.sent is False
            assert f"127.0.0.1:{port}" in str(caught.value)

        async def main() -> None:
            async with AsyncXapiClient("127.0.0.1", port=port, access_token="x", retry=ONCE) as client:
                await client.request("DELETE", "/Fax(1)")

        with pytest.raises(ConnectFailed, match="cannot be reached"):
            asyncio.run(main())


def test_a_name_nobody_knows() -> None:
    with (
        XapiClient("pbx.invalid", access_token="x", retry=ONCE) as client,
        pytest.raises(ConnectFailed, match=r"pbx\.invalid cannot be reached"),
    ):
        client.request("GET", "/Users")


def test_no_answer_in_time() -> None:
    with (
        Listener(lambda connection: None) as listener,
        XapiClient(listener.url, access_token="x", retry=ONCE, timeout=0.05) as client,
        pytest.raises(Timeout, match=r"was not answered within 0\.05 seconds") as caught,
    ):
        client.request("DELETE", "/Fax(1)")
    assert caught.value.sent is True
    assert "check before you repeat it" in str(caught.value)


def test_a_connection_cut_after_a_write_is_not_repeated() -> None:
    arrived = []

    def serve(connection: socket.socket) -> None:
        arrived.append(received(connection))
        connection.close()

    with (
        Listener(serve) as listener,
        XapiClient(listener.url, access_token="x") as client,
        pytest.raises(TransportError) as caught,
    ):
        client.request("POST", "/Users", json={})
    assert caught.value.sent is None
    assert len(arrived) == 1


def test_a_body_cut_off() -> None:
    def serve(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        connection.close()

    with (
        Listener(serve) as listener,
        XapiClient(listener.url, access_token="x", retry=ONCE) as client,
        pytest.raises(TransportError),
    ):
        client.request("GET", "/Users")


def test_what_is_not_http() -> None:
    def serve(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"220 smtp.example.com ESMTP\r\n\r\n")
        connection.close()

    with (
        Listener(serve) as listener,
        XapiClient(listener.url, access_token="x", retry=ONCE) as client,
        pytest.raises(TransportError, match="not HTTP"),
    ):
        client.request("GET", "/Users")


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 99\r\n\r\n{",
        b"Transfer-Encoding: chunked\r\n\r\n9\r\n{",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ],
    ids=["length", "within a chunk", "without the last chunk"],
)
def test_an_answer_that_breaks_off(head: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head)
        connection.close()

    with (
        Listener(serve) as listener,
        XapiClient(listener.url, access_token="x", retry=ONCE) as client,
        pytest.raises(TransportError, match="closed the connection in the middle of its answer"),
    ):
        client.request("GET", "/Users")


def test_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        arrived.append(received(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        connection.close()

    with Listener(serve) as listener:
        with XapiClient(
            "http://pbx.example.com", access_token="x", proxy=listener.url.replace("//", "//who:invented@")
        ) as client:
            assert client.request("GET", "/Users").json() == {}
        assert arrived[0].startswith(b"GET http://pbx.example.com/xapi/v1/Users HTTP/1.1\r\n")
        assert b"Proxy-Authorization: Basic " in arrived[0]
        # and by the environment
        monkeypatch.delenv("NO_PROXY")
        monkeypatch.setenv("HTTP_PROXY", listener.url)
        with XapiClient("http://pbx2.example.com", access_token="x") as client:
            assert client.request("GET", "/Users").json() == {}
        assert arrived[1].startswith(b"GET http://pbx2.example.com/xapi/v1/Users HTTP/1.1\r\n")


def test_a_proxy_that_refuses() -> None:
    def serve(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        connection.close()

    with Listener(serve) as listener:
        proxy = listener.url.replace("//", "//who:invented@")
        with (
            XapiClient("pbx.example.com", access_token="x", proxy=proxy, retry=ONCE) as client,
            pytest.raises(ConnectFailed, match="proxy") as caught,
        ):
            client.request("GET", "/Users")
    assert "invented" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["nonsense", "ftp://who:invented@proxy"])
def test_a_proxy_that_is_none(proxy: str) -> None:
    with pytest.raises(ConfigurationError, match="proxy") as caught:
        XapiClient("pbx.example.com", access_token="x", proxy=proxy)
    assert "invented" not in str(caught.value)


def no_socks(*_args: object, **_options: object) -> None:
    raise ImportError("Using SOCKS proxy, but the 'socksio' package is not installed.")


def bad_environment(*_args: object, **_options: object) -> None:
    raise ValueError("Proxy protocol must be either 'http', ...: who:invented@proxy")


@pytest.mark.parametrize(("raised", "words"), [(no_socks, "SOCKS"), (bad_environment, "proxy that cannot be used")])
def test_a_proxy_that_httpx_cannot_use(monkeypatch: pytest.MonkeyPatch, raised: Any, words: str) -> None:
    monkeypatch.setattr(httpx, "Client", raised)
    monkeypatch.setattr(httpx, "AsyncClient", raised)
    with (
        XapiClient("pbx.example.com", access_token="x") as client,
        pytest.raises(ConfigurationError, match=words) as caught,
    ):
        client.request("GET", "/Users")
    assert "invented" not in str(caught.value)
    assert caught.value.__context__ is None

    async def main() -> None:
        async with AsyncXapiClient("pbx.example.com", access_token="x") as client:
            await client.request("GET", "/Users")

    with pytest.raises(ConfigurationError, match=words):
        asyncio.run(main())


def test_a_socks_proxy_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "socks5://who:invented@127.0.0.1:9")
    monkeypatch.setattr(httpx, "Client", no_socks)
    with (
        XapiClient("http://pbx.example.com", access_token="x") as client,
        pytest.raises(ConfigurationError) as caught,
    ):
        client.request("GET", "/Users")
    assert "ALL_PROXY names the SOCKS proxy socks5://127.0.0.1:9" in str(caught.value)
    assert "invented" not in str(caught.value)


def test_plain_text_sent_to_a_port_of_https_is_told(pbx: SimulatedPbx) -> None:
    """Such a port hangs up, which many things do: the sign-in, sent first, says what it may be."""
    plain = pbx.url.replace("https:", "http:")
    with (
        XapiClient(plain, client_id="900", client_secret="invented", retry=ONCE) as client,
        pytest.raises(TransportError, match="give an address that begins with https://"),
    ):
        client.request("GET", "/Users")


def test_closing_closes_the_connections(pbx: SimulatedPbx) -> None:
    with client_of(pbx, ca_path=pbx.ca_path) as client:
        client.request("GET", "/Users")
        http = client._http()
    assert isinstance(http, httpx.Client)
    assert http.is_closed
