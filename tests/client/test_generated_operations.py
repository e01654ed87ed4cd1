"""Every operation, called once with made-up arguments: the request line is the document's, an error is an exception."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from threecx_xapi import Response, Unset, errors, models
from threecx_xapi._model import Model

from openapi.codegen.client_document import METHODS, resolve
from openapi.codegen.client_surface import GOLDEN, modules, surface
from openapi.codegen.document import load
from tests.client.generated_support import Wire

DOCUMENT = load()
OPERATIONS = {
    item[method]["operationId"]: (method.upper(), path, item[method])
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
}
MODULES = {
    module.OPERATION.id: module
    for module in (
        importlib.import_module(f"threecx_xapi.{'.'.join(path.with_suffix('').parts)}") for path in modules()
    )
}
# A made-up value of each type, and how it is written in a path.
MADE_UP: dict[object, tuple[object, str]] = {
    int: (-7, "-7"),
    str: ("it's a/b %", "'it''s a/b %'"),
    bool: (True, "true"),
    datetime: (datetime(2024, 3, 1, 12, tzinfo=UTC), "2024-03-01T12:00:00Z"),
    UUID: (UUID(int=10), str(UUID(int=10))),
}
IN_QUERY: dict[object, tuple[object, str]] = {
    int: (7, "7"),
    str: ("it's a/b %&=", "it's a/b %&="),
    bool: (False, "false"),
    Sequence[str]: (["A", "B/C"], "A,B/C"),
}
NAMES: dict[str, Any] = {
    **{name: getattr(models, name) for name in dir(models)},
    "datetime": datetime,
    "UUID": UUID,
    "Unset": Unset,
    "Sequence": Sequence,
    "Iterator": Iterator,
    "AsyncIterator": AsyncIterator,
    "Response": Response,
    "XapiClient": Any,
    "AsyncXapiClient": Any,
}


def annotation(text: str) -> Any:
    return eval(text, NAMES)


def made_up(function: Any, operation_id: str) -> tuple[list[Any], dict[str, Any], str, dict[str, str]]:
    """Positional and named arguments, the path they lead to and the query."""
    _, path, operation = OPERATIONS[operation_id]
    described = [resolve(DOCUMENT, each) for each in operation.get("parameters", ())]
    places = re.findall(r"\{(\w+)\}", path)
    queries = iter([each["name"] for each in described if each["in"] == "query"])
    positional: list[Any] = []
    named: dict[str, Any] = {}
    query: dict[str, str] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in ("client", "page_size", "concurrency"):
            continue
        kind = annotation(parameter.annotation)
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            value, literal = MADE_UP[next(iter(getattr(kind, "__args__", (kind,))))]  # a key may be Unset as well
            path = path.replace(f"{{{places[len(positional)]}}}", literal)
            positional.append(value)
        elif parameter.name == "body":
            named["body"] = next(each for each in getattr(kind, "__args__", (kind,)) if issubclass(each, Model))()
        elif parameter.name == "if_match":
            named["if_match"] = '"1"'
        else:
            known = next(each for each in kind.__args__ if each is not Unset)
            named[parameter.name], query[next(queries)] = IN_QUERY[known]
    assert len(positional) == len(places)
    return positional, named, path, query


def answer_of(operation: dict[str, Any]) -> Wire:
    code, described = next(
        (code, resolve(DOCUMENT, each)) for code, each in operation["responses"].items() if code != "default"
    )
    if code == "204":
        return Wire(status=204)
    if "application/octet-stream" in described["content"]:
        return Wire(content=b"\x00bytes", headers={"content-disposition": 'attachment; filename="f.bin"'})
    schema = resolve(DOCUMENT, described["content"]["application/json"]["schema"])
    return Wire({"value": schema["enum"][0]} if "enum" in schema else {"Unheard": 1}, status=int(code))


def test_there_is_a_module_for_every_operation_and_no_other() -> None:
    assert set(MODULES) == set(OPERATIONS)
    assert len(MODULES) == 601


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_the_request_is_the_documents(operation_id: str) -> None:
    module, (method, template, operation) = MODULES[operation_id], OPERATIONS[operation_id]
    positional, named, path, query = made_up(module.sync, operation_id)
    wire = answer_of(operation)

    result = module.sync(*positional, client=wire.client, **named)
    detailed = module.sync_detailed(*positional, client=wire.client, **named)

    first, second = wire.requests
    for request in (first, second):
        target, _, sent_query = request.url.raw_path.decode("ascii").partition("?")
        assert (request.method, unquote(target)) == (method, f"/xapi/v1{path}")
        assert target.count("/") == f"/xapi/v1{template}".count("/"), "a slash in a value is encoded"
        sent = dict(pair.split("=", 1) for pair in sent_query.split("&")) if sent_query else {}
        assert {unquote(name): unquote(value) for name, value in sent.items()} == query
        assert request.headers.get("if-match") == named.get("if_match")
        assert request.content == (b"{}" if "body" in named else b"")
    assert detailed.parsed == result
    assert detailed.status_code == wire.status
    check_type(module, result)


def check_type(module: ModuleType, result: object) -> None:
    kind = annotation(inspect.signature(module.sync).return_annotation)
    if kind is None:
        assert result is None
    else:
        assert isinstance(result, kind)
    if isinstance(result, Model):
        assert result.additional_properties == {"Unheard": 1}


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_a_refusal_is_an_exception(operation_id: str) -> None:
    module = MODULES[operation_id]
    positional, named, _, _ = made_up(module.sync, operation_id)
    refusal = {
        "error": {"code": "", "message": "x", "details": [{"message": "WARNINGS.XAPI.NOT_FOUND", "target": "Id"}]}
    }
    with pytest.raises(errors.ValidationFailed) as raised:
        module.sync(*positional, client=Wire(refusal, status=400).client, **named)
    assert (raised.value.status, raised.value.code, raised.value.target) == (400, "WARNINGS.XAPI.NOT_FOUND", "Id")


def test_async_is_the_same_for_every_operation() -> None:
    async def call(module: ModuleType, wire: Wire, positional: list[Any], named: dict[str, Any]) -> Any:
        async with wire.async_client as client:
            plain = await module.asyncio(*positional, client=client, **named)
            return plain, (await module.asyncio_detailed(*positional, client=client, **named)).parsed

    for operation_id, module in MODULES.items():
        positional, named, _, _ = made_up(module.sync, operation_id)
        wire, wire_async = answer_of(OPERATIONS[operation_id][2]), answer_of(OPERATIONS[operation_id][2])
        result = module.sync(*positional, client=wire.client, **named)
        results = asyncio.run(call(module, wire_async, positional, named))
        assert results == (result, result), operation_id
        for request in wire_async.requests:
            assert (request.url, request.method, request.content) == (
                wire.requests[0].url,
                wire.requests[0].method,
                wire.requests[0].content,
            )


def test_the_four_functions_of_an_operation_take_the_same_arguments() -> None:
    for operation_id, module in MODULES.items():
        wanted = [str(each) for each in inspect.signature(module.sync).parameters.values()]
        for name in ("sync_detailed", "asyncio", "asyncio_detailed"):
            given = [str(each) for each in inspect.signature(getattr(module, name)).parameters.values()]
            assert [each.replace("AsyncXapiClient", "XapiClient") for each in given] == wanted, operation_id


def test_rows_are_typed_in_every_list() -> None:
    lists = {name: module for name, module in MODULES.items() if hasattr(module, "iterate")}
    assert len(lists) == 120
    for operation_id, module in lists.items():
        positional, named, path, _ = made_up(module.iterate, operation_id)
        wire = Wire({"value": [{"Unheard": 1}]})
        (row,) = module.iterate(*positional, client=wire.client, **named)
        assert isinstance(row, annotation(inspect.signature(module.iterate).return_annotation).__args__[0])
        target = unquote(wire.requests[0].url.raw_path.decode("ascii"))
        assert target.startswith(f"/xapi/v1{path}?"), operation_id


def test_downloads_are_bytes() -> None:
    downloads = [name for name, module in MODULES.items() if module.OPERATION.answer == "bytes"]
    assert len(downloads) == 42
    assert all(name.startswith(("Download", "Export")) for name in downloads)


def test_every_delete_takes_an_etag() -> None:
    deletes = [module for module in MODULES.values() if module.OPERATION.method == "DELETE"]
    assert len(deletes) == 34
    assert all("if_match" in inspect.signature(module.sync).parameters for module in deletes)


def test_every_array_in_a_query_is_joined_by_commas() -> None:
    """The client joins every array: the document asks for that everywhere (explode: false)."""
    for _, _, operation in OPERATIONS.values():
        for parameter in (resolve(DOCUMENT, each) for each in operation.get("parameters", ())):
            if parameter["in"] == "query" and parameter["schema"].get("type") == "array":
                assert parameter["explode"] is False


def test_the_surface_is_the_committed_one() -> None:
    """A difference is a change for callers: look at it, then `python -m openapi.codegen.client_surface` accepts it."""
    assert list(surface()) == GOLDEN.read_text().splitlines()


def test_a_docstring_tells_arguments_and_errors() -> None:
    for module in MODULES.values():
        text = inspect.getdoc(module.sync) or ""
        assert text.startswith(f"`{module.OPERATION.method} {module.OPERATION.path}`")
        assert "XapiError" in text
        for name in inspect.signature(module.sync).parameters:
            assert name == "client" or f"\n    {name}: " in text
