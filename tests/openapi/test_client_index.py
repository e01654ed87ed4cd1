"""The index of operations: made of the document, and of nothing it does not understand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openapi.codegen.client import INDEX, PLACE
from openapi.codegen.client_index import index
from openapi.codegen.document import load
from openapi.codegen.errors import CodegenError

FORMS = {
    "type",
    "format",
    "nullable",
    "minimum",
    "maximum",
    "maxLength",
    "enum",
    "flags",
    "words",
    "items",
    "properties",
    "$ref",
    "since",
}


def test_the_committed_one_is_fresh() -> None:
    assert (PLACE / INDEX).read_text() == index(load())


def test_it_has_few_forms_and_every_reference_leads_somewhere() -> None:
    made = json.loads(index(load()))

    def look(schema: dict[str, Any]) -> None:
        assert set(schema) <= FORMS
        assert schema.get("$ref", "User") in made["schemas"]
        for inner in schema.get("properties", {}).values():
            look(inner)
        if "items" in schema:
            look(schema["items"])

    for operation in made["operations"].values():
        for schema in (*operation.get("path_parameters", {}).values(), operation.get("body", {})):
            look(schema)
    for schema in (*made["schemas"].values(), *made["query"].values()):
        look(schema)
    assert made["schemas"]["User"]["properties"]["Number"] == {"type": "string", "nullable": True}, "inherited"
    assert made["schemas"]["TranscriptionType"]["flags"] is True


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"type": "string", "contentEncoding": "base64"}, "contentEncoding"),
        ({"oneOf": [{"type": "string"}, {"type": "boolean"}]}, "oneOf"),
    ],
)
def test_a_form_that_is_new_is_refused(schema: dict[str, Any], complaint: str) -> None:
    document = load()
    document["components"]["schemas"]["Pbx.Fax"]["allOf"][1]["properties"]["New"] = schema
    with pytest.raises(CodegenError, match=complaint):
        index(document)


def test_a_place_for_parameters_that_is_new_is_refused() -> None:
    document = load()
    document["paths"]["/Fax({Id})"]["get"]["parameters"].append(
        {"name": "x", "in": "cookie", "schema": {"type": "string"}}
    )
    with pytest.raises(CodegenError, match="cookie"):
        index(document)


def test_it_says_since_when_there_is_what_the_oldest_release_lacks() -> None:
    made = json.loads(index(load()))
    assert made["releases"] == ["20.0.5", "20.0.7", "20.0.8", "20.0.9", "20.0.10"]
    assert made["operations"]["GetHoliday"]["since"] == "20.0.7"
    assert "since" not in made["operations"]["GetUser"]
    assert made["operations"]["MakeCall"]["parts_since"] == {"contact": "20.0.7", "testCall": "20.0.7"}
    assert made["schemas"]["User"]["since"]["ForbidRecording"] == "20.0.10"
    assert made["schemas"]["Sbc"]["since"]["LogLevel"] == "20.0.7"
