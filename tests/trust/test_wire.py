"""Secret and token are sent only to the configured host, whatever it answers. Tested on real sockets.

The second server belongs to an attacker, to whom a hostile PBX tries to redirect them.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient, paging
from threecx_xapi.errors import ConfigurationError, SignInFailed, UnexpectedAnswer, XapiError

from pbx_as_code.engine import connection as _client
from pbx_simulator import SimulatedPbx
from tests.trust.tasks import run, task_options

ONCE = RetryPolicy(attempts=1)


class Listener:
    """Takes connections, keeps all that is sent to it, and answers each in the same way."""

    def __init__(self, answer: bytes) -> None:
        self.received = b""
        self.connections = 0
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                one, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with one:
                one.settimeout(5)
                try:
                    self.received += one.recv(65536)
                    one.sendall(self._answer)
                except OSError:
                    continue

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listen() -> Iterator[Callable[[bytes], Listener]]:
    made: list[Listener] = []

    def make(answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") -> Listener:
        made.append(Listener(answer))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(autouse=True)
def _private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("THREECX_REQUEST_TIMEOUT", "10")
    yield
    _client.forget()


def access(pbx: SimulatedPbx) -> dict[str, Any]:
    return {"host": pbx.url, "client_id": pbx.client_id, "client_secret": pbx.client_secret}


def both(options: dict[str, Any], method: str, path: str, **how: Any) -> list[XapiError]:
    """Return the errors of the sync and the async client."""
    raised = []
    with XapiClient(**options, retry=ONCE) as client, pytest.raises(XapiError) as caught:
        client.request(method, path, **how)
    raised.append(caught.value)

    async def main() -> None:
        async with AsyncXapiClient(**options, retry=ONCE) as client:
            await client.request(method, path, **how)

    with pytest.raises(XapiError) as caught:
        asyncio.run(main())
    return [*raised, caught.value]


def places(pbx: SimulatedPbx, elsewhere: Listener) -> dict[str, str]:
    """Targets of a redirect: another host, port or scheme, and another path of the same host."""
    return {
        "another host": f"http://localhost:{elsewhere.port}/xapi/v1/Users",
        "another port": f"http://127.0.0.1:{elsewhere.port}/xapi/v1/Users",
        "another scheme": f"https://127.0.0.1:{elsewhere.port}/xapi/v1/Users",
        "whoever": f"//127.0.0.1:{elsewhere.port}/xapi/v1/Users",
        "with a user": f"http://{pbx.url[7:]}@127.0.0.1:{elsewhere.port}/",
        "another path": "/xapi/v1/Groups",
    }


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_no_redirection_is_followed(
    pbx: SimulatedPbx, listen: Callable[..., Listener], status: int, method: str
) -> None:
    elsewhere = listen()
    for name, location in places(pbx, elsewhere).items():
        pbx.clear_log()
        pbx.fail("/xapi/v1/Users", status=status, times=2, headers={"Location": location}, body="")
        for error in both(access(pbx), method, "/Users", **({} if method in ("GET", "DELETE") else {"json": {}})):
            assert isinstance(error, UnexpectedAnswer), name
            assert "Redirects are not followed" in error.message
        assert [one.path for one in pbx.requests if one.path.startswith("/xapi")] == ["/xapi/v1/Users"] * 2
    assert elsewhere.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("way", ["client", "person"])
def test_no_redirection_of_the_sign_in_is_followed(
    pbx: SimulatedPbx, listen: Callable[..., Listener], status: int, way: str
) -> None:
    elsewhere = listen()
    options: dict[str, Any] = access(pbx)
    if way == "person":
        options = {"host": pbx.url, "username": pbx.username, "password": pbx.password}
    for location in places(pbx, elsewhere).values():
        pbx.clear_log()
        pbx.fail("/connect/token|/webclient/.*", status=status, times=2, headers={"Location": location}, body="")
        for error in both(options, "GET", "/Users"):
            assert isinstance(error, SignInFailed)
        assert len(pbx.requests) == 2
    assert elsewhere.connections == 0


@pytest.mark.parametrize("where", ["another host", "another port", "another scheme", "whoever", "with a user"])
def test_a_next_link_leads_nowhere_else(pbx: SimulatedPbx, listen: Callable[..., Listener], where: str) -> None:
    elsewhere = listen()
    page = {"value": [{"Id": 1}], "@odata.nextLink": places(pbx, elsewhere)[where]}
    pbx.fail("/xapi/v1/Users", status=200, times=1, body=json.dumps(page), headers={"Content-Type": "application/json"})
    with XapiClient(**access(pbx), retry=ONCE) as client, pytest.raises(XapiError):
        list(paging.iterate(client, "/Users"))
    assert elsewhere.connections == 0


def test_a_task_says_so_in_one_sentence(pbx: SimulatedPbx, listen: Callable[..., Listener]) -> None:
    elsewhere = listen()
    pbx.fail("/xapi/v1/Fax", status=307, headers={"Location": f"http://127.0.0.1:{elsewhere.port}/"}, body="")
    failed = run("fax", number="800", state="absent", **task_options(access(pbx)))
    assert f"redirects to http://127.0.0.1:{elsewhere.port}" in failed.data["msg"]
    assert elsewhere.connections == 0


def test_a_proxy_gets_nothing_but_a_connect(listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy is spoken to in the clear; what is for the PBX goes through it by TLS, or not at all."""
    proxy = listen(b"HTTP/1.1 200 Connection established\r\n\r\n")
    secret, token = "Zq7-secret", "Zq7-token"
    ways: tuple[dict[str, Any], ...] = (
        {"client_id": "900", "client_secret": secret},
        {"access_token": token},
        {"username": "1", "password": secret},
    )
    for options in ways:
        for named in (True, False):
            if named:
                given = {**options, "proxy": f"http://127.0.0.1:{proxy.port}"}
            else:
                given = options
                monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            with XapiClient("pbx.example.com", port=5001, retry=ONCE, timeout=10, **given) as client:
                with pytest.raises(XapiError) as caught:
                    client.request("POST", "/Users", json={"AuthPassword": secret})
                assert not isinstance(caught.value, ConfigurationError)
            monkeypatch.delenv("HTTPS_PROXY", raising=False)
    assert proxy.connections == 6
    assert proxy.received.count(b"CONNECT pbx.example.com:5001 HTTP/1.1\r\n") == 6
    assert b"Zq7" not in proxy.received
    assert b"uthorization" not in proxy.received


