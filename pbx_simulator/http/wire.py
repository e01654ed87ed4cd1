"""Entry point of every request: it is logged, and may meet a fault."""

from __future__ import annotations

import asyncio
import math
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pbx_simulator.faults.clock import Clock
from pbx_simulator.faults.fault import Fault, Faults, Gate

from .log import LoggedRequest

CONTROL = "/_simulator"
HEADERS = "simulator.headers"
_CHUNK = 1 << 16
_HEAD, _TAIL = b'{"value":["', b'"]}'


class Line(Protocol):
    """Effects of a fault on the PBX as a whole and on the connection of a request."""

    clock: Clock

    def drop_tokens(self) -> None:
        """Every live token answers 401 from now on."""

    def line_reset(self, scope: Scope) -> None:
        """Reset the connection."""

    def hang_up(self, scope: Scope) -> None:
        """End the connection in order, after what was sent."""

    def leave(self, seconds: float, spared: Scope) -> None:
        """Refuse connections for some seconds, and reset those there are but one."""


class Wire:
    """Every request is logged and may meet a fault."""

    def __init__(self, app: ASGIApp, requests: list[LoggedRequest], faults: Faults, line: Line) -> None:
        self._app = app
        self._requests = requests
        self._faults = faults
        self._line = line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["raw_path"].decode("ascii", "replace")
        if path.startswith(CONTROL + "/"):
            await self._app(scope, receive, send)
            return
        body = await read_body(receive)
        fields = scope[HEADERS] = header_fields(scope)
        logged = LoggedRequest(scope["method"], path, scope["query_string"].decode("ascii", "replace"), fields, body)
        self._requests.append(logged)
        fault = self._faults.take(scope["method"], path)

        async def replay() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def record(message: Message) -> None:
            if message["type"] == "http.response.start":
                logged.status = message["status"]
                date = (b"date", self._line.clock.date().encode())
                message = {**message, "headers": [date, *message.get("headers", ())]}
            await send(message)

        if fault is None:
            logged.processed = True
            await self._app(scope, replay, record)
        else:
            logged.faulty = True
            logged.processed = fault.processed or fault.disconnect == "after" or _as_usual(fault)
            await self._suffer(fault, scope, replay, record, receive)

    async def _suffer(self, fault: Fault, scope: Scope, replay: Receive, record: Send, receive: Receive) -> None:
        line = self._line
        if fault.clock is not None:
            line.clock.offset = fault.clock
        if fault.revoke:
            line.drop_tokens()
        if isinstance(fault.delay, Gate):
            await fault.delay.pass_through()
        elif fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.disconnect:
            if fault.disconnect == "after" or fault.processed:
                await self._app(scope, replay, _swallow)
            line.line_reset(scope)
            if fault.away is not None:
                line.leave(fault.away, scope)
            await _gone(receive)
            return
        out = record
        if fault.away is not None:
            # First nobody listens any more, then comes the answer: who reads it finds nobody.
            line.leave(fault.away, scope)
            out = _last(record)
        if fault.drip is not None:
            out = _dripping(out, fault.drip, receive)
        if fault.size is not None:
            if fault.processed:
                await self._app(scope, replay, _swallow)
            await _pour(fault, out, receive, line.clock)
        else:
            status, headers, body = await self._answered(fault, scope, replay)
            await self._sent(fault, scope, status, headers, body, out, receive)

    async def _answered(self, fault: Fault, scope: Scope, replay: Receive) -> tuple[int, list[tuple[str, str]], bytes]:
        """Answer of the fault, or the PBX's answer with the fault's headers."""
        if fault.status is not None:
            if fault.processed:
                await self._app(scope, replay, _swallow)
            return fault.answer(self._line.clock)
        status, pieces = 200, []
        fields: list[tuple[str, str]] = []

        async def collect(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                fields.extend((name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"])
            else:
                pieces.append(message.get("body", b""))

        await self._app(scope, replay, collect)
        headers = [(name, value) for name, value in fields if name != "content-length"]
        return status, fault.dressed(headers, self._line.clock), b"".join(pieces)

    async def _sent(
        self,
        fault: Fault,
        scope: Scope,
        status: int,
        headers: list[tuple[str, str]],
        body: bytes,
        out: Send,
        receive: Receive,
    ) -> None:
        part = body[: fault.kept(len(body))]
        told = len(part if fault.honest else body)
        if status not in (204, 304):
            headers = [*headers, ("content-length", str(told))]
        await out({"type": "http.response.start", "status": status, "headers": _encoded(headers)})
        if told == len(part) or scope["method"] == "HEAD":
            await out({"type": "http.response.body", "body": part if scope["method"] != "HEAD" else b""})
            return
        await out({"type": "http.response.body", "body": part, "more_body": True})
        self._line.hang_up(scope)
        await _gone(receive)


def header_fields(scope: Scope) -> dict[str, str]:
    """The headers of a request, their names in lower case; those of one name joined."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _as_usual(fault: Fault) -> bool:
    return fault.status is None and fault.size is None and not fault.disconnect


def _encoded(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]


async def _gone(receive: Receive) -> None:
    """The server would answer 500 to an application that returns without a word; wait until it knows."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _swallow(_: Message) -> None:
    """Processed, and nobody hears of it."""


def _last(send: Send) -> Send:
    """The last answer of a connection."""

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await send(message)

    return closing


def _dripping(send: Send, pause: float, receive: Receive) -> Send:
    async def drip(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        gone = asyncio.ensure_future(_gone(receive))
        try:
            for byte in message.get("body", b""):
                await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
                await asyncio.wait([gone], timeout=pause)
                if gone.done():
                    return
            await send({"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)})
        finally:
            gone.cancel()

    return drip


async def _pour(fault: Fault, out: Send, receive: Receive, clock: Clock) -> None:
    """A JSON text of the wanted size, never held as a whole, until it ends or nobody listens."""
    size = fault.size or 0
    headers = fault.dressed([("content-type", "application/json; charset=utf-8")], clock)
    if size != math.inf:
        headers.append(("content-length", str(int(size))))
    await out({"type": "http.response.start", "status": fault.status or 200, "headers": _encoded(headers)})
    gone = asyncio.ensure_future(_gone(receive))
    try:
        left, begun = size, False
        while left > 0 and not gone.done():
            piece = _piece(size, left, begun)
            left, begun = left - len(piece), True
            await out({"type": "http.response.body", "body": piece, "more_body": left > 0})
            await asyncio.sleep(0)  # let the loop notice a closed connection
    finally:
        gone.cancel()


def _piece(size: float, left: float, begun: bool) -> bytes:
    if size < len(_HEAD) + len(_TAIL):
        return b" " * int(left)
    if not begun:
        return _HEAD
    if left <= len(_TAIL):
        return _TAIL[-int(left) :]
    return b"x" * int(min(_CHUNK, left - len(_TAIL)))
