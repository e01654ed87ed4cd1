"""Requests of the document: every path and method, found by the shape of a request's path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.odata.urls import Segment

from .document import Json
from .schema import Schema, Type, Value

METHODS = ("get", "post", "patch", "put", "delete")
_TEMPLATE_SEGMENT = re.compile(r"([\w.]+)(?:\((.*)\))?")
_PLACEHOLDER = re.compile(r"(?:(\w+)=)?\{(\w+)\}")

Shape = tuple[tuple[str, frozenset[str] | None], ...]


@dataclass(frozen=True, eq=False)
class Parameter:
    """A value in the path: a key of an entity or an argument of a function."""

    name: str
    value: Value
    is_key: bool


@dataclass(frozen=True, eq=False)
class Answer:
    """Form of a successful answer.

    kind: none, entity, collection, value (a primitive wrapped in {"value": ..}), bare (a primitive alone), bytes.
    """

    status: int
    kind: str
    value: Value | None = None


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of the document.

    kind: set, entity, singleton, navigation, function, action; owner: the entity set or singleton it begins with (""
    for imports); name: of function, action or navigation property; key: the parameter that names the entity.
    """

    method: str
    path: str
    kind: str
    owner: str
    name: str
    parameters: tuple[tuple[str, Parameter], ...]
    body: Value | None
    body_required: bool
    answer: Answer
    query_options: frozenset[str]
    if_match: bool

    def parameter(self, name: str) -> Parameter:
        """The path parameter called `name`."""
        return next(p for _, p in self.parameters if p.name == name)


@dataclass(frozen=True)
class Key:
    """A key's name and what its value must be."""

    name: str
    value: Value


@dataclass(frozen=True, eq=False)
class SetDescription:
    """An entity set: its type and its key."""

    name: str
    type: Type
    key: Key


