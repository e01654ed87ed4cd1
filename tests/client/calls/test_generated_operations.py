"""Every operation, called once with made-up arguments: the request line is the document's, an error is an exception."""

from __future__ import annotations

import asyncio
import inspect
import json
from typing import Any
from urllib.parse import unquote

import pytest
from threecx_xapi import Page, Response, errors, with_response
from threecx_xapi.__main__ import methods, tags
from threecx_xapi._model import Model
from threecx_xapi._resources import AsyncResources

from openapi.codegen.client_surface import GOLDEN, surface
from tests.client.generated_support import Wire
from tests.client.operations import API, OPERATIONS, Call, annotation, answer_of, calls, whole

CALLS = list(calls())


def test_there_is_a_method_for_every_operation_and_no_other() -> None:
    assert sorted(call.operation.id for call in CALLS) == sorted(OPERATIONS)
    assert len(CALLS) == 601


def test_every_request_is_the_documents() -> None:
    for call in CALLS:
        method, template, _ = OPERATIONS[call.operation.id]
        wire = answer_of(call)
        result = call(wire.client)
        response = whole(wire.client, call)
        first, second = wire.requests
        for request in (first, second):
            target, _, query = request.url.raw_path.decode("ascii").partition("?")
            assert (request.method, unquote(target)) == (method, f"/xapi/v1{call.path}")
            assert target.count("/") == f"/xapi/v1{template}".count("/"), "a slash in a value is encoded"
            sent = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
            assert {unquote(name): unquote(value) for name, value in sent.items()} == call.query
            assert request.headers.get("if-match") == call.given.get("if_match")
            assert (json.loads(request.content) if request.content else None) == call.body
        assert isinstance(response, Response)
        assert (response.parsed, response.status_code) == (result, wire.status)
        check_type(call, result)


def check_type(call: Call, result: object) -> None:
    kind = annotation(inspect.signature(call.method).return_annotation)
    if getattr(kind, "__origin__", None) is Page:
        assert result == []
    elif result is not None:  # a value that may be anything is null here
        assert isinstance(result, kind)
    if isinstance(result, Model):
        assert result.additional_properties == {"Unheard": 1}


def test_every_refusal_is_an_exception() -> None:
    refusal = {
        "error": {"code": "", "message": "x", "details": [{"message": "WARNINGS.XAPI.NOT_FOUND", "target": "Id"}]}
    }
    for call in CALLS:
        with pytest.raises(errors.ValidationFailed) as raised:
            call(Wire(refusal, status=400).client)
        assert (raised.value.status, raised.value.code, raised.value.target) == (400, "WARNINGS.XAPI.NOT_FOUND", "Id")


def test_async_is_the_same_for_every_operation() -> None:
    async def ask(call: Call, wire: Wire) -> tuple[Any, Any]:
        async with wire.async_client as client:
            return await call(client), (await whole(client, call)).parsed

    for call in CALLS:
        wire, wire_async = answer_of(call), answer_of(call)
        result = call(wire.client)
        assert asyncio.run(ask(call, wire_async)) == (result, result), call.operation.id
        for request in wire_async.requests:
            assert (request.url, request.method, request.content) == (
                wire.requests[0].url,
                wire.requests[0].method,
                wire.requests[0].content,
            )


def test_async_takes_the_same_arguments() -> None:
    awaited = tags(AsyncResources)
    for attribute, kind in tags().items():
        for name, method in methods(kind).items():
            other = getattr(awaited[attribute], name)
            same = inspect.signature(other).parameters == inspect.signature(method).parameters
            assert same, f"{attribute}.{name}"
            assert inspect.iscoroutinefunction(other) != (name == "iterate" or name.startswith("iterate_"))


def test_rows_are_typed_in_every_list() -> None:
    lists = list(calls(iterating=True))
    assert len(lists) == 120
    for call in lists:
        wire = Wire({"value": [{"Unheard": 1}]})
        (row,) = call(wire.client)
        assert isinstance(row, annotation(inspect.signature(call.method).return_annotation).__args__[0])
        target = unquote(wire.requests[0].url.raw_path.decode("ascii"))
        assert target.startswith(f"/xapi/v1{call.path}?"), call.operation.id


def test_what_a_list_does_not_take_is_refused_before_anything_is_sent() -> None:
    wire = Wire({"value": []})
    for options in ({"colour": "red"}, {"count": True}):
        with pytest.raises(TypeError, match="UsersApi takes no"):
            wire.client.users.iterate(**options)
    with pytest.raises(TypeError, match="takes no orderby"):
        wire.client.backups.iterate_failover_scripts(orderby=["Name"])
    assert wire.requests == []


def test_with_response_takes_operations_alone() -> None:
    client = Wire({}).client
    for other in (client.users.iterate, client.request, print, lambda: None):
        with pytest.raises(TypeError, match="with_response takes an operation"):
            with_response(other)


def test_downloads_are_bytes() -> None:
    downloads = [call.operation.id for call in CALLS if call.operation.answer == "bytes"]
    assert len(downloads) == 42
    assert all(name.startswith(("Download", "Export")) for name in downloads)


def test_every_delete_takes_an_etag() -> None:
    deletes = [call for call in CALLS if call.operation.method == "DELETE"]
    assert len(deletes) == 34
    assert all("if_match" in call.given for call in deletes)


def test_every_array_in_a_query_is_joined_by_commas() -> None:
    """The client joins every array: the document asks for that everywhere (explode: false)."""
    for _, _, operation in OPERATIONS.values():
        for parameter in (API.resolve(each) for each in operation.get("parameters", ())):
            if parameter["in"] == "query" and parameter["schema"].get("type") == "array":
                assert parameter["explode"] is False


def test_the_surface_is_the_committed_one() -> None:
    """A difference is a change for callers: look at it, then `python -m openapi.codegen surface` accepts it."""
    assert list(surface()) == GOLDEN.read_text().splitlines()


def test_a_docstring_tells_every_argument() -> None:
    for call in CALLS:
        text = inspect.getdoc(call.method) or ""
        assert text.startswith(f"`{call.operation.method} {call.operation.path}`")
        for name in call.given:
            assert f"\n    {name}: " in text, call.operation.id
