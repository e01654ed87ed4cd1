"""The document's schemas, compiled: what properties a type has, and what a value of each must look like."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pbx_simulator import knowledge

from .document import Json

SCALARS = {"string", "integer", "number", "boolean"}


@dataclass(frozen=True, eq=False)
class Value:
    """Type of one value: a scalar, an enum member, a structured value, or a collection of such.

    kind: one of string, integer, number, boolean, enum, complex, any; collection: an array of them.
    """

    kind: str
    format: str | None = None
    nullable: bool = False
    collection: bool = False
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    members: tuple[str, ...] = ()
    flags: bool = False
    enum_name: str | None = None
    type_name: str | None = None
    inline: Type | None = None
    schema: Schema | None = field(default=None, repr=False)

    @functools.cached_property
    def type(self) -> Type | None:
        """The structured type of a complex value."""
        if self.inline is not None:
            return self.inline
        if self.type_name is None or self.schema is None:
            return None
        return self.schema.type(self.type_name)


@dataclass(frozen=True, eq=False)
class Property:
    """One property: its name, what its value must be, and when it is shown."""

    name: str
    value: Value
    navigation: bool = False
    large: bool = False


@dataclass(frozen=True, eq=False)
class Type:
    """A structured type: an entity's or a complex value's. open: takes properties the document does not name."""

    name: str
    properties: dict[str, Property]
    open: bool = False

    @functools.cached_property
    def structural(self) -> tuple[str, ...]:
        """Names of what a default projection shows: neither navigation nor large."""
        return tuple(p.name for p in self.properties.values() if not p.navigation and not p.large)

    @functools.cached_property
    def hidden(self) -> frozenset[str]:
        """Names of what a default projection leaves out."""
        return frozenset(p.name for p in self.properties.values() if p.navigation or p.large)

    @functools.cached_property
    def trims(self) -> dict[str, Type]:
        """Structural properties whose own values hold something a default projection leaves out."""
        found = {}
        for name in self.structural:
            inner = self.properties[name].value.type
            if inner is not None and inner is not self and _hides(inner, ()):
                found[name] = inner
        return found


def _hides(kind: Type, seen: tuple[Type, ...]) -> bool:
    if kind in seen:
        return False
    if kind.hidden:
        return True
    inner = (kind.properties[name].value.type for name in kind.structural)
    return any(t is not None and _hides(t, (*seen, kind)) for t in inner)


class Schema:
    """Every schema of one document, compiled when first asked for."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._schemas: Json = document["components"]["schemas"]
        self._types: dict[str, Type] = {}

    def deref(self, node: Json) -> Json:
        """Follow `$ref` until there is none."""
        while "$ref" in node:
            target: Any = self._document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def type(self, name: str) -> Type:
        """The compiled type called `name` (`Pbx.User`)."""
        known = self._types.get(name)
        if known is None:
            known = self._types[name] = self._compile(name, self._schemas[name])
        return known

    def names(self) -> Iterator[str]:
        """The names of all schemas."""
        return iter(self._schemas)

    def node(self, name: str) -> Json:
        """The schema called `name` as the document has it."""
        found: Json = self._schemas[name]
        return found

    def _compile(self, name: str, node: Json) -> Type:
        properties: dict[str, Property] = {}
        is_open = self._collect(name, node, properties)
        return Type(name, properties, is_open)

    def _collect(self, name: str, node: Json, into: dict[str, Property]) -> bool:
        node = self.deref(node)
        is_open = "additionalProperties" in node
        for part in node.get("allOf", ()):
            is_open = self._collect(name, part, into) or is_open
        if "allOf" not in node and not node.get("properties") and "title" not in node:
            is_open = True
        for prop, inner in node.get("properties", {}).items():
            into[prop] = Property(
                prop,
                self.value(inner),
                navigation=bool(inner.get("x-ms-navigationProperty")),
                large=prop in knowledge.LARGE_PROPERTIES.get(name, ()),
            )
        return is_open

    def value(self, node: Json) -> Value:
        """Compile what a value described by `node` must be."""
        nullable = bool(node.get("nullable"))
        if "$ref" in node:
            return self._named(node["$ref"].rsplit("/", 1)[-1], nullable)
        if node.get("type") == "array":
            item = self.value(node["items"])
            return _replace(item, collection=True, nullable=nullable)
        all_of = node.get("allOf")
        if all_of is not None and len(all_of) == 1 and not node.get("properties"):
            return _replace(self.value(all_of[0]), nullable=nullable)
        if "oneOf" in node or "anyOf" in node:
            options = node.get("oneOf") or node["anyOf"]
            numeric = any(option.get("type") == "number" for option in options)
            may_be_null = nullable or any(option.get("nullable") for option in options)
            return Value("number" if numeric else "any", nullable=may_be_null, schema=self)
        if "enum" in node:
            return Value(
                "enum",
                nullable=nullable,
                members=tuple(str(member) for member in node["enum"] if member is not None),
                flags=bool(node.get("x-ms-enum-flags")),
                schema=self,
            )
        if node.get("type") in SCALARS:
            return Value(
                node["type"],
                format=node.get("format"),
                nullable=nullable,
                minimum=node.get("minimum"),
                maximum=node.get("maximum"),
                max_length=node.get("maxLength"),
                pattern=node.get("pattern"),
                schema=self,
            )
        if node.get("properties") or all_of:
            inline = self._compile(str(node.get("title", "")), node)
            return Value("complex", nullable=nullable, inline=inline, schema=self)
        return Value("any", nullable=True, schema=self)

    def _named(self, name: str, nullable: bool) -> Value:
        node = self._schemas[name]
        if node.get("type") == "object" or "properties" in node or "allOf" in node:
            return Value("complex", nullable=nullable, type_name=name, schema=self)
        plain = self.value(node)
        named = name if plain.kind == "enum" else None
        return _replace(plain, nullable=nullable or plain.nullable, type_name=None, enum_name=named)


def _replace(value: Value, **changes: Any) -> Value:
    return Value(**{name: changes.get(name, getattr(value, name)) for name in Value.__dataclass_fields__})
