"""Facts of the document about entity sets, what can be read, and each property."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from openapi.codegen.document import PARTS_KEY, PREFIX, SINCE_KEY, ApiDocument, referred, short
from openapi.codegen.errors import CodegenError
from openapi.codegen.modules.naming import snake_case
from pbx_as_code.description import Kind, Property

#: The property that says that a credential is there and not shown. It is the engine's business, and no option.
CONCEALED = "Concealed"
_KIND_OF_FORMAT: dict[str, Kind] = {"date-time": "datetime", "date": "date", "time": "time", "duration": "duration",
                                    "uuid": "uuid"}  # fmt: skip
#: Bounds of a whole number by format, if the document has none; no format has more than 64 bits.
_BOUNDS = {"uint8": (0, 2**8 - 1), "int16": (-(2**15), 2**15 - 1), "int32": (-(2**31), 2**31 - 1)}
_WIDEST = (-(2**63), 2**63 - 1)
#: Actions that say by their name that what they take is kept.
_SETS = re.compile(r"(?:^/|/Pbx\.)(?:Set|Update|Edit|Replace)(?![a-z])")


class Fact(Property):
    """Facts of the document about one property; its option is spelled as the name is."""

    owner: str = ""
    """The schema that declares it, without Pbx.: a base type where it is inherited."""
    structure: str | None = None
    """The schema of a complex value, without Pbx."""


@dataclass(frozen=True)
class EntitySet:
    """Facts of the document about one entity set."""

    name: str
    schema: str
    key: str
    """The name of the key property: what stands in parentheses in the URL."""
    can_list: bool
    can_create: bool
    can_update: bool
    can_delete: bool


@dataclass(frozen=True)
class Readable:
    """Facts of the document about something readable without a key and without a parameter."""

    schema: str
    is_list: bool
    can_order: bool
    """Whether it takes $orderby."""
    can_write: bool
    """Whether there are creations, updates or removals of it too."""
    key: str | None
    """Text in parentheses in the URL of a row of the list, if there is one."""


class SchemaReader(ApiDocument):
    """Reads the facts out of a document (see openapi.codegen.document.load)."""

    @cached_property
    def entity_sets(self) -> dict[str, EntitySet]:
        """Every entity set whose members have a key in a URL."""
        found: dict[str, EntitySet] = {}
        for path, item in self.paths.items():
            keyed = re.fullmatch(r"/(\w+)\(\{(\w+)\}\)", path)
            collection = self.paths.get(f"/{keyed[1]}", {}) if keyed else {}
            if not keyed or not ("get" in collection or "get" in item):
                continue
            schema = self.row(collection["get"]) if "get" in collection else short(self.answered(item["get"])["$ref"])
            if schema is None:
                raise CodegenError(f"xapi-v1.yaml: /{keyed[1]} does not answer a list of entities")
            found[keyed[1]] = EntitySet(
                name=keyed[1],
                schema=schema,
                key=keyed[2],
                can_list="get" in collection,
                can_create="post" in collection,
                can_update="patch" in item,
                can_delete="delete" in item,
            )
        return found

    @cached_property
    def singletons(self) -> dict[str, str]:
        """The schema of every singleton that can be changed, by its name in the URL."""
        return {
            path[1:]: short(self.answered(item["get"])["$ref"])
            for path, item in self.paths.items()
            if re.fullmatch(r"/\w+", path) and "patch" in item and "get" in item
        }

    @cached_property
    def setters(self) -> dict[str, str]:
        """Every action that sets something, going by its name: its path by its operationId."""
        return {
            operation["operationId"]: path[1:]
            for path, method, operation in self.operations()
            if method == "post" and _SETS.search(path)
        }

    @cached_property
    def readables(self) -> dict[str, Readable]:
        """Every list and every structure that can be read without telling more than its path, by that path."""
        found: dict[str, Readable] = {}
        for path, method, operation in self.operations():
            if method != "get" or "{" in path:
                continue
            row, answer = self.row(operation), self.answered(operation)
            structure = referred(answer) if "$ref" in answer or answer.get("nullable") else ""
            if row is None and not (structure and self.resolve({"$ref": structure}).get("properties")):
                continue
            below = [other for other in self.paths if other.startswith(f"{path}({{")]
            writable = [path, *(other for other in below if other.endswith("})"))]
            keys = [match[1] for other in below if (match := re.search(r"\(\{(\w+)\}\)", other))]
            found[path[1:]] = Readable(
                schema=row or short(structure),
                is_list=row is not None,
                can_order=self.can_order(operation),
                can_write=any({"post", "patch", "put", "delete"} & self.paths[one].keys() for one in writable),
                key=next(iter(keys), None),
            )
        return found

    def operation(self, operation_id: str, method: str) -> tuple[str, Mapping[str, Any]]:
        """The path of an operation, without its first slash, and the operation.

        Raises:
            CodegenError: the document has none of this name and method.
        """
        for path, verb, operation in self.operations():
            if (verb, operation.get("operationId")) == (method, operation_id):
                return path[1:], operation
        raise CodegenError(f"the document has no {method.upper()} {operation_id}")

    def arguments(self, operation: Mapping[str, Any], name: str) -> dict[str, Fact]:
        """Facts about what an action takes; `name` is of the thing they belong to, for messages."""
        found = self.resolve(self.taken(operation)).get("properties", {})
        return {each: self._fact(each, name, raw) for each, raw in found.items()}

    def row(self, operation: Mapping[str, Any]) -> str | None:
        """The schema of one row of the list that an operation answers, without Pbx.; None if it answers no list."""
        rows = self.properties(self.resolve(self.answered(operation))).get("value", {})
        return short(rows["items"]["$ref"]) if "$ref" in rows.get("items", {}) else None

    def can_order(self, operation: Mapping[str, Any]) -> bool:
        """Whether a list takes $orderby."""
        return any(each["name"] == "$orderby" for each in self.parameters(operation))

    def has_call(self, method: str, entity_set: str, call: str) -> bool:
        """Whether `entity_set` has a function (get), as it is called: InitFax(), or an action (post)."""
        return method in self.paths.get(f"/{entity_set}/{PREFIX}{call}", {})

    def action(self, entity_set: str, action: str) -> tuple[str, str] | None:
        """The one parameter of an action of `entity_set`, and the structure (without Pbx.) that it is; None for other
        actions.
        """
        call = self.paths.get(f"/{entity_set}/{PREFIX}{action}", {}).get("post", {})
        takes = list(self.taken(call).get("properties", {}).items())
        return (takes[0][0], short(takes[0][1]["$ref"])) if len(takes) == 1 and "$ref" in takes[0][1] else None

    def since(self, path: str) -> str | None:
        """The first known release that answers a path (without its first slash); None where the oldest known one
        does.
        """
        since: str | None = self.paths.get(f"/{path}", {}).get("get", {}).get(SINCE_KEY)
        return since

    def has_schema(self, schema: str) -> bool:
        """Whether there is a schema of that name (without Pbx.)."""
        return f"{PREFIX}{schema}" in self.definitions

    @property
    def schemas(self) -> list[str]:
        """The names of all schemas, without Pbx."""
        return [name.removeprefix(PREFIX) for name in self.definitions if name.startswith(PREFIX)]

    def declared(self, schema: str) -> dict[str, Fact]:
        """The properties a schema declares itself, without the inherited ones."""
        own = self.definitions[f"{PREFIX}{schema}"]
        own = own["allOf"][-1] if "allOf" in own else own
        return {name: self._fact(name, schema, raw) for name, raw in own.get("properties", {}).items()}

    def facts(self, schema: str) -> dict[str, Fact]:
        """Every property of a schema by name, the inherited ones first."""
        found: dict[str, Fact] = {}
        for part in self.definitions[f"{PREFIX}{schema}"].get("allOf", []):
            if "$ref" in part:
                found |= self.facts(short(part["$ref"]))
        return found | self.declared(schema)

    def _fact(self, name: str, owner: str, raw: Mapping[str, Any]) -> Fact:
        encoded = raw.get("x-3cx-encoded", {})
        if encoded:
            raw = {"type": "array", "nullable": True, "items": {"$ref": encoded["items"]}}
        many = raw.get("type") == "array"
        value = raw["items"] if many else raw
        kind, choices, structure = self._kind(value, f"{owner}.{name}")
        plain = {} if structure else self.resolve(value)
        least, most = _BOUNDS.get(str(plain.get("format")), _WIDEST)
        return Fact(
            name=name,
            option=snake_case(name),
            owner=owner,
            # Each item of a collection is one of the flags.
            kind="enum" if many and kind == "flags" else kind,
            many=many,
            choices=choices,
            structure=structure,
            nullable=bool(raw.get("nullable")),
            minimum=int(plain.get("minimum", least)) if kind == "int" else None,
            maximum=int(plain.get("maximum", most)) if kind == "int" else None,
            max_length=plain.get("maxLength"),
            encoding=encoded.get("encoding", ""),
            conceals=structure is not None and CONCEALED in self.properties(self._target(value)),
            navigation=bool(raw.get("x-ms-navigationProperty")),
            since=self.definitions.get(f"{PREFIX}{owner}", {}).get(PARTS_KEY, {}).get(name),
            newer=tuple(self._target(value).get(PARTS_KEY, {}).items()) if choices else (),
        )

    def _target(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema that a value refers to, be it that it may also be null."""
        return self.resolve({"$ref": referred(raw)}) if referred(raw) else raw

    def _kind(self, raw: Mapping[str, Any], where: str) -> tuple[Kind, tuple[str, ...], str | None]:
        """How a value is written: its kind, the members of an enum, the name of a structure."""
        target = self._target(raw)
        if "enum" in target:
            flags = target.get("x-ms-enum-flags", {}).get("isFlags")
            return ("flags" if flags else "enum"), tuple(target["enum"]), None
        if referred(raw):
            concealed = set(target.get("properties", ())) == {CONCEALED, "Value"}
            return ("concealed", (), None) if concealed else ("complex", (), short(referred(raw)))
        # A floating-point number is described as one of number, string ("INF") and a reference to both.
        parts = [raw, *raw.get("oneOf", ()), *raw.get("anyOf", ())]
        match raw.get("type"), raw.get("format"):
            case "boolean", _:
                return "bool", (), None
            case "integer", "decimal":
                return "float", (), None
            case "integer", _:
                return "int", (), None
            case "string", form:
                return _KIND_OF_FORMAT.get(str(form), "str"), (), None
        if any(part.get("type") == "number" for part in parts):
            return "float", (), None
        raise CodegenError(f"xapi-v1.yaml: the module generator cannot read the type of {where}")
