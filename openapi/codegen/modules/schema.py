"""Facts of the document about an entity set, its schema and each property."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, get_args

from openapi.codegen.document import PARTS_KEY, SINCE_KEY, resolve
from openapi.codegen.errors import CodegenError
from openapi.codegen.modules.encoded import ENCODED, SCHEMAS
from pbx_as_code.description import Kind

PREFIX = "Pbx."
#: The property that says that a credential is there and not shown. It is the engine's business, and no option.
CONCEALED = "Concealed"
_KIND_OF_FORMAT: dict[str, Kind] = {
    "date-time": "datetime",
    "date": "date",
    "time": "time",
    "duration": "duration",
    "uuid": "uuid",
}
#: Bounds of a whole number by format, if the document has none; no format has more than 64 bits.
_BOUNDS = {
    "uint8": (0, 2**8 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
#: Actions that say by their name that what they take is kept.
_SETS = re.compile(r"(?:^/|/Pbx\.)(?:Set|Update|Edit|Replace)(?![a-z])")
KINDS: frozenset[str] = frozenset(get_args(Kind))


@dataclass(frozen=True)
class Fact:
    """Facts of the document about one property."""

    name: str
    owner: str
    """The schema that declares it, without Pbx.: a base type where it is inherited."""
    kind: Kind
    many: bool = False
    choices: tuple[str, ...] = ()
    structure: str | None = None
    """The schema of a complex value, without Pbx."""
    nullable: bool = False
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    navigation: bool = False
    encoding: str = ""
    """How the PBX writes a list of structures as one text."""
    format: str | None = None
    since: str | None = None
    """The first known release that has it; None where the oldest known one does."""
    newer: tuple[tuple[str, str], ...] = ()
    """Those of `choices` that the oldest known release lacks, each with the first that has it."""


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


@dataclass(frozen=True)
class Singleton:
    """Facts of the document about one singleton that can be changed."""

    name: str
    schema: str


@dataclass(frozen=True)
class Pair:
    """Facts of the document about two calls: one returns the settings, the other, an action, takes them."""

    read: str
    """As in the URL, without the first slash."""
    write: str
    parameter: Fact
    """The one parameter of the action: a structure, a list of structures or one value. Where it is an action of one of
    an entity set and takes nothing else (it chooses that one), the key."""
    answer: str
    """The schema of what is answered, or of its rows; without Pbx."""
    lists: bool
    """Whether a list is answered."""


@dataclass(frozen=True)
class Within:
    """Facts of the document about entities that exist only within another entity."""

    schema: str
    owner: Fact
    """Parameter of all calls that names the parent."""
    list: str
    """Paths, without the first slash."""
    create: str
    update: str
    delete: str
    parameter: str
    """Of the actions that make and change one: what takes it."""
    named: str
    """Of the action that removes one: what takes its key."""
    can_order: bool


class SchemaReader:
    """Reads the facts out of a document (see openapi.codegen.document.load)."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._paths: Mapping[str, Any] = document["paths"]
        components = {**document["components"], "schemas": {**document["components"]["schemas"], **SCHEMAS}}
        self._document = {**document, "components": components}
        self._schemas: Mapping[str, Any] = components["schemas"]

    @cached_property
    def entity_sets(self) -> dict[str, EntitySet]:
        """Every entity set whose members have a key in a URL."""
        found: dict[str, EntitySet] = {}
        for path, item in self._paths.items():
            name, _, key = path[1:].removesuffix(")").partition("(")
            if "/" in path[1:] or not key.startswith("{") or not key.endswith("}"):
                continue
            collection = self._paths.get(f"/{name}", {})
            if "get" in collection:
                schema = self._row_schema(collection["get"], name)
            elif "get" in item:
                schema = _short(self._answer(item["get"])["$ref"])
            else:
                continue
            found[name] = EntitySet(
                name=name,
                schema=schema,
                key=key[1:-1],
                can_list="get" in collection,
                can_create="post" in collection,
                can_update="patch" in item,
                can_delete="delete" in item,
            )
        return found

    @cached_property
    def singletons(self) -> dict[str, Singleton]:
        """Every singleton that can be changed, by its name in the URL."""
        found: dict[str, Singleton] = {}
        for path, item in self._paths.items():
            name = path[1:]
            if "patch" in item and "get" in item and "/" not in name and "(" not in name:
                found[name] = Singleton(name, _short(self._answer(item["get"])["$ref"]))
        return found

    @cached_property
    def setters(self) -> dict[str, str]:
        """Every action that sets something, going by its name: its path by its operationId."""
        return {
            operation["operationId"]: path[1:]
            for path, item in self._paths.items()
            if (operation := item.get("post")) and _SETS.search(path)
        }

    def pair(self, read: str, write: str, name: str) -> Pair:
        """Two calls by their operationIds.

        Args:
            name: what the parameter of the action belongs to, for messages.

        Raises:
            CodegenError: they are not there, or not of this kind.
        """
        place, _ = self._operation(read, "get")
        goal, action = self._operation(write, "post")
        parameters = self._parameters(action)
        chosen = re.match(r"(\w+)\(\{(\w+)\}\)/[^{]+$", goal)
        if chosen and not parameters:
            whose = self.facts(self.entity_sets[chosen[1]].schema)
            taken = replace(whose[chosen[2]], owner=name)
        elif len(parameters) != 1 or "{" in place + goal:
            raise CodegenError(f"{read} and {write} are no pair: one takes the one parameter that the other answers")
        else:
            [(parameter, raw)] = parameters.items()
            taken = self._fact(parameter, name, raw)
        answered = self.readables.get(place)
        if answered is None:
            raise CodegenError(f"{read} answers neither a structure nor a list")
        if chosen and answered.schema != self.entity_sets[chosen[1]].schema:
            raise CodegenError(f"{write} chooses one of {chosen[1]}, and {read} answers none of these")
        return Pair(place, goal, taken, answered.schema, answered.is_list)

    def within(self, name: str, listing: str, create: str, update: str, delete: str) -> Within:
        """Entities that are there only within another one, by the operationIds of their calls.

        Args:
            name: of them, for messages.

        Raises:
            CodegenError: they are not there, or do not fit together.
        """
        place, lister = self._operation(listing, "get")
        named = re.findall(r"\((\w+)=\{\1\}\)$", place)
        calls = [self._operation(one, "post") for one in (create, update, delete)]
        takes = [self._parameters(action) for _, action in calls]
        others = [[other for other in parameters if other not in named] for parameters in takes]
        if len(named) != 1 or any(len(two) != 2 for two in takes) or any(len(one) != 1 for one in others):
            raise CodegenError(
                f"{listing}, {create}, {update}, {delete}: each is to take what names the other one, and one more"
            )
        schema = self._row_schema(lister, place)
        taken = [self._fact(other, name, takes[n][other]) for n, [other] in enumerate(others)]
        if [fact.structure for fact in taken] != [schema, schema, None] or taken[0].name != taken[1].name:
            raise CodegenError(f"{create} and {update} do not take what {listing} lists")
        return Within(
            schema=schema,
            owner=self._fact(named[0], name, takes[0][named[0]]),
            list=place,
            create=calls[0][0],
            update=calls[1][0],
            delete=calls[2][0],
            parameter=taken[0].name,
            named=taken[2].name,
            can_order=self._can_order(lister),
        )

    def _parameters(self, action: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schemas of what an action takes, by name."""
        body = resolve(self._document, action.get("requestBody", {})).get("content", {}).get("application/json", {})
        found: Mapping[str, Any] = resolve(self._document, body.get("schema", {})).get("properties", {})
        return found

    def _operation(self, operation_id: str, method: str) -> tuple[str, Mapping[str, Any]]:
        for path, item in self._paths.items():
            if item.get(method, {}).get("operationId") == operation_id:
                return path[1:], item[method]
        raise CodegenError(f"the document has no {method.upper()} {operation_id}")

    @cached_property
    def readables(self) -> dict[str, Readable]:
        """Every list and every structure that can be read without telling more than its path, by that path."""
        found: dict[str, Readable] = {}
        for path, item in self._paths.items():
            if "get" not in item or "{" in path:
                continue
            answer = resolve(self._document, item["get"]["responses"]["200"]).get("content", {}).get("application/json")
            if answer is None:
                continue
            name, is_list = path[1:], True
            try:
                row = self._row_schema(item["get"], name)
            except CodegenError:
                schema = str((_instead_of_null(answer["schema"])).get("$ref", ""))
                row, is_list = _short(schema), False
                if not schema or not resolve(self._document, {"$ref": schema}).get("properties"):
                    continue
            keyed = [other for other in self._paths if other.startswith(f"/{name}({{") and other.endswith("})")]
            keys = [re.search(r"\(\{(\w+)\}\)", other) for other in self._paths if other.startswith(f"/{name}({{")]
            found[name] = Readable(
                schema=row,
                is_list=is_list,
                can_order=self._can_order(item["get"]),
                can_write=any(
                    verb in self._paths[one] for one in (path, *keyed) for verb in ("post", "patch", "put", "delete")
                ),
                key=next((match[1] for match in keys if match), None),
            )
        return found

    def _row_schema(self, operation: Mapping[str, Any], name: str) -> str:
        """The schema of one row of a list, without Pbx."""
        schema = resolve(self._document, self._answer(operation))
        for part in schema.get("allOf", [schema]):
            items = part.get("properties", {}).get("value", {}).get("items", {})
            if "$ref" in items:
                return _short(items["$ref"])
        raise CodegenError(f"xapi-v1.yaml: /{name} does not answer a list of entities")

    def _can_order(self, operation: Mapping[str, Any]) -> bool:
        """Whether a list takes $orderby."""
        return any(resolve(self._document, one).get("name") == "$orderby" for one in operation.get("parameters", ()))

    def _answer(self, operation: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema of a response, as it stands: often a reference."""
        answer = resolve(self._document, operation["responses"]["200"])
        schema: Mapping[str, Any] = answer["content"]["application/json"]["schema"]
        return schema

    def conceals(self, structure: str) -> bool:
        """Whether a structure says by a mark that the PBX keeps the credentials in it to itself."""
        return CONCEALED in self.facts(structure)

    def has_function(self, entity_set: str, call: str) -> bool:
        """Whether `entity_set` has a function, as it is called: InitFax(), InitTrunk(template={template})."""
        return "get" in self._paths.get(f"/{entity_set}/{PREFIX}{call}", {})

    def has_action(self, entity_set: str, action: str) -> bool:
        """Whether `entity_set` has an action of that name."""
        return "post" in self._paths.get(f"/{entity_set}/{PREFIX}{action}", {})

    def action(self, entity_set: str, action: str) -> tuple[str, str] | None:
        """The one parameter of an action of `entity_set`, and the structure (without Pbx.) that it
        is; None for others.
        """
        call = self._paths.get(f"/{entity_set}/{PREFIX}{action}", {}).get("post", {})
        body = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        parameters = list(body.get("properties", {}).items())
        if len(parameters) != 1 or "$ref" not in parameters[0][1]:
            return None
        name, raw = parameters[0]
        return name, _short(raw["$ref"])

    def since(self, path: str) -> str | None:
        """The first known release that answers a path (without its first slash); None where the
        oldest known one does.
        """
        since: str | None = self._paths.get(f"/{path}", {}).get("get", {}).get(SINCE_KEY)
        return since

    def has_schema(self, schema: str) -> bool:
        """Whether there is a schema of that name (without Pbx.)."""
        return f"{PREFIX}{schema}" in self._schemas

    @property
    def schemas(self) -> list[str]:
        """The names of all schemas, without Pbx."""
        return [name.removeprefix(PREFIX) for name in self._schemas if name.startswith(PREFIX)]

    def declared(self, schema: str) -> dict[str, Fact]:
        """The properties a schema declares itself, without the inherited ones."""
        own = self._schemas[f"{PREFIX}{schema}"]
        own = own["allOf"][-1] if "allOf" in own else own
        return {name: self._fact(name, schema, raw) for name, raw in own.get("properties", {}).items()}

    def facts(self, schema: str) -> dict[str, Fact]:
        """Every property of a schema by name, the inherited ones first."""
        found: dict[str, Fact] = {}
        raw = self._schemas[f"{PREFIX}{schema}"]
        for part in raw.get("allOf", []):
            if "$ref" in part:
                found |= self.facts(_short(part["$ref"]))
        return found | self.declared(schema)

    def _fact(self, name: str, owner: str, raw: Mapping[str, Any]) -> Fact:
        encoding = ""
        if (owner, name) in ENCODED:
            item, encoding = ENCODED[owner, name]
            raw = {"type": "array", "nullable": True, "items": {"$ref": f"#/components/schemas/{PREFIX}{item}"}}
        many = raw.get("type") == "array"
        value = raw["items"] if many else raw
        kind, choices, structure = self._kind(value, f"{owner}.{name}")
        value = resolve(self._document, value) if not structure else value
        least, most = _BOUNDS.get(str(value.get("format")), _BOUNDS["int64"])
        if many and kind == "flags":  # each item of a collection is one of them
            kind = "enum"
        return Fact(
            name=name,
            owner=owner,
            kind=kind,
            many=many,
            choices=choices,
            structure=structure,
            nullable=bool(raw.get("nullable")),
            minimum=_whole(value.get("minimum"), least) if kind == "int" else None,
            maximum=_whole(value.get("maximum"), most) if kind == "int" else None,
            max_length=value.get("maxLength"),
            encoding=encoding,
            navigation=bool(raw.get("x-ms-navigationProperty")),
            format=value.get("format"),
            since=self._schemas.get(f"{PREFIX}{owner}", {}).get(PARTS_KEY, {}).get(name),
            newer=tuple(self._target(raw["items"] if many else raw).get(PARTS_KEY, {}).items()) if choices else (),
        )

    def _target(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema that a value refers to, be it that it may also be null."""
        reference = raw.get("$ref") or next((part.get("$ref") for part in raw.get("allOf", ())), None)
        return resolve(self._document, {"$ref": reference}) if reference else raw

    def _kind(self, raw: Mapping[str, Any], where: str) -> tuple[Kind, tuple[str, ...], str | None]:
        """How a value is written: its kind, the members of an enum, the name of a structure."""
        reference = raw.get("$ref") or next((part.get("$ref") for part in raw.get("allOf", ())), None)
        if reference:
            target = resolve(self._document, {"$ref": reference})
            if "enum" in target:
                flags = target.get("x-ms-enum-flags", {}).get("isFlags")
                return ("flags" if flags else "enum"), tuple(target["enum"]), None
            if set(target.get("properties", ())) == {CONCEALED, "Value"}:
                return "concealed", (), None
            return "complex", (), _short(reference)
        if "enum" in raw:
            return "enum", tuple(raw["enum"]), None
        match raw.get("type"), raw.get("format"):
            case "boolean", _:
                return "bool", (), None
            case "integer", "decimal":
                return "float", (), None
            case "integer", _:
                return "int", (), None
            case "number", _:
                return "float", (), None
            case "string", form:
                return _KIND_OF_FORMAT.get(str(form), "str"), (), None
        # A floating-point number is described as one of number, string ("INF") and a reference to both.
        if any(part.get("type") == "number" for part in raw.get("oneOf", ()) or raw.get("anyOf", ())):
            return "float", (), None
        raise CodegenError(f"xapi-v1.yaml: the module generator cannot read the type of {where}")


def _instead_of_null(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The type of the answer, without null."""
    parts = raw.get("allOf", ())
    return parts[0] if raw.get("nullable") and len(parts) == 1 else raw


def _short(reference: str) -> str:
    return reference.rpartition("/")[2].removeprefix(PREFIX)


def _whole(number: float | None, otherwise: int) -> int:
    return otherwise if number is None else int(number)
