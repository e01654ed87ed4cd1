"""The index of operations: what is known of each before it is called, as data (threecx_xapi/index.json).

Schemas keep the words of OpenAPI, in fewer forms: inheritance is flattened, a reference names its schema and may say
that null is allowed, a number that may also be a word says which, and prose and titles are gone. Facts that the oldest
known release lacks carry the release that added them: an operation its own, a structure one per name within it.
"""

from __future__ import annotations

import json
from typing import Any

from openapi.codegen.client_document import SCHEMAS, Json
from openapi.codegen.client_project import GENERATED
from openapi.codegen.document import PARTS_KEY, RELEASES_KEY, SINCE_KEY, ApiDocument, referred, short
from openapi.codegen.errors import CodegenError

# Formats with bounds that threecx_xapi._operations.fit knows.
_USUAL = {"int32": (-(2**31), 2**31 - 1)}
_FACTS = ("type", "format", "nullable", "minimum", "maximum", "maxLength", "enum")
_OTHERS = ("title", "description", "pattern", "uniqueItems", "properties", "items", "allOf", "required", "default")


def index(document: Json) -> str:
    """The text of index.json: one operation and one schema a line.

    Raises:
        CodegenError: the document says something in a form that is new here.
    """
    made = _Index(document)
    described = {each["operationId"]: made.operation(path, method, each) for path, method, each in made.operations()}
    parts = {"operations": described, "query": made.query, "schemas": made.reached()}
    # JSON has no comments, so a first entry says that the file is generated.
    generated, releases = _compact(GENERATED.removeprefix("# ")), _compact(document.get(RELEASES_KEY, []))
    said = f'{{"generated":{generated},\n"releases":{releases},\n'
    return said + ",\n".join(f'"{name}":{{\n{_lines(part)}\n}}' for name, part in parts.items()) + "}\n"


def _lines(part: Json) -> str:
    return ",\n".join(f"{_compact(name)}:{_compact(part[name])}" for name in sorted(part))


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class _Index(ApiDocument):
    def __init__(self, document: Json) -> None:
        super().__init__(document)
        self._wanted: list[str] = []
        self.query: Json = {}

    def operation(self, path: str, method: str, operation: Json) -> Json:
        """Return the facts of one operation; empty and false ones are left out."""
        where = f"{method.upper()} {path}"
        found: dict[str, Json] = {"path": {}, "query": {}, "header": {}}
        for each in self.parameters(operation):
            if each["in"] not in found or (each["in"] == "header" and each["name"] != "If-Match"):
                raise CodegenError(f"{where}: a parameter {each['name']} in the {each['in']} is not supported")
            found[each["in"]][each["name"]] = self.schema(each["schema"])
        for name, schema in found["query"].items():
            if self.query.setdefault(name, schema) != schema:
                raise CodegenError(f"{where}: {name} differs from its description elsewhere")
        facts = {
            "method": method.upper(),
            "path": path,
            "path_parameters": found["path"],
            "query": list(found["query"]),
            "if_match": bool(found["header"]),
            "answer": self._answer(operation),
            "since": operation.get(SINCE_KEY),
            "parts_since": operation.get(PARTS_KEY),
        }
        if "requestBody" in operation:
            facts["body"] = self.schema(self.taken(operation))
            # The document calls the body of most updates optional; there is no update without one.
            required = self.resolve(operation["requestBody"]).get("required")
            facts["body_required"] = bool(required) or method == "patch"
        return {name: value for name, value in facts.items() if value or name == "body"}

    def schema(self, raw: Json) -> Json:
        """A schema in the forms of the index."""
        if "oneOf" in raw:
            return self._number(raw)
        if "$ref" in raw or len(raw.get("allOf", ())) == 1:
            name = referred(raw).removeprefix(SCHEMAS)
            self._wanted.append(name)
            return {"$ref": short(name), **({"nullable": True} if raw.get("nullable") else {})}
        unknown = {word for word in raw if word not in (*_FACTS, *_OTHERS) and not word.startswith("x-")}
        if unknown:
            raise CodegenError(f"the index of operations does not know {', '.join(sorted(unknown))} in a schema")
        made = {word: raw[word] for word in _FACTS if word in raw}
        if _USUAL.get(made.get("format", "")) == (made.get("minimum"), made.get("maximum")):
            del made["minimum"], made["maximum"]
        if raw.get("x-ms-enum-flags", {}).get("isFlags"):
            made["flags"] = True
        if "items" in raw:
            made["items"] = self.schema(raw["items"])
        if "properties" in raw or "allOf" in raw:
            made["type"] = "object"
            made["properties"] = {name: self.schema(value) for name, value in self.properties(raw).items()}
        since = self._since(raw)
        if since:
            made["since"] = since
        return made

    def reached(self) -> Json:
        """Every schema that a body leads to, by its name without Pbx."""
        found: Json = {}
        while self._wanted:
            name = self._wanted.pop()
            if short(name) not in found:
                found[short(name)] = {}
                found[short(name)] = self.schema(self.definitions[name])
        return found

    def _since(self, raw: Json) -> Json:
        """Of its properties, the inherited ones too, or of its members."""
        found: Json = {}
        for part in raw.get("allOf", ()):
            found |= self._since(self.resolve(part))
        found |= raw.get(PARTS_KEY, {})
        return found

    def _number(self, raw: Json) -> Json:
        parts = [self.resolve(part) for part in raw["oneOf"]]
        if [part.get("type", "string") for part in parts] != ["number", "string", "string"] or "enum" not in parts[2]:
            raise CodegenError("the index of operations knows one kind of oneOf: a number, or a word for one")
        return {"type": "number", "nullable": bool(parts[0].get("nullable")), "words": parts[2]["enum"]}

    def _answer(self, operation: Json) -> str:
        """none, bytes, rows (a list), value (one plain value) or json."""
        [answer] = [self.resolve(each) for code, each in operation["responses"].items() if code != "default"]
        if "application/json" not in answer.get("content", {}):
            return "bytes" if answer.get("content") else "none"
        found = self.properties(self.resolve(self.answered(operation)))
        if set(found) - {"@odata.count", "@odata.nextLink"} == {"value"}:
            return "rows" if found["value"].get("type") == "array" else "value"
        return "json"
