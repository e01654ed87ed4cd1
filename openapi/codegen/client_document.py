"""The document as openapi-python-client is to read it.

The facts stay the document's; only what the generator would turn into a poor client is put in another form here.
"""

from __future__ import annotations

from typing import Any

from openapi.codegen.document import resolve
from openapi.codegen.normalise import METHODS

Json = dict[str, Any]
SCHEMAS = "#/components/schemas/"
NULLABLE_KEY = "x-3cx-nullable"  # marks an argument of a function that may be null
BODY = "x-parameters-of-action"  # marks a body that is described inline: its properties become arguments
BASE_COLLECTION = "BaseCollectionPaginationCountResponse"


def shape(document: Json) -> Json:
    """Change the document in place for the generator, and return it.

    - error answers go: the runtime raises them, an operation never returns one;
    - what a function answers inline becomes a named schema, shared by all that answer the same;
    - a body described inline is called after its operation, and says which of its properties an action needs;
    - arrays may be null (PBXs send that), defaults go (what was not sent is Unset), and a number that may also be the
      word INF or NaN is a number or a string.
    """
    schemas: Json = document["components"]["schemas"]
    for operation in operations(document):
        for code, answer in list(operation["responses"].items()):
            if code == "default":
                del operation["responses"][code]
            else:
                operation["responses"][code] = _answer(resolve(document, answer), schemas)
        if "requestBody" in operation:
            operation["requestBody"] = _body(resolve(document, operation["requestBody"]), operation["operationId"])
    _relax(document)
    _mark_nullable_arguments(document)
    return document


def _mark_nullable_arguments(document: Json) -> None:
    """Arguments of functions that may be null: the generator of clients takes no path parameter that says so itself."""
    for path, item in document["paths"].items():
        if "/Pbx." not in path:  # a key that may be null is a mistake of the document, and shows as one
            continue
        for holder in (item, *(item[method] for method in METHODS if method in item)):
            for parameter in holder.get("parameters", ()):
                if parameter.get("in") == "path" and parameter["schema"].pop("nullable", False):
                    parameter[NULLABLE_KEY] = True


def operations(document: Json) -> list[Json]:
    """Every operation of the document, in its order."""
    return [item[method] for item in document["paths"].values() for method in METHODS if method in item]


def _answer(answer: Json, schemas: Json) -> Json:
    content = answer.get("content", {}).get("application/json")
    if not content:
        return answer
    schema: Json = content["schema"]
    name, made = _named(schema)
    if name is None:
        return answer
    full = next((known for known in (f"Pbx.{name}", name) if known in schemas), name)
    schemas.setdefault(full, {"title": name, **made})
    return {"description": answer["description"], "content": {"application/json": {"schema": {"$ref": SCHEMAS + full}}}}


def _named(schema: Json) -> tuple[str | None, Json]:
    """The name and the content of the shared schema for an inline answer; no name where the answer is not one."""
    parts = [part for part in schema.get("allOf", ()) if "$ref" not in part]
    if len(parts) == 1 and "value" in parts[0].get("properties", {}):
        items = parts[0]["properties"]["value"]["items"]
        return f"{_type_name(items)}CollectionResponse", schema
    if list(schema.get("properties", ())) == ["value"]:
        return f"{_type_name(schema['properties']['value'])}Response", schema
    return None, {}


def _type_name(schema: Json) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(SCHEMAS).removeprefix("Pbx.")
    name = {"int32": "Integer", "int64": "Integer"}.get(schema.get("format", ""), str(schema["type"]).capitalize())
    return f"Nullable{name}" if schema.get("nullable") else name


def _body(body: Json, operation_id: str) -> Json:
    for content in body["content"].values():
        schema = content.get("schema", {"$ref": ""})
        if "$ref" not in schema:
            needed = [name for name, part in schema.get("properties", {}).items() if _needed(part)]
            content["schema"] = {**schema, "title": f"{operation_id}Body", BODY: True, "required": needed}
    return body


def _needed(parameter: Json) -> bool:
    """Whether an action wants a parameter: it may not be null, and there is no default."""
    return not parameter.get("nullable") and "default" not in parameter


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
