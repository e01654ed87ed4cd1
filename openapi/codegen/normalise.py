"""Turns a vendor document into ours: every fact, none of the prose, in an order that depends on
nothing but the facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from openapi.codegen.errors import CodegenError
from openapi.codegen.source import Document

METHODS = ("get", "put", "post", "patch", "delete")

#: Documented as JSON, these answer a file (XAPI.md, "Reading"): the 42 functions named Download... and Export...
DOWNLOAD = re.compile(r"/Pbx\.(Download|Export)\w*\(")
BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}

#: A response must have a description; these are ours.
RESPONSE_WORDS = {"200": "OK", "201": "Created", "204": "No content", "default": "Error"}

_ROOT_ORDER = ("openapi", "info", "servers", "security", "paths", "components")
_OPERATION_ORDER = ("operationId", "tags", "x-ms-docs-operation-type", "parameters", "requestBody", "responses")
_PARAMETER_ORDER = ("$ref", "name", "in", "required", "explode", "schema", "x-ms-docs-key-type")
_SCHEMA_ORDER = (
    "$ref", "title", "type", "format", "nullable", "enum", "required", "minimum", "maximum", "maxLength", "pattern",
    "uniqueItems", "items", "allOf", "oneOf", "anyOf", "properties", "additionalProperties",
)  # fmt: skip
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
    components = source["components"]
    schemas = {name: _schema(schema) for name, schema in sorted(components["schemas"].items())}
    _make_titles_unique(schemas)
    parts: dict[str, Any] = {
        "schemas": schemas,
        "responses": {
            name: _response("default" if name == "error" else "200", r)
            for name, r in sorted(components["responses"].items())
        },
        "parameters": {name: _parameter(p, "") for name, p in sorted(components["parameters"].items())},
        "requestBodies": {name: _body(b) for name, b in sorted(components.get("requestBodies", {}).items())},
        "securitySchemes": {name: _factual(s) for name, s in sorted(components["securitySchemes"].items())},
    }
    document = {key: _factual(value) for key, value in source.items() if key not in ("paths", "components", "tags")}
    document["paths"] = {path: _path_item(path, item) for path, item in sorted(source["paths"].items())}
    document["components"] = {name: part for name, part in parts.items() if part}
    _refer_to_equal_components(document, schemas)
    return _ordered(document, _ROOT_ORDER)


def _path_item(path: str, item: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if "parameters" in item:
        result["parameters"] = [_parameter(p, path) for p in item["parameters"]]
    for method in METHODS:
        if method in item:
            result[method] = _operation(path, item[method])
    return result


def _operation(path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    result = {key: value for key, value in operation.items() if key not in _PROSE}
    if "parameters" in result:
        result["parameters"] = [_parameter(p, path) for p in result["parameters"]]
    if "requestBody" in result:
        result["requestBody"] = _body(result["requestBody"])
    result["responses"] = {status: _response(status, r) for status, r in sorted(result["responses"].items())}
    if DOWNLOAD.search(path):
        result["responses"]["200"] = {"description": RESPONSE_WORDS["200"], "content": BYTES}
    return _ordered(result, _OPERATION_ORDER)


def _parameter(parameter: Mapping[str, Any], path: str) -> dict[str, Any]:
    if "$ref" in parameter:
        return dict(parameter)
    result = {key: value for key, value in parameter.items() if key not in _PROSE}
    schema = _schema(result["schema"])
    if result["in"] == "path":
        # A key has a value. An argument of a function may be the literal null, and never has a default.
        argument = re.search(rf"Pbx\.\w+\([^)]*\b{re.escape(result['name'])}=\{{", path) is not None
        schema = {key: value for key, value in schema.items() if key != "default" and (key != "nullable" or argument)}
    result["schema"] = schema
    return _ordered(result, _PARAMETER_ORDER)


def _body(body: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in body:
        return dict(body)
    result = {key: value for key, value in body.items() if key not in _PROSE}
    result["content"] = _content(result["content"])
    return _ordered(result, ("required", "content"))


def _response(status: str, response: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in response:
        return dict(response)
    result = {key: value for key, value in response.items() if key not in _PROSE}
    if "content" in result:
        result["content"] = _content(result["content"])
    return {"description": RESPONSE_WORDS.get(status, f"Status {status}"), **_ordered(result, ("headers", "content"))}


def _content(content: Mapping[str, Any]) -> dict[str, Any]:
    return {media: {"schema": _schema(value["schema"])} for media, value in sorted(content.items())}


def _schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    # Not every key called description is prose: under `properties` the keys are the entity's own names.
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _PROSE:
            continue
        if key == "properties":
            result[key] = {name: _schema(value[name]) for name in sorted(value)}
        elif key in ("items", "additionalProperties") and isinstance(value, Mapping):
            result[key] = _schema(value)
        elif key in ("allOf", "oneOf", "anyOf"):
            result[key] = [_schema(part) for part in value]
        else:
            result[key] = value
    return _ordered(_nullable_once(result), _SCHEMA_ORDER)


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


def _factual(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _factual(value) for key, value in node.items() if key not in _PROSE}
    if isinstance(node, list):
        return [_factual(value) for value in node]
    return node


def _make_titles_unique(schemas: dict[str, Any]) -> None:
    # Code is named after titles: a missing one falls back to `PbxUser`, and two alike would be one class.
    taken: set[str] = set()
    for name, schema in schemas.items():
        own = name.rsplit(".", 1)[-1]
        title = own if own not in taken else name.replace(".", "")
        taken.add(title)
        schemas[name] = {"title": title, **{key: value for key, value in schema.items() if key != "title"}}


def _refer_to_equal_components(document: Document, schemas: Mapping[str, Any]) -> None:
    # A function answers its collection as a copy of a component: said once, it is one class instead of two.
    known = {repr(_untitled(schema)): name for name, schema in schemas.items() if name.endswith("CollectionResponse")}
    for item in document["paths"].values():
        for operation in (item[method] for method in METHODS if method in item):
            for content in _answers(operation):
                schema = content["schema"]
                name = known.get(repr(_untitled(schema)))
                if name is not None and "$ref" not in schema:
                    content["schema"] = {"$ref": f"#/components/schemas/{name}"}
                elif str(schema.get("title", "")).startswith("Collection of "):
                    del schema["title"]


def _untitled(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "title"}


def _answers(operation: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for response in operation["responses"].values():
        yield from response.get("content", {}).values()


def _ordered(mapping: Mapping[str, Any], first: tuple[str, ...]) -> dict[str, Any]:
    rank = {key: place for place, key in enumerate(first)}
    return {key: mapping[key] for key in sorted(mapping, key=lambda key: (rank.get(key, len(first)), key))}
