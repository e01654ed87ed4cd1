"""Every operation of the generated client, with made-up arguments and what they are to become on the wire."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from openapi_python_client.strings import PythonIdentifier
from threecx_xapi import AsyncXapiClient, Page, XapiClient, models, with_response
from threecx_xapi.__main__ import methods, tags
from threecx_xapi._api import RowOptions
from threecx_xapi._model import Model, OpenEnum
from threecx_xapi.operation import Operation

from openapi.codegen.document import ApiDocument, load
from openapi.codegen.normalise import METHODS
from tests.client.generated_support import Wire

DOCUMENT = load()
API = ApiDocument(DOCUMENT)
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    item[method]["operationId"]: (method.upper(), path, item[method])
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
}
# A made-up value of each type, and how it is written in a path or a query.
MADE_UP: dict[object, tuple[object, str]] = {
    int: (-7, "-7"),
    str: ("it's a/b %&=", "'it''s a/b %&='"),
    bool: (True, "true"),
    float: (1.5, "1.5"),
    datetime: (datetime(2024, 3, 1, 12, tzinfo=UTC), "2024-03-01T12:00:00Z"),
    UUID: (UUID(int=10), str(UUID(int=10))),
    Sequence[str]: (["A", "B/C"], "A,B/C"),
}
NAMES: dict[str, Any] = {
    **{name: getattr(models, name) for name in dir(models)},
    "datetime": datetime,
    "UUID": UUID,
    "Page": Page,
    "Sequence": Sequence,
    "Iterator": Iterator,
    "AsyncIterator": AsyncIterator,
    "Unpack": lambda kind: kind,
    "RowOptions": RowOptions,
    "Any": Any,
}


@dataclass
class Call:
    """One call of a method.

    Attributes:
        given: its arguments by name
        path: what these make of the path, as it is before encoding
        query: the query option each of them becomes
        body: what is sent as JSON; None where nothing is
    """

    method: Callable[..., Any]
    operation: Operation[Any]
    given: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def described(self) -> dict[str, Any]:
        """The operation as the document has it."""
        return OPERATIONS[self.operation.id][2]

    def __call__(self, client: XapiClient | AsyncXapiClient) -> Any:
        return bound(client, self.method)(**self.given)


def whole(client: XapiClient | AsyncXapiClient, call: Call) -> Any:
    """The whole response of a call, awaitable where the client is async."""
    answering: Callable[..., Any] = with_response
    return answering(bound(client, call.method))(**call.given)


def bound(client: XapiClient | AsyncXapiClient, method: Callable[..., Any]) -> Callable[..., Any]:
    """The same method of a client."""
    attribute = method.__module__.rpartition(".")[2]
    return getattr(getattr(client, attribute), method.__name__)  # type: ignore[no-any-return]


def annotation(text: str) -> Any:
    """The type a generated module names."""
    return eval(text, dict(NAMES), {})


def calls(*, iterating: bool = False) -> Iterator[Call]:
    """One call of every operation, or of every `iterate`."""
    for kind in tags().values():
        module = sys.modules[kind.__module__]
        operation: Operation[Any] | None = None
        for name, method in methods(kind).items():
            rows = name == "iterate" or name.startswith("iterate_")
            operation = operation if rows else getattr(module, f"_{name.upper()}")
            if rows == iterating and operation is not None:
                yield made_up(method, operation)


def made_up(method: Callable[..., Any], operation: Operation[Any]) -> Call:
    """A call that gives every argument there is."""
    call = Call(method, operation, path=operation.path)
    parts = {str(PythonIdentifier(name, "")): name for name in _body_properties(operation)}
    paths = {str(PythonIdentifier(name, "")): name for name in operation.path_names}
    queries = iter(operation.query)
    for name, parameter in inspect.signature(method).parameters.items():
        if name == "self" or parameter.kind is parameter.VAR_KEYWORD:
            continue
        kind = annotation(parameter.annotation)
        if name in paths:
            value, literal = MADE_UP[_first(kind)]
            call.path = call.path.replace(f"{{{paths[name]}}}", literal)
        elif name == "if_match":
            value = '"1"'
        elif name == "body":
            value, call.body = _sample(_first(kind))
        elif name in parts:
            value, sent = _sample(_first(kind))
            call.body = {**(call.body or {}), parts[name]: sent}
        else:
            value, literal = MADE_UP[_first(kind)]
            call.query[next(queries)] = literal.replace("''", "'").strip("'") if isinstance(value, str) else literal
        call.given[name] = value
    return call


def answer_of(call: Call) -> Wire:
    """A PBX that answers as the document says."""
    code, described = next(
        (code, API.resolve(each)) for code, each in call.described["responses"].items() if code != "default"
    )
    if code == "204":
        return Wire(status=204)
    if "application/octet-stream" in described["content"]:
        return Wire(content=b"\x00bytes", headers={"content-disposition": 'attachment; filename="f.bin"'})
    schema = API.resolve(described["content"]["application/json"]["schema"])
    if "enum" in schema:
        return Wire({"value": schema["enum"][0]}, status=int(code))
    wrapped = _properties(schema).get("value")
    if wrapped is None:
        return Wire({"Unheard": 1}, status=int(code))
    return Wire({"value": [] if wrapped.get("type") == "array" else None}, status=int(code))


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        found |= _properties(API.resolve(part))
    found |= schema.get("properties", {})
    return found


def _body_properties(operation: Operation[Any]) -> list[str]:
    described = OPERATIONS[operation.id][2]
    if "requestBody" not in described:
        return []
    body = API.resolve(described["requestBody"])
    return list(body["content"]["application/json"]["schema"].get("properties", ()))


def _first(kind: Any) -> Any:
    """The type itself, where it may be None as well."""
    return (
        next((each for each in getattr(kind, "__args__", ()) if each is not type(None)), kind) if _union(kind) else kind
    )


def _union(kind: Any) -> bool:
    return type(kind).__name__ in ("UnionType", "Union")


def _sample(kind: Any) -> tuple[Any, Any]:
    """A value for a body, and its JSON."""
    if getattr(kind, "__origin__", None) is Sequence:
        value, sent = _sample(kind.__args__[0])
        return [value], [sent]
    if isinstance(kind, type) and issubclass(kind, Model):
        return kind(additional_properties={"Unheard": 1}), {"Unheard": 1}
    if isinstance(kind, type) and issubclass(kind, OpenEnum):
        member = next(iter(kind))
        return member, member.value
    value = MADE_UP[kind][0]
    return value, json.loads(json.dumps(value))
