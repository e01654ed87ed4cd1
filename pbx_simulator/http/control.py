"""The control endpoints below /_simulator/: what a test does from Python, for other processes. No token."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from pbx_simulator.seeds.seed import SeedError

from .log import LoggedRequest


class Controlled(Protocol):
    """Objects that the endpoints change. Everything runs in the server's thread."""

    log: list[LoggedRequest]

    def sign_in_count(self) -> int: ...
    def drop_tokens(self) -> None: ...
    def switch_on(self, **fault: Any) -> None: ...
    def follow(self, faults: dict[str, Any]) -> None: ...
    def told(self) -> list[dict[str, Any]]: ...
    def trait_names(self) -> list[str]: ...
    def take_on(self, names: list[str]) -> None: ...
    def leave(self, seconds: float, spared: Scope) -> None: ...
    def start_over(self) -> None: ...
    def stored(self, name: str) -> list[dict[str, Any]]: ...
    def store_row(self, name: str, row: Any) -> dict[str, Any]: ...
    def drop_row(self, name: str, key: Any) -> bool: ...


class Control:
    """The endpoints over one simulated PBX."""

    def __init__(self, pbx: Controlled) -> None:
        self._pbx = pbx

    def routes(self) -> list[Route]:
        """The routes, relative to /_simulator."""
        return [
            Route("/requests", self._requests, methods=["GET", "DELETE"]),
            Route("/writes", self._writes, methods=["GET"]),
            Route("/sign-ins", self._sign_ins, methods=["GET"]),
            Route("/revoke", self._revoke, methods=["POST"]),
            Route("/fail", self._fail, methods=["POST"]),
            Route("/faults", self._faults, methods=["GET", "PUT", "DELETE"]),
            Route("/traits", self._traits, methods=["GET", "PUT"]),
            Route("/away", self._away, methods=["POST"]),
            Route("/reset", self._reset, methods=["POST"]),
            Route("/entities/{name}", self._entities, methods=["GET", "POST", "DELETE"]),
        ]

    async def _requests(self, request: Request) -> Response:
        """GET: every logged request; DELETE: forget them."""
        if request.method == "DELETE":
            self._pbx.log.clear()
            return Response(status_code=204)
        return JSONResponse([logged.as_json() for logged in self._pbx.log])

    async def _writes(self, _: Request) -> Response:
        return JSONResponse([logged.as_json() for logged in self._pbx.log if logged.is_write])

    async def _sign_ins(self, _: Request) -> Response:
        return JSONResponse({"count": self._pbx.sign_in_count()})

    async def _revoke(self, _: Request) -> Response:
        self._pbx.drop_tokens()
        return Response(status_code=204)

    async def _fail(self, request: Request) -> Response:
        """The arguments of SimulatedPbx.fail as an object; `path` is the regular expression."""
        return await _with_body(request, lambda body: self._pbx.switch_on(**body))

    async def _faults(self, request: Request) -> Response:
        """GET: the faults that are switched on; PUT: go by this plan, as JSON; DELETE: by none."""
        if request.method == "GET":
            return JSONResponse(self._pbx.told())
        if request.method == "PUT":
            return await _with_body(request, lambda body: self._pbx.follow(_object(body)))
        self._pbx.follow({})
        return Response(status_code=204)

    async def _traits(self, request: Request) -> Response:
        """GET: the names of its traits; PUT: have the traits of this list from now on, names of sets included."""
        if request.method == "GET":
            return JSONResponse(self._pbx.trait_names())
        return await _with_body(request, lambda body: self._pbx.take_on(_names(body)))

    async def _away(self, request: Request) -> Response:
        """Refuse connections for {"seconds": ...}; this is the last answer before."""
        answer = await _with_body(request, lambda body: self._pbx.leave(_seconds(body), request.scope))
        answer.headers["connection"] = "close"
        return answer

    async def _reset(self, _: Request) -> Response:
        self._pbx.start_over()
        return Response(status_code=204)

    async def _entities(self, request: Request) -> Response:
        """GET: the rows as stored; POST: put one there; DELETE ?key=: take one away (the key as JSON)."""
        name = request.path_params["name"]
        try:
            if request.method == "GET":
                return JSONResponse(self._pbx.stored(name))
            if request.method == "POST":
                return await _with_body(request, lambda body: self._pbx.store_row(name, body))
            gone = self._pbx.drop_row(name, _key(request.query_params.get("key", "")))
            return Response(status_code=204 if gone else 404)
        except KeyError:
            return JSONResponse({"error": f"there is no entity set called {name}"}, status_code=404)


def _key(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise TypeError("a plan is an object with faults")
    return body


def _names(body: Any) -> list[str]:
    if not isinstance(body, list) or not all(isinstance(name, str) for name in body):
        raise TypeError("traits are a list of names")
    return body


def _seconds(body: Any) -> float:
    seconds = _object(body).get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 3600:
        raise ValueError("seconds is a number from 0 to 3600")
    return float(seconds)


async def _with_body(request: Request, act: Callable[[Any], Any]) -> Response:
    try:
        result = act(json.loads(await request.body()))
    except (ValueError, TypeError, SeedError) as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    return Response(status_code=204) if result is None else JSONResponse(result)
