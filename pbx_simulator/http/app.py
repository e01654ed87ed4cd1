"""The ASGI application: sign-in, the service, the control endpoints; around them the log and the faults."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from pbx_simulator.faults.fault import Faults

from .auth import SignIn
from .control import Control
from .guard import Guard
from .log import LoggedRequest
from .service import Service
from .wire import CONTROL, HEADERS, Line, Wire, read_body


class Endpoint:
    """The service as an ASGI endpoint: whole body in, whole answer out."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = scope[HEADERS]
        host = headers.get("host") or "localhost"
        reply = self._service.answer(
            scope["method"],
            scope["raw_path"],
            scope["query_string"],
            headers,
            await read_body(receive),
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


def build(
    service: Service,
    sign_in: SignIn,
    control: Control,
    requests: list[LoggedRequest],
    faults: Faults,
    line: Line,
    host: str,
) -> Wire:
    """Put the application together. host: the address it listens on."""
    routes = [
        Route("/connect/token", sign_in.token, methods=["POST"]),
        Route("/webclient/api/Login/GetAccessToken", sign_in.person, methods=["POST"]),
        Mount(CONTROL, app=Guard(Router(control.routes()), host)),
    ]
    return Wire(Fork(Endpoint(service), Starlette(routes=routes)), requests, faults, line)
