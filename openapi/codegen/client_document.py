"""The document as openapi-python-client is to read it.

The facts stay the document's; only what the generator would turn into a poor client is put in another form here.
"""

from __future__ import annotations

from typing import Any

from openapi.codegen.document import ApiDocument, short

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/"
NULLABLE_KEY = "x-3cx-nullable"  # marks an argument of a function that may be null
BODY = "x-parameters-of-action"  # marks a body that is described inline: its properties become arguments


def shape(document: Json) -> Json:
    """Change the document in place for the generator, and return it.

    - error answers go: the runtime raises them, an operation never returns one;
    - what a function answers inline becomes a named schema, shared by all that answer the same;
    - a body described inline is called after its operation, and says which of its properties an action needs;
    - arrays may be null (PBXs send that), defaults go (what was not sent is Unset), and a number that may also be the
      word INF or NaN is a number or a string;
    - arguments of functions that may be null are marked: the generator takes no path parameter that says so itself.
    """
    api = ApiDocument(document)
    for path, _, operation in api.operations():
        operation["responses"].pop("default", None)
        operation["responses"] = {code: _answer(api, each) for code, each in operation["responses"].items()}
        if "requestBody" in operation:
            operation["requestBody"] = _body(api.resolve(operation["requestBody"]), operation["operationId"])
        if "/Pbx." in path:  # a key that may be null is a mistake of the document, and shows as one
            for parameter in (*operation.get("parameters", ()), *api.paths[path].get("parameters", ())):
                if parameter.get("in") == "path" and parameter["schema"].pop("nullable", False):
                    parameter[NULLABLE_KEY] = True
    _relax(document)
    return document


def _answer(api: ApiDocument, answer: Json) -> Json:
    """An answer that is described inline refers to a schema that all share which answer the same."""
    answer = api.resolve(answer)
    schema: Json = answer.get("content", {}).get("application/json", {}).get("schema", {})
    value = {} if "$ref" in schema else api.properties(schema).get("value", {})
    if not value:
        return answer
    name = f"{_type_name(value['items'])}CollectionResponse" if "allOf" in schema else f"{_type_name(value)}Response"
    full = api.full_name(name)
    api.definitions.setdefault(full, {"title": name, **schema})
    return {"description": answer["description"], "content": {"application/json": {"schema": {"$ref": SCHEMAS + full}}}}


def _type_name(schema: Json) -> str:
    if "$ref" in schema:
        return short(schema["$ref"])
    name = {"int32": "Integer", "int64": "Integer"}.get(schema.get("format", ""), str(schema["type"]).capitalize())
    return f"Nullable{name}" if schema.get("nullable") else name


def _body(body: Json, operation_id: str) -> Json:
    for content in body["content"].values():
        schema = content.get("schema", {"$ref": ""})
        if "$ref" not in schema:
            # An action wants a parameter that may not be null and has no default.
            parts = schema.get("properties", {}).items()
            needed = [name for name, part in parts if not part.get("nullable") and "default" not in part]
            content["schema"] = {**schema, "title": f"{operation_id}Body", BODY: True, "required": needed}
    return body


def _relax(node: Any, *, is_property: bool = False) -> None:
    if isinstance(node, list):
        for item in node:
            _relax(item)
    if not isinstance(node, dict):
        return
    if is_property:
        node.pop("default", None)
        if node.get("type") == "array":
            node["nullable"] = True
        if "oneOf" in node and any(part.get("type") == "number" for part in node["oneOf"]):
            node["oneOf"] = [{"type": "number"}, {"type": "string"}]
            node["nullable"] = True
    for key, value in node.items():
        if key == "properties" and isinstance(value, dict) and not is_property:
            for each in value.values():
                _relax(each, is_property=True)
        else:
            _relax(value)
