"""The environment of the controller: only what concerns the PBX has an effect, and what is wrong is named.

Proxies, hosts and passwords in these tests are invented.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient, errors
from threecx_xapi._transport import wire
from threecx_xapi._transport.environment import _excepted, environment_proxy, shown
from threecx_xapi.preload import preload

from pbx_simulator import SimulatedPbx
from tests.client.listener import Listener, received

ONCE = RetryPolicy(attempts=1)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(wire, "_contexts", {})


@pytest.fixture
def pbx() -> Iterator[SimulatedPbx]:
    with SimulatedPbx() as pbx:
        yield pbx


@pytest.fixture
def dead_port() -> Iterator[int]:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound and not listening: refused for sure
        yield reserved.getsockname()[1]


def fails(host: str, method: str = "POST", **options: object) -> errors.XapiError:
    """Return the error of a failed write, which is the same in both clients."""
    settings = {"access_token": "x", "retry": ONCE, **options}
    with XapiClient(host, **settings) as client, pytest.raises(errors.XapiError) as caught:  # type: ignore[arg-type]
        client.request(method, "/Fax", json={})

    async def main() -> errors.XapiError:
        async with AsyncXapiClient(host, **settings) as client:  # type: ignore[arg-type]
            with pytest.raises(errors.XapiError) as other:
                await client.request(method, "/Fax", json={})
            return other.value

    twin = asyncio.run(main())
    assert (type(twin), twin.message) == (type(caught.value), caught.value.message)
    assert "may have been carried out" not in twin.message
    assert not twin.maybe_processed
    return caught.value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NO_PROXY", "localhost,[::1]"),
        ("NO_PROXY", "[fe80::1%eth0]:8443, http://[::1]/x ,:::,a b,*.,[,/8"),
        ("HTTPS_PROXY", "nonsense://invented"),
        ("ALL_PROXY", ""),
        ("SSL_CERT_FILE", "/not/there.pem"),
        ("SSL_CERT_DIR", "/not/there"),
        ("SSLKEYLOGFILE", "/not/there/keys"),
        ("REQUESTS_CA_BUNDLE", "/not/there.pem"),
        ("CURL_CA_BUNDLE", "/not/there.pem"),
    ],
)
def test_what_does_not_concern_the_pbx_has_no_effect(
    pbx: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
        assert client.request("GET", "/Fax").status == 200
    preload()


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_authorities_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    path = str(tmp_path / "missing")
    monkeypatch.setenv(name, path)
    error = fails("pbx.example.com")
    assert isinstance(error, errors.ConfigurationError)
    assert f"{name} names CA certificates at {path}" in error.message
    assert "Nothing was sent" in error.message


def test_authorities_of_the_environment_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    with SimulatedPbx(tls=True) as pbx:
        monkeypatch.setenv("SSL_CERT_FILE", str(pbx.ca_path))
        with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
            assert client.request("GET", "/Fax").status == 200
        monkeypatch.setenv("SSL_CERT_FILE", "/not/there.pem")
        for options in ({"verify": False}, {"ca_path": pbx.ca_path}):
            with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, **options) as client:
                assert client.request("GET", "/Fax").status == 200


def test_a_key_log_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/not/there/keys")
    assert "SSLKEYLOGFILE is '/not/there/keys', which cannot be written" in fails("pbx.example.com").message


@pytest.mark.parametrize(
    ("name", "value", "host"),
    [
        ("HTTPS_PROXY", "ftp://who:invented@proxy", "pbx.example.com"),
        ("https_proxy", "http://", "pbx.example.com"),
        ("HTTP_PROXY", "http://who:invented@proxy:99999", "http://pbx.example.com"),
        ("ALL_PROXY", "who:invented@proxy:port", "pbx.example.com"),
        ("ALL_PROXY", "socks4://proxy", "http://pbx.example.com"),
    ],
)
def test_a_proxy_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, host: str) -> None:
    monkeypatch.setenv(name, value)
    error = fails(host)
    assert isinstance(error, errors.ConfigurationError)
    assert f"The environment variable {name} is " in error.message
    assert "which is not the URL of a proxy" in error.message
    assert "invented" not in error.message


@pytest.mark.parametrize("host", ["http://pbx.example.com", "pbx.example.com"])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
def test_a_dead_proxy_is_reported_as_the_proxy(
    monkeypatch: pytest.MonkeyPatch, dead_port: int, host: str, name: str
) -> None:
    name = name if host.startswith("http:") or name == "ALL_PROXY" else "HTTPS_PROXY"
    monkeypatch.setenv(name, f"http://who:invented@127.0.0.1:{dead_port}")
    error = fails(host)
    assert isinstance(error, errors.ConnectFailed)
    assert error.message.startswith(
        f"The proxy http://127.0.0.1:{dead_port} ({name}) on the way to pbx.example.com cannot be"
    )
    assert error.reason.startswith("the proxy cannot be reached")
    assert error.proxy == f"http://127.0.0.1:{dead_port} ({name})"
    assert "invented" not in error.message


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"])
def test_a_proxy_that_does_not_open_the_way(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(answer)
        connection.close()

    with Listener(serve) as listener:
        monkeypatch.setenv("HTTPS_PROXY", listener.url)
        error = fails("pbx.example.com")
    assert isinstance(error, errors.TransportError)
    assert error.sent is False
    assert error.proxy == f"{listener.url} (HTTPS_PROXY)"
    assert "proxy" in error.message
    assert "othing was sent" in error.message


def test_a_proxy_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    with Listener(lambda _: None) as listener:
        monkeypatch.setenv("HTTPS_PROXY", listener.url)
        error = fails("pbx.example.com", timeout=0.1)
    assert isinstance(error, errors.Timeout)
    assert "did not open a tunnel within 0.1 seconds" in error.message
    assert error.sent is False


def test_a_pbx_behind_a_proxy_is_reported_as_the_pbx(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy opens a tunnel to a server that does not speak TLS."""

    def serve(connection: socket.socket) -> None:
        received(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        connection.close()

    with Listener(serve) as listener:
        monkeypatch.setenv("HTTPS_PROXY", listener.url)
        error = fails("pbx.example.com")
    assert isinstance(error, errors.TlsError)
    assert (error.proxy, error.problem) == (None, "plain text")
    assert "No TLS connection to pbx.example.com" in error.message
    assert "plain text, as an http port does" in error.message


def test_https_to_an_http_port_says_so(pbx: SimulatedPbx) -> None:
    error = fails(f"https://127.0.0.1:{pbx.port}")
    assert isinstance(error, errors.TlsError)
    assert "answers in plain text, as an http port does" in error.message
    assert "begins with http://" in error.message
    assert pbx.requests == []


@pytest.mark.parametrize(
    ("listed", "address", "excepted"),
    [
        ("*", "https://pbx.example.com", True),
        ("other,*", "https://pbx.example.com", True),
        ("example.com", "https://pbx.example.com", True),
        (".example.com", "https://pbx.example.com", True),
        ("*.example.com", "https://pbx.example.com", True),
        ("example.com", "https://pbxexample.com", False),
        ("PBX.Example.com", "https://pbx.example.com", True),
        ("pbx.example.com:443", "https://pbx.example.com", True),
        ("pbx.example.com:5001", "https://pbx.example.com", False),
        ("https://pbx.example.com", "https://pbx.example.com", True),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.1.2.3", "https://10.1.2.3:5001", True),
        ("::1", "https://[::1]:5001", True),
        ("[::1]", "https://[::1]", True),
        ("[::1]:5001", "https://[::1]:5001", True),
        ("[::1]:5002", "https://[::1]:5001", False),
        ("fd00::/8", "https://[fd00::7]", True),
        ("localhost,[::1]", "https://localhost", True),
        ("localhost,[::1]", "https://pbx.example.com", False),
        ("", "https://pbx.example.com", False),
        (",, ,[,", "https://pbx.example.com", False),
    ],
)
def test_no_proxy(monkeypatch: pytest.MonkeyPatch, listed: str, address: str, excepted: bool) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", listed)
    found = environment_proxy(address)
    assert (found is None) is excepted
    assert found is None or found.name == "http://proxy.example.com:3128"


def test_a_port_in_no_proxy_is_that_of_the_address() -> None:
    assert _excepted("pbx:80", "http", "pbx", None)
    assert not _excepted("pbx:80", "https", "pbx", None)


def test_credentials_of_a_proxy_are_not_shown() -> None:
    assert shown("http://who:invented@proxy:1") == "http://***@proxy:1"
    assert shown("who:in@vented@proxy") == "***@proxy"
    assert shown("http://proxy") == "http://proxy"
