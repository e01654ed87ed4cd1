"""Everything below /xapi/v1: read the request, find its operation, let it happen, encode the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pbx_simulator.behaviours import calls, entities
from pbx_simulator.errors import Refusal, no_such_resource
from pbx_simulator.model.document import Json
from pbx_simulator.model.routes import Operation, Routes
from pbx_simulator.odata import metadata, query, urls
from pbx_simulator.state.store import Store
from pbx_simulator.traits import requests, rights

from .exchange import Call, Reply, Rules
from .tokens import Tokens

Behaviour = Callable[[Call], Reply]
_GENERIC: dict[tuple[str, str], Behaviour] = {
    ("set", "GET"): entities.read_set,
    ("set", "POST"): entities.create,
    ("entity", "GET"): entities.read_entity,
    ("entity", "PATCH"): entities.update,
    ("entity", "DELETE"): entities.delete,
    ("singleton", "GET"): entities.read_singleton,
    ("singleton", "PATCH"): entities.update_singleton,
    ("navigation", "GET"): entities.read_navigation,
    ("function", "GET"): calls.perform,
    ("action", "POST"): calls.perform,
}
_ROOT = b"/xapi/v1"


class Service:
    """One PBX's XAPI. Its methods are called by the server's thread alone."""

    def __init__(
        self, routes: Routes, store: Store, tokens: Tokens, rules: Rules, source: Callable[[], bytes], parsed: Json
    ) -> None:
        self.store = store
        self._routes = routes
        self._tokens = tokens
        self.rules = rules
        self._source = source
        self._parsed = parsed

    def answer(
        self, method: str, raw_path: bytes, raw_query: bytes, headers: dict[str, str], body: bytes, origin: str
    ) -> Reply:
        """Answer one request. origin: scheme and host as the caller sees them; headers: names in lower case."""
        try:
            reply = self._answer(method, raw_path, raw_query, headers, body, origin)
        except Refusal as refusal:
            body_of = None if refusal.empty else refusal.body()
            reply = Reply(refusal.status, body_of, headers=dict(refusal.headers))
        reply.headers["X-3CX-Version"] = self.rules.release
        return reply

    def _answer(
        self, method: str, raw_path: bytes, raw_query: bytes, headers: dict[str, str], body: bytes, origin: str
    ) -> Reply:
        traits = self.rules.traits
        relative = raw_path.removeprefix(_ROOT).removeprefix(b"/")
        if method in ("GET", "HEAD") and relative in (b"swagger.yaml", b"swagger.json"):
            return self._document(relative == b"swagger.json")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        subject = self._tokens.subject(token.strip()) if scheme.lower() == "bearer" else None
        if subject is None:
            stale = self._tokens.was_issued(token.strip())
            raise rights.refused_token(token, stale=stale, traits=traits)
        if method == "GET" and relative == b"$metadata":
            return Reply(raw=metadata.render(self._routes), headers={"Content-Type": "application/xml"})
        shown = raw_path.decode("ascii", "replace")
        if method == "GET" and not relative and "service-document" in traits:
            return Reply(200, requests.service_document(self._routes, f"{origin}{_ROOT.decode()}"))
        try:
            segments = requests.canonical(urls.parse(relative), self._routes, traits)
        except urls.BadPath:
            raise no_such_resource(method, shown) from None
        except urls.BadEncoding as error:
            raise Refusal(
                400, f"The percent-encoding of the request {method} {shown} is broken at '{error}'."
            ) from None
        operations = self._routes.find(segments)
        if operations is None:
            raise no_such_resource(method, shown)
        operation = operations.get(method)
        if operation is None:
            allowed = ", ".join(operations)
            raise Refusal(
                405,
                f"The requested resource does not support http method '{method}': {shown}",
                headers=(("Allow", allowed),),
            )
        rights.check(operation.owner, self._role(subject), traits)
        arguments = _arguments(operation, segments)
        kind = operation.answer.value.type if operation.answer.value is not None else None
        raw_query = requests.understood(raw_query, traits)
        options = query.parse(raw_query, kind, operation.query_options, "select-paths" in traits)
        requests.check(operation, options, raw_query, self._routes, traits)
        call = Call(
            operation, arguments, options, headers, body, self.store, self.rules, subject, f"{origin}{_ROOT.decode()}"
        )
        return _GENERIC[operation.kind, method](call)

    def _role(self, subject: str) -> str | None:
        """The role that counts: the one of the token, or the one of now."""
        if "roles-with-next-token" in self.rules.traits:
            return self._tokens.role(subject)
        return rights.role_of(self.store, subject)

    def _document(self, as_json: bool) -> Reply:
        if as_json:
            return Reply(raw=json.dumps(self._parsed).encode(), headers={"Content-Type": "application/json"})
        return Reply(raw=self._source(), headers={"Content-Type": "application/yaml"})


def _arguments(operation: Operation, segments: tuple[urls.Segment, ...]) -> dict[str, Any]:
    """The literals of a path as values.

    Raises:
        Refusal: 400 for a key in the wrong form; for an argument of a function 500 where it is a date, a number or
            the like (XAPI.md says so), 400 where a string is not quoted.
    """
    literals: dict[str, str] = {}
    for segment in segments:
        literals.update(segment.arguments or {})
    values = {}
    for label, parameter in operation.parameters:
        text = literals[label] if label in literals else literals[parameter.name]
        try:
            values[parameter.name] = urls.read_literal(text, parameter.value)
        except urls.BadLiteral:
            plain = parameter.value.kind == "string" and parameter.value.format is None
            if operation.kind == "function" and not parameter.is_key and not plain:
                raise Refusal(500, f"The argument '{parameter.name}' is in the wrong form: {text}") from None
            raise Refusal(400, f"The value of '{parameter.name}' is in the wrong form: {text}") from None
    return values
