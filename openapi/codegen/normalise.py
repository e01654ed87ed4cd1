"""Turns a vendor document into ours: every fact, none of the prose, in an order that depends on
nothing but the facts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from openapi.codegen.errors import CodegenError
from openapi.codegen.source import Document

METHODS = ("get", "put", "post", "patch", "delete")

#: Documented as JSON, these answer a file (XAPI.md, "Reading"): the 42 functions named Download... and Export...
DOWNLOAD = re.compile(r"/Pbx\.(Download|Export)\w*\(")
BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}

#: A response must have a description; these are ours.
RESPONSE_WORDS = {"200": "OK", "201": "Created", "204": "No content", "default": "Error"}

#: Keys that come first, in this order; the others follow by the alphabet.
_FIRST = (
    "openapi", "info", "servers", "security", "paths", "components",
    "operationId", "tags", "x-ms-docs-operation-type", "parameters", *METHODS, "requestBody", "responses",
    "$ref", "name", "in", "title", "type", "format", "nullable", "enum", "required", "explode", "description",
    "headers", "content", "schema", "minimum", "maximum", "maxLength", "pattern", "uniqueItems", "items", "allOf",
    "oneOf", "anyOf", "properties", "additionalProperties", "tokenUrl",
)  # fmt: skip
_COMPONENTS = ("schemas", "responses", "parameters", "requestBodies", "securitySchemes")
_RANK = {key: place for place, key in enumerate(_FIRST)}
#: Below these keys stand names of the API instead of words of OpenAPI.
_NAMED = frozenset(
    {"paths", "schemas", "responses", "requestBodies", "securitySchemes", "properties", "content", "flows", "scopes"}
)
_NULL_OBJECT = {"type": "object", "nullable": True}
_PROSE = frozenset({"description", "summary", "example", "examples", "externalDocs"})


def normalise(source: Document) -> Document:
    """Return the normalised document; the source is left alone.

    Raises:
        CodegenError: where a place of the source is not shaped as OpenAPI says.
    """
    try:
        return _document(source)
    except (AttributeError, KeyError, TypeError) as error:
        raise CodegenError(f"the document is not well-formed OpenAPI: {type(error).__name__}: {error}") from None


def _document(source: Document) -> Document:
    document: Document = _facts({key: value for key, value in source.items() if key != "tags"})
    components = document["components"] = {
        part: document["components"][part] for part in _COMPONENTS if document["components"].get(part)
    }
    _make_titles_unique(components["schemas"])
    # A function answers its collection as a copy of a component: said once, it is one class instead of two.
    collections = {
        repr(_without_title(schema)): {"$ref": f"#/components/schemas/{name}"}
        for name, schema in components["schemas"].items()
        if name.endswith("CollectionResponse")
    }
    for name, response in components.get("responses", {}).items():
        components["responses"][name] = _described("default" if name == "error" else "200", response)
    for path, item in document["paths"].items():
        operations = [item[method] for method in METHODS if method in item]
        for holder in (item, *operations):
            for parameter in holder.get("parameters", ()):
                _simplify(parameter, path)
        for operation in operations:
            if DOWNLOAD.search(path):
                operation["responses"]["200"] = {"content": BYTES}
            for status, response in operation["responses"].items():
                operation["responses"][status] = _described(status, response)
                for content in response.get("content", {}).values():
                    copy = _without_title(content["schema"])
                    named = not str(content["schema"].get("title", "")).startswith("Collection of ")
                    content["schema"] = collections.get(repr(copy), content["schema"] if named else copy)
    return document


def _facts(node: Any, key: str = "") -> Any:
    """A node of the document without prose, in our order; `key` is the word it stands under."""
    if isinstance(node, list):
        return [_facts(value) for value in node]
    if not isinstance(node, Mapping):
        return node
    if key in _NAMED or key == "parameters":
        return {name: _facts(node[name]) for name in sorted(node)}
    facts = _nullable_once({name: _facts(value, name) for name, value in node.items() if name not in _PROSE})
    return {name: facts[name] for name in sorted(facts, key=lambda name: (_RANK.get(name, len(_RANK)), name))}


def _simplify(parameter: dict[str, Any], path: str) -> None:
    """Say of a parameter in the path only what can be."""
    if parameter.get("in") == "path":
        # A key has a value. An argument of a function may be the literal null, and never has a default.
        argument = re.search(rf"Pbx\.\w+\([^)]*\b{re.escape(parameter['name'])}=\{{", path) is not None
        for key in ("default", *(() if argument else ("nullable",))):
            parameter["schema"].pop(key, None)


def _described(status: str, response: dict[str, Any]) -> dict[str, Any]:
    """A response with our words for its status."""
    words = RESPONSE_WORDS.get(status, f"Status {status}")
    return response if "$ref" in response else {"description": words, **response}


def _nullable_once(schema: dict[str, Any]) -> dict[str, Any]:
    """Write a value that may be null as newer documents do.

    Documents up to 20.0.6 say `anyOf` of a schema and an object that may be null, which means the same.
    """
    parts = schema.get("anyOf", ())
    real = [part for part in parts if part != _NULL_OBJECT]
    if len(parts) != 2 or len(real) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**rest, "nullable": True, **({"allOf": real} if "$ref" in real[0] else real[0])}


def _make_titles_unique(schemas: dict[str, Any]) -> None:
    # Code is named after titles: a missing one falls back to `PbxUser`, and two alike would be one class.
    taken: set[str] = set()
    for name, schema in schemas.items():
        own = name.rsplit(".", 1)[-1]
        title = own if own not in taken else name.replace(".", "")
        taken.add(title)
        schemas[name] = {"title": title, **_without_title(schema)}


def _without_title(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "title"}
