"""An answer may be as large as it likes: no more of it is read than was agreed."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gzip
import io
import socket
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient
from threecx_xapi.errors import ServerError, UnexpectedAnswer, XapiError
from threecx_xapi.paging import iterate, iterate_async, iterate_values

from tests.client.fake_pbx import FakePbx, Make, MakeAsync
from tests.client.listener import Listener, received

ONCE = RetryPolicy(attempts=1)
MIB = 1 << 20
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@functools.cache
def bomb(size: int) -> bytes:
    """So many spaces, gzipped: one byte for a thousand."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(b" " * MIB) for _ in range(size // MIB)), packer.flush()])


def send(head: bytes, piece: bytes, times: int) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the client closes the connection at its limit
            received(connection)
            connection.sendall(head)
            for _ in range(times):
                connection.sendall(piece)
            connection.close()

    return serve


def send_bomb(connection: socket.socket) -> None:
    """Send 300 MiB, packed; they are packed when a test needs them, since it takes a second."""
    packed = bomb(300 * MIB)
    send(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed), packed, 1)(connection)


HUGE = {
    "announced": send(OK + b"Content-Length: 209715200\r\n\r\n", b" " * MIB, 200),
    "a number beyond all": send(OK + b"Content-Length: " + b"9" * 19 + b"\r\n\r\n", b" " * MIB, 200),
    "chunked": send(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"100000\r\n" + b" " * MIB + b"\r\n", 200),
    "until the end": send(OK + b"Connection: close\r\n\r\n", b" " * MIB, 200),
    "packed": send_bomb,
}


def ask(kind: str, url: str, method: str = "GET", **options: Any) -> None:
    given: dict[str, Any] = {"access_token": "invented", "retry": ONCE, **options}
    body: Any = {"json": {}} if method == "POST" else {}

    async def main() -> None:
        async with AsyncXapiClient(url, **given) as client:
            await client.request(method, "/Users", **body)

    if kind == "async":
        asyncio.run(main())
        return
    with XapiClient(url, **given) as client:
        client.request(method, "/Users", **body)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("what", HUGE)
def test_two_hundred_megabytes_and_more(kind: str, what: str) -> None:
    with Listener(HUGE[what]) as listener:
        tracemalloc.start()
        try:
            with pytest.raises(UnexpectedAnswer, match=r"larger than 4 MiB.*max_answer"):
                ask(kind, listener.url, max_answer=4 * MIB)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 14 * MIB


def test_by_default_too(make: Make, fake: FakePbx) -> None:
    fake.answers = [httpx.Response(200, content=b" " * (32 * MIB + 1))]
    with pytest.raises(UnexpectedAnswer, match="larger than 32 MiB"):
        make().request("GET", "/Users")


def test_a_write_with_such_an_answer_was_accepted() -> None:
    with (
        Listener(HUGE["announced"]) as listener,
        pytest.raises(UnexpectedAnswer, match="was accepted: check its effect before you repeat it"),
    ):
        ask("sync", listener.url, "POST")


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_error_is_an_error_however_long_it_is(kind: str) -> None:
    head = b"HTTP/1.1 500 Oh\r\nContent-Length: 209715200\r\n\r\n"
    with Listener(send(head, b"<title>Broken</title>" + b" " * MIB, 200)) as listener:
        with pytest.raises(ServerError, match="Broken") as caught:
            ask(kind, listener.url)
        assert caught.value.status == 500


