"""The ASGI application: sign-in, the service, the control endpoints; around them the log and the faults."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .auth import SignIn
from .control import Control
from .faults import Fault, Faults, Gate
from .log import LoggedRequest
from .service import Service

CONTROL = "/_simulator"
Abort = Callable[[Scope], None]


class Endpoint:
    """The service as an ASGI endpoint: whole body in, whole answer out."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        host = headers.get("host") or "localhost"
        reply = self._service.answer(
            scope["method"],
            scope["raw_path"],
            scope["query_string"],
            headers,
            await _body(receive),
            f"{scope['scheme']}://{host}",
        )
        content, given = reply.encoded()
        fields = [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in given.items()]
        if reply.status != 204:
            fields.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": fields})
        await send({"type": "http.response.body", "body": content if scope["method"] != "HEAD" else b""})


class Fork:
    """The service for everything below its root, the framework's router for the rest.

    The router matches decoded paths, and none that has a line break in a key; the service reads the raw one.
    """

    def __init__(self, service: Endpoint, others: ASGIApp) -> None:
        self._service = service
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        below = (scope["raw_path"] + b"/").startswith(b"/xapi/v1/")
        await (self._service if below else self._others)(scope, receive, send)


class Wire:
    """What stands before everything else: every request is logged and may meet a fault."""

    def __init__(self, app: ASGIApp, requests: list[LoggedRequest], faults: Faults, abort: Abort) -> None:
        self._app = app
        self._requests = requests
        self._faults = faults
        self._abort = abort

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["raw_path"].decode("ascii", "replace")
        if path.startswith(CONTROL + "/"):
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        logged = LoggedRequest(
            scope["method"], path, scope["query_string"].decode("ascii", "replace"), _headers(scope), body
        )
        self._requests.append(logged)
        fault = self._faults.take(scope["method"], path)

        async def replay() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def record(message: Message) -> None:
            if message["type"] == "http.response.start":
                logged.status = message["status"]
            await send(message)

        if fault is None:
            await self._app(scope, replay, record)
        else:
            await self._suffer(fault, scope, replay, record, receive)

    async def _suffer(self, fault: Fault, scope: Scope, replay: Receive, record: Send, receive: Receive) -> None:
        if isinstance(fault.delay, Gate):
            await fault.delay.pass_through()
        elif fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.disconnect:
            if fault.disconnect == "after":
                await self._app(scope, replay, _swallow)
            self._abort(scope)
            # The server would answer 500 to an application that returns without a word; wait until it knows.
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        out = _dripping(record, fault.drip) if fault.drip is not None else record
        if fault.status is None:
            await self._app(scope, replay, out)
            return
        status, headers, body = fault.answer()
        fields = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
        fields.append((b"content-length", str(len(body)).encode()))
        await out({"type": "http.response.start", "status": status, "headers": fields})
        await out({"type": "http.response.body", "body": body})


def build(
    service: Service, sign_in: SignIn, control: Control, requests: list[LoggedRequest], faults: Faults, abort: Abort
) -> Wire:
    """Put the application together."""
    routes = [
        Route("/connect/token", sign_in.token, methods=["POST"]),
        Route("/webclient/api/Login/GetAccessToken", sign_in.person, methods=["POST"]),
        Mount(CONTROL, routes=control.routes()),
    ]
    return Wire(Fork(Endpoint(service), Starlette(routes=routes)), requests, faults, abort)


def _headers(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


async def _swallow(_: Message) -> None:
    """Processed, and nobody hears of it."""


def _dripping(send: Send, pause: float) -> Send:
    async def drip(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message.get("body", b"")
        with contextlib.suppress(OSError):
            for position in range(len(body)):
                await send({"type": "http.response.body", "body": body[position : position + 1], "more_body": True})
                await asyncio.sleep(pause)
            await send({"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)})

    return drip
