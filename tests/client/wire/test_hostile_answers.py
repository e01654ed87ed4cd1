"""Any response to a request or a sign-in leads to a result or to one of the client's exceptions.

No exception contains a secret, and no other server receives the token.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient, iterate, iterate_async, with_response
from threecx_xapi.errors import XapiError
from threecx_xapi.models import Fax, User

from tests.client.hostile import SECRET, TOKEN, check, responses
from tests.client.listener import Listener, received
from tests.figures import record
from tests.profiles import tries

ONCE = RetryPolicy(attempts=1)
USER = {
    "@odata.context": "x",
    "@odata.etag": 'W/"1"',
    "Id": 38,
    "Number": "100",
    "Groups": [{"Id": 1, "GroupId": 2, "Rights": {"RoleName": "users"}}],
    "ForwardingProfiles": [{"Id": 1, "Name": "Available"}],
}
PAGE = {"value": [USER, USER], "@odata.count": 2, "@odata.nextLink": "https://pbx.example.com/xapi/v1/Users?$skip=2"}
GRANT = {"token_type": "Bearer", "expires_in": 60, "access_token": TOKEN, "refresh_token": None}
LOGIN = {"Status": "AuthSuccess", "Token": GRANT}
ERROR = {
    "error": {
        "code": "",
        "message": "Number:\nWARNINGS.XAPI.ALREADY_IN_USE",
        "details": [{"message": "x", "target": "Number"}],
    }
}
LIST_OF_ALL = [PAGE, USER, ERROR, GRANT, {"value": "x"}, [], "x", None, 3]


@pytest.fixture(scope="module", autouse=True)
def _private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One token cache for all examples: hypothesis runs each test many times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        patch.setenv("NO_PROXY", "*")
        yield


@pytest.fixture
def runtime_dir(tmp_path: Path) -> Path:
    """Replace the fixture of the other tests, which would create a folder for each example."""
    return tmp_path


CALLS: dict[str, Callable[[XapiClient], object]] = {
    "get": lambda client: client.users.get(38).to_dict(),
    "list": lambda client: list(client.users.list()),
    "create": lambda client: client.fax.create(Fax(number="800")).to_dict(),
    "update": lambda client: client.users.update(38, User(number="100")),
    "delete": lambda client: client.fax.delete(7, if_match='W/"1"'),
    "delete by name": lambda client: client.backups.delete("a.zip"),
    "download": lambda client: with_response(client.recordings.download)(7).filename,
    "download to a file": lambda client: client.download(
        "/Recordings/Pbx.DownloadRecording(recId=7)", io.BytesIO()
    ).filename,
    "rows": lambda client: list(itertools.islice(iterate(client, "/Users"), 50)),
    "rows ahead": lambda client: list(
        itertools.islice(iterate(client, "/Users", page_size=2, concurrency=2, key="Id"), 50)
    ),
    "typed rows": lambda client: [row.to_dict() for row in itertools.islice(client.users.iterate(), 50)],
    "raw": lambda client: (lambda reply: (reply.etag, reply.filename, reply.request_id, reply.json()))(
        client.request("GET", "/Users")
    ),
}


class Hostile:
    """Answers what it is given, again and again the last of it, and looks who gets the token."""

    def __init__(self, answers: list[httpx.Response]) -> None:
        self._answers = answers
        self._n = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        assert request.url.host == "pbx.example.com"
        assert request.url.scheme == "https"
        assert "cookie" not in request.headers
        answer = self._answers[min(self._n, len(self._answers) - 1)]
        self._n += 1
        assert self._n < 200, "it goes round and round"
        return httpx.Response(answer.status_code, headers=answer.headers, stream=answer.stream)

    async def later(self, request: httpx.Request) -> httpx.Response:
        return self(request)


def outcome(action: Callable[[], object], *secrets: str) -> None:
    record("hostile inputs given to the client")
    try:
        action()
    except XapiError as error:
        check(error, secrets or (TOKEN,))


@pytest.mark.parametrize("call", CALLS)
@tries(30)
@given(st.data())
def test_every_call(call: str, data: st.DataObject) -> None:
    answers = [data.draw(responses(data.draw(st.sampled_from(LIST_OF_ALL)))) for _ in range(3)]
    with XapiClient(
        "pbx.example.com", access_token=TOKEN, retry=ONCE, transport=httpx.MockTransport(Hostile(answers))
    ) as client:
        outcome(lambda: CALLS[call](client))


@tries(50)
@given(st.data())
def test_async(data: st.DataObject) -> None:
    answers = [data.draw(responses(data.draw(st.sampled_from(LIST_OF_ALL)))) for _ in range(3)]

    async def main() -> None:
        transport = httpx.MockTransport(Hostile(answers).later)
        async with AsyncXapiClient("pbx.example.com", access_token=TOKEN, retry=ONCE, transport=transport) as client:
            async for _ in iterate_async(client, "/Users", page_size=2, concurrency=2, key="Id"):
                pass

    outcome(lambda: asyncio.run(main()))


@pytest.mark.parametrize("who", ["principal", "person"])
@tries(75)
@given(st.data())
def test_the_sign_in(who: str, data: st.DataObject) -> None:
    answers = [data.draw(responses(GRANT if who == "principal" else LOGIN)), data.draw(responses(USER))]
    given: dict[str, Any] = (
        {"client_id": "900", "client_secret": SECRET} if who == "principal" else {"username": "100", "password": SECRET}
    )
    with XapiClient(
        "pbx.example.com", retry=ONCE, token_cache=False, transport=httpx.MockTransport(Hostile(answers)), **given
    ) as client:
        outcome(lambda: client.request("GET", "/Users").json(), SECRET)


NEXT_LINKS = st.one_of(
    st.text(max_size=30),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "http:", "https:", "HTTPS:", "ftp:", "javascript:", "\\\\", "\t"]),
        st.sampled_from(["", "//", "///", "/", "\\"]),
        st.sampled_from(
            [
                "",
                "pbx.example.com",
                "pbx.example.com:443",
                "pbx.example.com@evil.example",
                "evil.example",
                "[::1]",
                "pbx.example.com.",
                "pbx.example.com\\@evil.example",
            ]
        ),
        st.sampled_from(
            [
                "",
                "/xapi/v1/Users?$skip=2",
                "/xapi/v1/%2e%2e/x",
                "/xapi/v1/../connect/token",
                "/Users",
                "?x",
                "#x",
                "/xapi/v1/Users\r\nX: y",
            ]
        ),
    ),
)


@tries(150)
@given(st.lists(NEXT_LINKS, min_size=1, max_size=4))
def test_next_links(links: list[str]) -> None:
    """To wherever they lead: the token stays with the PBX, below its API, and it ends."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        assert (request.url.scheme, request.url.host, request.url.port) == ("https", "pbx.example.com", None)
        assert request.url.path.startswith("/xapi/v1/")
        assert ".." not in request.url.path.split("/")
        link = links[len(asked) - 1] if len(asked) <= len(links) else None
        return httpx.Response(200, json={"value": [{"Id": len(asked)}], "@odata.nextLink": link})

    with XapiClient("pbx.example.com", access_token=TOKEN, retry=ONCE, transport=httpx.MockTransport(answer)) as client:
        outcome(lambda: list(iterate(client, "/Users")))
    assert len(asked) <= len(links) + 1


