"""One request below /xapi/v1 and its answer, as the behaviours see them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

from pbx_simulator.errors import Refusal, unbound
from pbx_simulator.model import binding
from pbx_simulator.model.document import Json
from pbx_simulator.model.routes import Operation
from pbx_simulator.odata.query import Query
from pbx_simulator.state.store import Row, Store
from pbx_simulator.traits import Traits, requests

# Made once: json.dumps makes one for each call that does not take its defaults.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
JSON_TYPE = "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8"


@dataclass(frozen=True)
class Rules:
    """How one simulated PBX was set up.

    page_cap: the most rows a page has; slowness: how many looks at a list find what takes its time (a backup, a service
    that starts) not done yet; traits: in what it differs from others.
    """

    release: str = "20.0.10"
    page_cap: int = 100
    slowness: int = 2
    traits: Traits = frozenset()

    @property
    def etags(self) -> bool:
        """Whether entities carry ETags."""
        return "no-etags" not in self.traits

    @property
    def strict_etags(self) -> bool:
        """Whether a write without If-Match answers 428."""
        return "require-if-match" in self.traits


@dataclass
class Call:
    """One request, read: its operation, its arguments by name, its query options, its body still raw.

    subject: who asks; base: the service root as the caller sees it; headers: names in lower case.
    """

    operation: Operation
    arguments: Json
    query: Query
    headers: dict[str, str]
    raw_body: bytes
    store: Store
    rules: Rules
    subject: str
    base: str

    @property
    def key(self) -> Any:
        """The key of the entity the path names."""
        return next((self.arguments[p.name] for label, p in self.operation.parameters if p.is_key or label == ""), None)

    def body(self) -> Any:
        """The body, bound to the schema.

        Raises:
            Refusal: 400 about `delta` where it does not fit as a whole, 415 where it is no JSON.
        """
        value = self.operation.body
        given = self._json()
        if value is None:
            return None
        if given is None and not self.raw_body:
            # The document calls some PATCH bodies optional; the message names what is bound from them: delta.
            if self.operation.body_required or self.operation.method == "PATCH":
                raise unbound()
            return {}
        if value.kind == "complex" and value.type is not None:
            bound = binding.bind(given, value.type, whole=False)
            requests.check_body(bound, value.type, self.rules.traits)
            return self.store.form(bound, value.type)
        return binding.bind_value(given, value)

    def _json(self) -> Any:
        if not self.raw_body:
            return None
        media = self.headers.get("content-type", "").split(";")[0].strip().lower()
        if media != "application/json":
            raise Refusal(415, f"The content type '{media}' is not supported.")
        try:
            # Text, not bytes: of bytes the library guesses the encoding, and JSON over HTTP has but one.
            given = json.loads(self.raw_body.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_finite)
            json.dumps(given, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text
        except (ValueError, RecursionError):
            raise unbound() from None
        return given


def _no_number(text: str) -> float:
    """NaN and its like, which Python reads and JSON does not have."""
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


@dataclass
class Reply:
    """An answer. content: what becomes JSON, None for no body; raw: bytes that go out as they are."""

    status: int = 200
    content: Any = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, dict[str, str]]:
        """The body and the headers."""
        headers = {"OData-Version": "4.0", **self.headers}
        if self.raw is not None:
            return self.raw, headers
        if self.content is None:
            return b"", headers
        headers.setdefault("Content-Type", JSON_TYPE)
        return encoded(self.content), headers


def encoded(content: Any) -> bytes:
    """JSON as it goes out."""
    return _ENCODER.encode(content).encode("utf-8", "replace")


def tagged(call: Call, reply: Reply, row: Row) -> Reply:
    """Give an answer the ETag of its row, where this PBX gives any."""
    if call.rules.etags:
        reply.headers["ETag"] = row.etag
    return reply


def check_precondition(call: Call, row: Row) -> None:
    """Hold If-Match against a row.

    Raises:
        Refusal: 412 where it has changed, 428 where a strict PBX misses the header.
    """
    if not call.rules.etags:
        return
    wanted = call.headers.get("if-match")
    if wanted is None:
        if call.rules.strict_etags:
            raise Refusal(428, "The request must carry If-Match.")
        return
    tags = [tag.strip().removeprefix("W/") for tag in wanted.split(",")]
    if "*" not in tags and row.etag.removeprefix("W/") not in tags:
        raise Refusal(412, "The entity has been changed since it was read.")