def two_members(data: bytes) -> bytes:
    return gzip.compress(data[:700]) + gzip.compress(data[700:])


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
@pytest.mark.parametrize(
    "encoding", ["", "gzip", "x-gzip", "two members of gzip", "deflate", "raw deflate", "identity"]
)
def test_to_the_byte(make: Make, fake: FakePbx, size: int, fits: bool, encoding: str) -> None:
    plain = b'"' + b"x" * (size - 2) + b'"'
    packers: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "x-gzip": gzip.compress,
        "two members of gzip": two_members,
        "deflate": zlib.compress,
        "raw deflate": lambda data: zlib.compress(data)[2:-4],
    }
    packed = packers.get(encoding, bytes)(plain)
    headers = {"Content-Encoding": encoding.split()[-1]} if encoding else {}
    fake.answers = [lambda _: httpx.Response(200, headers=headers, stream=httpx.ByteStream(packed))] * 2
    client = make(max_answer=1000)
    if fits:
        assert client.request("GET", "/Users").json() == "x" * (size - 2)
    else:
        with pytest.raises(UnexpectedAnswer, match="larger"):
            client.request("GET", "/Users")
    assert client.request("GET", "/Users", limit=None).content == plain


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "\xff"])
def test_only_what_was_asked_for_is_unpacked(make: Make, fake: FakePbx, encoding: str) -> None:
    headers = [(b"Content-Encoding", encoding.encode("latin-1"))]
    fake.answers = [lambda _: httpx.Response(200, headers=headers, stream=httpx.ByteStream(b"{}"))]
    with pytest.raises(UnexpectedAnswer, match="cannot be decompressed"):
        make().request("GET", "/Users")
    assert fake.calls[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("cut", [1, 10, 11, 500])
@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_packed_and_cut_off(make: Make, fake: FakePbx, pack: Callable[[bytes], bytes], cut: int) -> None:
    packed = pack(bytes(range(256)) * 40)
    encoding = "gzip" if pack is gzip.compress else "deflate"
    fake.answers = [
        lambda _: httpx.Response(
            200, headers={"Content-Encoding": encoding}, stream=httpx.ByteStream(packed[: len(packed) - cut])
        )
    ]
    with pytest.raises(UnexpectedAnswer, match="cannot be decompressed"):
        make().request("GET", "/Users")


def test_a_generated_download_may_be_larger(make: Make, fake: FakePbx) -> None:
    fake.answers = [httpx.Response(200, content=b"RIFF" * 1000)] * 2
    assert len(make(max_answer=1000).recordings.download(7)) == 4000
    with pytest.raises(UnexpectedAnswer):
        make(max_answer=1000).request("GET", "/Recordings")


class Piecemeal(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces, and may break off."""

    def __init__(self, pieces: list[bytes], error: Exception | None = None) -> None:
        self.pieces, self.error = pieces, error

    def __iter__(self) -> Any:
        yield from self.pieces
        if self.error is not None:
            raise self.error

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_file_of_any_size(make: Make, make_async: MakeAsync, fake: FakePbx, naps: list[float], kind: str) -> None:
    """After an interruption, the download starts again at the position where the file was opened."""
    pieces = [bytes([n]) * 1000 for n in range(200)]
    headers = {"Content-Disposition": 'attachment; filename="one.wav"'}
    fake.answers = [
        lambda _: httpx.Response(200, headers=headers, stream=Piecemeal(pieces[:50], httpx.ReadError("cut"))),
        lambda _: httpx.Response(401),
        lambda _: httpx.Response(200, headers=headers, stream=Piecemeal(pieces)),
    ]
    file = io.BytesIO(b"before")
    file.seek(0, io.SEEK_END)

    async def main() -> Any:
        async with make_async(max_answer=1000) as client:
            return await client.download("/Recordings/Pbx.DownloadRecording(recId=7)", file)

    if kind == "async":
        reply = asyncio.run(main())
    else:
        reply = make(max_answer=1000).download("/Recordings/Pbx.DownloadRecording(recId=7)", file)
    assert file.getvalue() == b"before" + b"".join(pieces)
    assert (reply.content, reply.filename) == (b"", "one.wav")


def test_an_error_is_not_written_to_the_file(make: Make, fake: FakePbx) -> None:
    file = io.BytesIO()
    fake.answers = [httpx.Response(404, json={"error": {"message": "not here"}})]
    with pytest.raises(XapiError, match="not here"):
        make().download("/Recordings/Pbx.DownloadRecording(recId=7)", file)
    assert file.getvalue() == b""


def test_a_full_disk_is_not_the_pbxs_fault(make: Make, fake: FakePbx) -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(28, "No space left on device")

    fake.answers = [httpx.Response(200, content=b"RIFF")] * 9
    with pytest.raises(OSError, match="No space left") as caught:
        make().download("/Recordings/Pbx.DownloadRecording(recId=7)", Full())
    assert not isinstance(caught.value, XapiError)
    assert len(fake.calls) == 1


def endless(request: httpx.Request) -> httpx.Response:
    """A page of a list that never ends: a hundred rows that nobody has seen, and a link to the next page."""
    query = dict(request.url.params)
    begin = int(query.get("$skiptoken", query.get("$skip", 0)))
    rows = [{"Id": number, "Text": "x" * 1000} for number in range(begin, begin + 100)]
    link = {} if query.get("$orderby") else {"@odata.nextLink": f"Users?$skiptoken={begin + 100}"}
    return httpx.Response(200, json={"value": rows, **link})


@pytest.mark.parametrize("way", ["rows", "values", "several", "async", "several async"])
def test_a_list_that_never_ends(make: Make, make_async: MakeAsync, fake: FakePbx, way: str) -> None:
    fake.answers = [endless] * 200

    async def main(concurrency: int) -> None:
        async with make_async() as client:
            async for _ in iterate_async(client, "/Users", concurrency=concurrency, key="Id", max_bytes=MIB):
                pass

    def read() -> None:
        concurrency = 4 if "several" in way else 1
        if way == "values":
            list(iterate_values(make(), "/Users", max_bytes=MIB))
        elif "async" in way:
            asyncio.run(main(concurrency))
        else:
            list(iterate(make(), "/Users", concurrency=concurrency, key="Id", max_bytes=MIB))

    with pytest.raises(UnexpectedAnswer, match=r"the list is larger than 1 MiB.*ask for less"):
        read()
    assert len(fake.calls) < 40


def test_a_list_may_be_as_large_as_that(make: Make, fake: FakePbx) -> None:
    body = b'{"value": [{"Id": 1}]}'
    fake.answers = [httpx.Response(200, content=body)] * 2
    assert len(list(iterate(make(), "/Users", max_bytes=len(body)))) == 1
    with pytest.raises(UnexpectedAnswer):
        list(iterate(make(), "/Users", max_bytes=len(body) - 1))