class Routes:
    """The route table of one document."""

    def __init__(self, document: Json) -> None:
        self.schema = Schema(document)
        for name in self.schema.names():
            # All at once: routes are shared by simulators in different threads, and a type must be one object.
            self.schema.type(name)
        self.sets: dict[str, SetDescription] = {}
        self.singletons: dict[str, Type] = {}
        self._by_shape: dict[Shape, dict[str, Operation]] = {}
        paths = dict(document["paths"])
        self._find_sets(paths)
        self.operations = [
            self._operation(path, method, item, item[method])
            for path, item in paths.items()
            for method in METHODS
            if method in item
        ]
        for operation in self.operations:
            self._by_shape.setdefault(_shape(operation), {})[operation.method] = operation
        self._name_the_keys()
        #: Results of functions and effects of actions, by set and function.
        self.settings: dict[str, Type] = {
            place: operation.answer.value.type
            for operation in self.operations
            if (place := knowledge.setting_place(operation.owner, operation.name)) in knowledge.KEPT
            and operation.answer.value is not None
            and operation.answer.value.type is not None
        }

    def find(self, segments: tuple[Segment, ...]) -> dict[str, Operation] | None:
        """The operations of a path by their method (upper case), or None where the document has no such path."""
        return self._by_shape.get(tuple(segment.shape for segment in segments))

    def function(self, path: str) -> Operation | None:
        """The function without parameters of a path (`Owner/Pbx.Name()`), or None where the document has none there."""
        return next(
            (
                one
                for one in self.operations
                if one.path == f"/{path}" and one.kind == "function" and not one.parameters
            ),
            None,
        )

    def _find_sets(self, paths: Json) -> None:
        for path, item in paths.items():
            match = re.fullmatch(r"/(\w+)", path)
            if match is None or "get" not in item:
                continue
            name = match[1]
            answer = self._answer(item["get"])
            if answer.value is None or answer.value.type is None:
                continue
            if answer.kind == "collection":
                key = self._key_of(name, answer.value.type, paths)
                self.sets[name] = SetDescription(name, answer.value.type, key)
            else:
                self.singletons[name] = answer.value.type

        for path, item in paths.items():
            match = re.fullmatch(r"/(\w+)\(\{\w+\}\)", path)
            if match is None or match[1] in self.sets or "get" not in item:
                continue
            answer = self._answer(item["get"])
            if answer.kind == "entity" and answer.value is not None and answer.value.type is not None:
                key = self._key_of(match[1], answer.value.type, paths)
                self.sets[match[1]] = SetDescription(match[1], answer.value.type, key)

    def _key_of(self, name: str, kind: Type, paths: Json) -> Key:
        for path, item in paths.items():
            match = re.fullmatch(rf"/{name}\(\{{(\w+)\}}\)(?:/.*)?", path)
            if match:
                operation = next(item[method] for method in METHODS if method in item)
                for parameter in operation["parameters"]:
                    if parameter.get("name") == match[1]:
                        return Key(match[1], self.schema.value(parameter["schema"]))
        key = knowledge.KEYS.get(name) or ("Id" if "Id" in kind.properties else next(iter(kind.properties)))
        return Key(key, kind.properties[key].value)

    def _operation(self, path: str, method: str, item: Json, node: Json) -> Operation:
        parameters: list[tuple[str, Parameter]] = []
        declared = {}
        options = set()
        if_match = False
        for parameter in [*item.get("parameters", ()), *node.get("parameters", ())]:
            parameter = self.schema.deref(parameter)
            if parameter["in"] == "path":
                declared[parameter["name"]] = Parameter(
                    parameter["name"], self.schema.value(parameter["schema"]), "x-ms-docs-key-type" in parameter
                )
            elif parameter["in"] == "query":
                options.add(parameter["name"])
            elif parameter["name"].lower() == "if-match":
                if_match = True
        for inside in re.findall(r"\(([^)]*)\)", path):
            for label, name in _PLACEHOLDER.findall(inside):
                parameters.append((label, declared[name]))
        owner, kind, name = self._classify(path, node)
        body, required = self._body(node)
        return Operation(
            method.upper(), path, kind, owner, name, tuple(parameters), body, required, self._answer(node),
            frozenset(options), if_match,
        )  # fmt: skip

    def _classify(self, path: str, node: Json) -> tuple[str, str, str]:
        first, *rest = path.strip("/").split("/")
        match = _TEMPLATE_SEGMENT.fullmatch(first)
        assert match is not None
        owner, inside = match[1], match[2]
        if rest:
            name = rest[-1].split("(")[0]
            if name.startswith("Pbx."):
                kind = "action" if "ction" in str(node.get("x-ms-docs-operation-type")) and "(" not in rest[-1] else ""
                return owner, kind or "function", name.removeprefix("Pbx.")
            return owner, "navigation", name
        if owner in self.sets:
            return owner, "set" if inside is None else "entity", ""
        if owner in self.singletons:
            return owner, "singleton", ""
        return "", "action" if inside is None else "function", owner

    def _body(self, node: Json) -> tuple[Value | None, bool]:
        if "requestBody" not in node:
            return None, False
        body = self.schema.deref(node["requestBody"])
        content = next(iter(body["content"].values()))
        return self.schema.value(content["schema"]), bool(body.get("required"))

    def _answer(self, node: Json) -> Answer:
        code = next(code for code in node["responses"] if code != "default")
        response = self.schema.deref(node["responses"][code])
        content = response.get("content")
        if not content:
            return Answer(int(code), "none")
        media, described = next(iter(content.items()))
        schema: Any = described["schema"]
        if media == "application/octet-stream":
            return Answer(int(code), "bytes")
        wrapped = _value_of(self.schema, schema)
        if wrapped is not None:
            value = self.schema.value(wrapped)
            return Answer(int(code), "collection" if value.collection else "value", value)
        value = self.schema.value(schema)
        return Answer(int(code), "entity" if value.kind == "complex" else "bare", value)

    def _name_the_keys(self) -> None:
        """`Fax(Id=12)` is `Fax(12)`."""
        for shape, operations in list(self._by_shape.items()):
            if len(shape) == 0 or shape[0][1] != frozenset({""}) or shape[0][0] not in self.sets:
                continue
            key = self.sets[shape[0][0]].key.name
            self._by_shape.setdefault(((shape[0][0], frozenset({key})), *shape[1:]), operations)


def _value_of(schema: Schema, node: Json) -> Json | None:
    """Schema of `value` if an answer wraps it: {"value": ..} with nothing but a count."""
    node = schema.deref(node)
    found: Json | None = None
    for part in [*node.get("allOf", ()), {"properties": node.get("properties", {})}]:
        for name, inner in schema.deref(part).get("properties", {}).items():
            if name == "value":
                found = inner
            elif not name.startswith("@odata."):
                return None
    return found


def _shape(operation: Operation) -> Shape:
    shape: list[tuple[str, frozenset[str] | None]] = []
    for part in operation.path.strip("/").split("/"):
        match = _TEMPLATE_SEGMENT.fullmatch(part)
        assert match is not None
        inside = match[2]
        names = None if inside is None else frozenset(label for label, _ in _PLACEHOLDER.findall(inside))
        shape.append((match[1], names))
    return tuple(shape)