@pytest.mark.parametrize("host", ["{}", "HTTPS://{}"])
def test_http_is_not_fallen_back_to(listen: Callable[..., Listener], host: str) -> None:
    """A name without a scheme is https; a server that speaks http alone learns nothing but the beginning of TLS."""
    plain = listen()
    for error in both({"host": host.format(f"127.0.0.1:{plain.port}"), "access_token": "Zq7-token"}, "GET", "/Users"):
        assert "TLS" in error.message
    assert plain.received[:2] == b"\x16\x03", "a TLS handshake"
    assert b"Zq7" not in plain.received
    assert b"GET" not in plain.received


@pytest.mark.parametrize("host", ["ftp://{}", "ws://{}", "file:///etc/passwd", "http:/{}", "{}/http://x", "u:p@{}"])
def test_what_is_no_pbx_is_refused(pbx: SimulatedPbx, host: str) -> None:
    failed = run(
        "fax", number="1", **{**task_options(access(pbx)), "host": host.format(pbx.url.removeprefix("http://"))}
    )
    assert failed.data["failed"]
    assert "Nothing was sent" in failed.data["msg"]
    assert pbx.requests == []


def test_http_by_name(pbx: SimulatedPbx) -> None:
    assert pbx.url.startswith("http://")
    assert run("fax", number="none", state="absent", **task_options(access(pbx))).data == {"changed": False}


def test_cookies_are_not_kept(pbx: SimulatedPbx) -> None:
    """A cookie of a person's sign-in would be a second way in."""
    cookie = {"Set-Cookie": "session=Zq7; Path=/", "Content-Type": "application/json"}
    pbx.fail("/xapi/v1/Users", status=200, headers=cookie, body='{"value": []}')
    with XapiClient(**access(pbx)) as client:
        for _ in range(3):
            client.request("GET", "/Users")
    assert len(pbx.requests) == 4
    assert not [one for one in pbx.requests if "cookie" in one.headers]


def test_what_the_libraries_log(
    pbx: SimulatedPbx, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything, at the finest level, of httpx, httpcore and whatever else is below."""
    caplog.set_level(logging.DEBUG)
    for name, logger in logging.root.manager.loggerDict.items():
        if name.startswith(("httpcore", "httpx")) and isinstance(logger, logging.Logger):
            monkeypatch.setattr(logger, "disabled", False)  # other tests configure logging in this process
            monkeypatch.setattr(logger, "level", logging.NOTSET)
    with XapiClient(**access(pbx)) as client:
        client.request("GET", "/Users", params={"$top": "1"})
        token = client._session.sign_in.current
        assert token is not None
        client.request("POST", "/Fax", json={"Number": "7901", "AuthPassword": "Zq7-password"})
    assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    for secret in (token.value.reveal(), pbx.client_secret, "Zq7"):
        assert secret not in caplog.text