def test_a_next_link_that_grows() -> None:
    """Relative to itself it is a new one each time."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"value": [{"Id": 1}], "@odata.nextLink": "x" * 500 + "/Users"})

    with XapiClient("pbx.example.com", access_token=TOKEN, retry=ONCE, transport=httpx.MockTransport(answer)) as client:
        outcome(lambda: list(iterate(client, "/Users")))
    assert len(asked) < 30


GOOD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"%x\r\n%s\r\n0\r\n\r\n" % (len(json.dumps(PAGE)), json.dumps(PAGE).encode())
)
PIECES = [
    b"HTTP/1.1 100 Continue\r\n\r\n" * 3,
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    b"HTTP/9.9 200 OK\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nabcde",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n folded: 1\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nX-Echo: " + TOKEN.encode() + b"\r\n\r\n{}",
    b"\x16\x03\x01\x02\x00",
    b"",
]


@st.composite
def wires(draw: st.DrawFn) -> bytes:
    """The bytes of an answer, damaged."""
    content = draw(st.sampled_from([GOOD, GOOD, *PIECES]))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, min(len(content), 400)))
        content = content[:at] + draw(st.binary(max_size=6)) + content[at + draw(st.integers(0, 6)) :]
    return content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content


@tries(75)
@given(wires(), st.sampled_from(["GET", "POST"]))
def test_bytes_on_the_wire(content: bytes, method: str) -> None:
    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            received(connection)
            connection.sendall(content)
        connection.close()

    with Listener(serve) as listener, XapiClient(listener.url, access_token=TOKEN, retry=ONCE, timeout=5) as client:
        outcome(lambda: client.request(method, "/Users").json())
