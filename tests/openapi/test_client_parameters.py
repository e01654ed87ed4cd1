"""Documentation of the arguments of the client's methods."""

from __future__ import annotations

from pathlib import Path

import pytest

from openapi.codegen.client import PARAMETERS
from openapi.codegen.client_document import Json
from openapi.codegen.client_names import method_name, tag_of
from openapi.codegen.client_parameters import Parameters
from openapi.codegen.document import ApiDocument, load
from openapi.codegen.normalise import normalise
from openapi.codegen.source import read
from pbx_as_code.engine.options.history import HISTORIES

VENDOR = sorted((Path(__file__).resolve().parents[3] / "shared" / "vendor").glob("*.yaml"))
SAID = Parameters.load(PARAMETERS)


def asked(document: Json) -> set[tuple[str, str]]:
    """Every parameter of a function or an action, with its operation."""
    found: set[tuple[str, str]] = set()
    api = ApiDocument(document)
    for path, _, operation in api.operations():
        parts = api.parameters(operation)
        names = [each["name"] for each in parts if each["in"] == "path" and "x-ms-docs-key-type" not in each]
        if "requestBody" in operation:
            content = api.resolve(operation["requestBody"])["content"]
            names += content["application/json"]["schema"].get("properties", ())
        if "Pbx." in path or path.count("(") == 0:
            found |= {(operation["operationId"], name) for name in names}
    return found


def undescribed(document: Json) -> set[tuple[str, str]]:
    return {
        (each, name) for each, name in asked(document) if name not in {**SAID.common, **SAID.operations.get(each, {})}
    }


def test_every_parameter_is_described_and_nothing_else() -> None:
    document = load()
    assert len(asked(document)) > 400
    assert undescribed(document) == set()
    known = {operation["operationId"] for _, _, operation in ApiDocument(document).operations()}
    assert set(SAID.operations) <= known


def test_a_history_is_documented_as_one_that_needs_a_window_of_days() -> None:
    api = ApiDocument(load())
    for path, name in HISTORIES.items():
        listed = [
            each["operationId"]
            for where, _, each in api.operations()
            if where.startswith(f"/{path}") and "$filter" in {one["name"] for one in api.parameters(each)}
        ]
        assert len(listed) == 2, path
        for one in listed:
            assert f"date({name}) ge" in SAID.query(one, "$filter")
            assert SAID.query(one, "$count") != SAID.query("ListUser", "$count")


def test_what_nobody_has_described_has_its_type() -> None:
    assert SAID.parameter("GetNews", "newsDate", {"type": "string", "format": "date-time"}) == (
        "newsDate; date-time; one without offset is taken as UTC.",
        None,
    )
    assert SAID.parameter("GetNews", "newsName", {"type": "string"}) == ("newsName; string.", None)


@pytest.mark.skipif(not VENDOR, reason="the vendor's documents are not here")
def test_every_release_has_its_names_and_its_sentences() -> None:
    for path in VENDOR:
        document = normalise(read(str(path)))
        assert undescribed(document) == set(), path.name
        named = [
            (tag_of(each["tags"][0]), method_name(tag_of(each["tags"][0]), method.upper(), where, each["operationId"]))
            for where, method, each in ApiDocument(document).operations()
        ]
        assert len(set(named)) == len(named), path.name
