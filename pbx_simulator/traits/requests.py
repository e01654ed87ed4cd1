"""Traits that refuse requests, or understand more of them."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote_plus

from pbx_simulator.errors import Refusal, bad_query, empty_500, no_such_resource, unbound
from pbx_simulator.model.document import Json
from pbx_simulator.model.routes import Operation, Routes
from pbx_simulator.model.schema import Type, Value
from pbx_simulator.odata.query import Query
from pbx_simulator.odata.urls import Segment

from .registry import Traits

_MOST_ROWS = 100
_WITHOUT_SECONDS = re.compile(r"\d\d:\d\d")
_HISTORY = frozenset({"CallHistoryView", "ChatHistoryView"})
_TEXTS = re.compile(r"'[^']*'")
_DATE_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d")
_SOME_DAYS = re.compile(r"\b(?:date|year)\(\s*\w+\s*\)\s+(?:ge|gt|eq)\s+\d{4}")
_SEMICOLON_AT_THE_END = re.compile(r";(?=\s*\))")
_BETWEEN_TEXTS = re.compile(r"('[^']*')")


def canonical(segments: tuple[Segment, ...], routes: Routes, traits: Traits) -> tuple[Segment, ...]:
    """The segments of a path with the entity set in the document's spelling, where its case does not matter."""
    if "any-case-sets" not in traits or not segments:
        return segments
    name = _by_lower_case(routes).get(segments[0].name.lower(), segments[0].name)
    return (replace(segments[0], name=name), *segments[1:])


@functools.lru_cache(maxsize=16)
def _by_lower_case(routes: Routes) -> dict[str, str]:
    return {name.lower(): name for name in (*routes.sets, *routes.singletons)}


def understood(query: bytes, traits: Traits) -> bytes:
    """A raw query string without what only some builds understand."""
    if "trailing-semicolon" not in traits or (b";" not in query and b"%3" not in query):
        return query
    parts = []
    for part in query.split(b"&"):
        name, equals, raw = part.partition(b"=")
        value = unquote_plus(raw.decode("ascii", "replace"))
        if unquote_plus(name.decode("ascii", "replace")) == "$expand" and ";" in value:
            pieces = _BETWEEN_TEXTS.split(value)
            value = "".join(p if p.startswith("'") else _SEMICOLON_AT_THE_END.sub("", p) for p in pieces)
            part = name + equals + quote(value).encode()
        parts.append(part)
    return b"&".join(parts)


def check(operation: Operation, query: Query, raw_query: bytes, routes: Routes, traits: Traits) -> None:
    """Hold a request against what the PBX refuses.

    Raises:
        Refusal: where it does.
    """
    if query.expand:
        _check_expand(query, traits)
    if "refuse-large-top" in traits and operation.kind in ("set", "navigation") and (query.top or 0) > _MOST_ROWS:
        raise bad_query(f"The limit of '{_MOST_ROWS}' for $top has been exceeded: it is '{query.top}'.")
    if "no-read-by-key" in traits and _reads_by_key(operation, routes):
        raise no_such_resource("GET", operation.path)
    if "history-needs-filter" in traits and operation.kind == "set" and operation.owner in _HISTORY:
        _check_history(operation.owner, raw_query)


def _reads_by_key(operation: Operation, routes: Routes) -> bool:
    if operation.kind != "entity" or operation.method != "GET":
        return False
    return operation.parameters[0][0] in ("", routes.sets[operation.owner].key.name)


def _check_expand(query: Query, traits: Traits) -> None:
    if "refuse-expand" in traits:
        raise bad_query("The query option 'Expand' is not allowed.")
    if "refuse-two-expands" in traits and len(query.expand) > 1:
        raise bad_query("The number of properties in $expand exceeds the limit of '1'.")


def _check_history(name: str, raw_query: bytes) -> None:
    options = dict(part.partition("=")[::2] for part in unquote_plus(raw_query.decode("ascii", "replace")).split("&"))
    conditions = _TEXTS.sub("''", options.get("$filter", ""))
    compares_moments = _DATE_TIME.search(conditions) is not None
    if compares_moments and name == "CallHistoryView":
        raise empty_500()
    if not compares_moments and _SOME_DAYS.search(conditions) is None:
        raise Refusal(504, "", empty=True)


def check_body(given: Json, kind: Type, traits: Traits) -> None:
    """Hold a body against what the PBX refuses.

    Raises:
        Refusal: 400, the one about `delta`.
    """
    if "refuse-hhmm" in traits:
        for name, value in given.items():
            prop = kind.properties.get(name)
            if prop is not None:
                _check_times(value, prop.value)


def _check_times(given: Any, value: Value) -> None:
    if isinstance(given, list):
        for item in given:
            _check_times(item, value)
    elif isinstance(given, dict) and value.type is not None:
        check_body(given, value.type, frozenset({"refuse-hhmm"}))
    elif value.format == "time" and isinstance(given, str) and _WITHOUT_SECONDS.fullmatch(given):
        raise unbound()


def service_document(routes: Routes, base: str) -> Json:
    """Answer to a GET of the service root: the names of entity sets and singletons."""
    kinds = [("EntitySet", name) for name in routes.sets] + [("Singleton", name) for name in routes.singletons]
    return {
        "@odata.context": f"{base}/$metadata",
        "value": [{"name": name, "kind": kind, "url": name} for kind, name in kinds],
    }
