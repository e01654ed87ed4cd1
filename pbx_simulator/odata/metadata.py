"""/xapi/v1/$metadata: what the document says, said again as OData's own description (CSDL in XML).

It tells what the document tells. Where CSDL asks for more, so that the whole is valid, it says the least there is:

- Names must be unique in a namespace. A type called as an operation is in the namespace PbxModel, and so is the complex
  twin of an entity type that is the value of a plain property as well.
- What a collection leads to needs a key: see knowledge.ITEM_KEYS. Such items are contained in what they are listed in.
- Operations of a path that is neither set nor singleton (Report...) are bound to a singleton without properties.
- Enumerations whose members are no identifiers, or that have none in an older release, are texts.
"""

from __future__ import annotations

import functools
import re
from xml.etree import ElementTree

from pbx_simulator import knowledge
from pbx_simulator.model.document import Json
from pbx_simulator.model.routes import Operation, Routes
from pbx_simulator.model.schema import Property, Value

_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_PREFIX = "Pbx."
_SECOND = "PbxModel."
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PRIMITIVES = {
    ("boolean", None): "Edm.Boolean",
    ("integer", "decimal"): "Edm.Decimal",
    ("integer", "int64"): "Edm.Int64",
    ("integer", "uint8"): "Edm.Byte",
    ("string", "date"): "Edm.Date",
    ("string", "date-time"): "Edm.DateTimeOffset",
    ("string", "duration"): "Edm.Duration",
    ("string", "time"): "Edm.TimeOfDay",
    ("string", "uuid"): "Edm.Guid",
}
_DEFAULTS = {"boolean": "Edm.Boolean", "integer": "Edm.Int32", "number": "Edm.Double", "string": "Edm.String"}
Element = ElementTree.Element


@functools.lru_cache(maxsize=8)
def render(routes: Routes) -> bytes:
    """The metadata of one document, as XML."""
    return _Writer(routes).document()


class _Writer:
    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._schema = routes.schema
        bases = {name: self._base(routes.schema.node(name)) for name in routes.schema.names()}
        # Not types of the service: errors, and the wrappings of lists.
        names = [
            name
            for name, base in bases.items()
            if name.startswith(_PREFIX) and "." not in _short(name) and (base or _PREFIX).startswith(_PREFIX)
        ]
        self._bases = {name: bases[name] for name in names}
        self._enums = [name for name in names if "enum" in routes.schema.node(name)]
        self._types = [name for name in names if name not in self._enums]
        self._keys = self._find_keys()
        self._entities = self._find_entities()
        self._add_item_keys()
        self._operations = [one for one in routes.operations if one.kind in ("function", "action")]
        #: Types that cannot be called what they are called in the document's namespace.
        self._moved = {_PREFIX + one.name for one in self._operations} & set(names)
        self._twins = self._find_twins()
        known = {*routes.sets, *routes.singletons, ""}
        #: Elements that only lead to operations.
        self._owners = list(dict.fromkeys(one.owner for one in self._operations if one.owner not in known))

    def document(self) -> bytes:
        """Everything."""
        ElementTree.register_namespace("edmx", _EDMX)
        root = Element(f"{{{_EDMX}}}Edmx", Version="4.0")
        services = ElementTree.SubElement(root, f"{{{_EDMX}}}DataServices")
        schema = ElementTree.SubElement(services, "Schema", xmlns=_EDM, Namespace="Pbx")
        second = ElementTree.SubElement(services, "Schema", xmlns=_EDM, Namespace=_SECOND.rstrip("."))
        for name in self._enums:
            self._enum(second if name in self._moved else schema, name)
        for name in self._types:
            self._structure(second if name in self._moved else schema, name)
        for name in self._twins:
            self._twin(second, name)
        for owner in self._owners:
            ElementTree.SubElement(second, "EntityType", Name=owner)
        declared: set[tuple[str, ...]] = set()
        for operation in self._operations:
            signature = self._signature(operation)
            if signature not in declared:
                self._operation(schema, operation)
                declared.add(signature)
        self._container(schema)
        written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return written

    # what the document says of types

    def _base(self, node: Json) -> str | None:
        for part in node.get("allOf", ()):
            if "$ref" in part:
                return str(part["$ref"]).rsplit("/", 1)[-1]
        return None

    def _find_keys(self) -> dict[str, str]:
        """The key of each set's type, given to the base that has the property."""
        keys = {}
        for description in self._routes.sets.values():
            owner = description.type.name
            while (base := self._bases.get(owner)) and description.key.name in self._schema.type(base).properties:
                owner = base
            keys[owner] = description.key.name
        return keys

    def _find_entities(self) -> set[str]:
        """Types with a key, of singletons, or that a navigation property leads to; and what is derived from them."""
        found = set(self._keys) | {kind.name for kind in self._routes.singletons.values()}
        for name in self._types:
            for prop in self._schema.type(name).properties.values():
                if prop.navigation and prop.value.type is not None:
                    found.add(prop.value.type.name)
        for name in list(found):
            base = self._bases.get(name)
            while base:
                found.add(base)
                base = self._bases.get(base)
        for name in self._types:
            base = self._bases.get(name)
            while base:
                if base in found:
                    found.add(name)
                base = self._bases.get(base)
        return found

    def _add_item_keys(self) -> None:
        """Keys of what collections lead to and no path names."""
        for name in self._types:
            for prop in self._schema.type(name).properties.values():
                inner = prop.value.type
                if not prop.navigation or not prop.value.collection or inner is None or self._key_of(inner.name):
                    continue
                key = knowledge.ITEM_KEYS.get(inner.name, "Id")
                if key in inner.properties:
                    self._keys[inner.name] = key

    def _key_of(self, name: str) -> str | None:
        """The key of a type, its own or its base's."""
        base: str | None = name
        while base:
            if base in self._keys:
                return self._keys[base]
            base = self._bases.get(base)
        return None

    def _find_twins(self) -> list[str]:
        """Entity types that are values of plain properties, and what those values consist of."""
        found: list[str] = []
        waiting = [*self._types]
        while waiting:
            for prop in self._schema.type(waiting.pop()).properties.values():
                inner = prop.value.type
                if inner is None or prop.navigation or inner.name not in self._entities or inner.name in found:
                    continue
                found.append(inner.name)
                waiting.append(inner.name)
        return sorted(found)

    def _signature(self, operation: Operation) -> tuple[str, ...]:
        """Return the key that tells an operation from others of the same name: for an action only its binding."""
        names = [p.name for _, p in operation.parameters if not p.is_key] if operation.kind == "function" else []
        return operation.name, self._bound_to(operation) or "", *names

    # writing

    def _enum(self, schema: Element, name: str) -> None:
        node = self._schema.node(name)
        members = [str(member) for member in node["enum"] if member is not None]
        if not members or not all(map(_IDENTIFIER.fullmatch, members)):
            ElementTree.SubElement(schema, "TypeDefinition", Name=_short(name), UnderlyingType="Edm.String")
            return
        kind = ElementTree.SubElement(schema, "EnumType", Name=_short(name))
        if node.get("x-ms-enum-flags"):
            kind.set("IsFlags", "true")
        for member in members:
            ElementTree.SubElement(kind, "Member", Name=member)

    def _structure(self, schema: Element, name: str) -> None:
        tag = "EntityType" if name in self._entities else "ComplexType"
        kind = ElementTree.SubElement(schema, tag, Name=_short(name))
        base = self._bases[name]
        if base:
            kind.set("BaseType", self._qualified(base))
        if name in self._keys:
            key = ElementTree.SubElement(kind, "Key")
            ElementTree.SubElement(key, "PropertyRef", Name=self._keys[name])
        inherited = self._schema.type(base).properties if base else {}
        for prop in self._schema.type(name).properties.values():
            if prop.name not in inherited:
                self._property(kind, prop, is_key=self._keys.get(name) == prop.name)

    def _twin(self, schema: Element, name: str) -> None:
        """A complex type with the properties of an entity type, its base's among them."""
        kind = ElementTree.SubElement(schema, "ComplexType", Name=_short(name))
        for prop in self._schema.type(name).properties.values():
            self._property(kind, prop)

    def _property(self, kind: Element, prop: Property, *, is_key: bool = False) -> None:
        tag = "NavigationProperty" if prop.navigation else "Property"
        twin = not prop.navigation and prop.value.type is not None and prop.value.type.name in self._twins
        written = ElementTree.SubElement(kind, tag, Name=prop.name, Type=self._name(prop.value, twin=twin))
        if is_key or not (prop.value.nullable or prop.value.collection):
            written.set("Nullable", "false")
        target = prop.value.type
        if prop.navigation and target is not None and not self._is_listed(target.name):
            written.set("ContainsTarget", "true")

    def _is_listed(self, name: str) -> bool:
        """Whether an entity set has rows of this type."""
        return any(description.type.name == name for description in self._routes.sets.values())

    def _operation(self, schema: Element, operation: Operation) -> None:
        tag = "Function" if operation.kind == "function" else "Action"
        written = ElementTree.SubElement(schema, tag, Name=operation.name)
        bound_to = self._bound_to(operation)
        if bound_to is not None:
            written.set("IsBound", "true")
            ElementTree.SubElement(written, "Parameter", Name="bindingParameter", Type=bound_to)
        for _, parameter in operation.parameters:
            if not parameter.is_key:
                ElementTree.SubElement(written, "Parameter", Name=parameter.name, Type=self._name(parameter.value))
        if operation.body is not None and operation.body.type is not None:
            for prop in operation.body.type.properties.values():
                ElementTree.SubElement(written, "Parameter", Name=prop.name, Type=self._name(prop.value))
        if operation.answer.value is not None:
            ElementTree.SubElement(written, "ReturnType", Type=self._name(operation.answer.value))
        elif operation.answer.kind == "bytes":
            ElementTree.SubElement(written, "ReturnType", Type="Edm.Stream")

    def _bound_to(self, operation: Operation) -> str | None:
        if operation.owner in self._routes.singletons:
            return self._qualified(self._routes.singletons[operation.owner].name)
        if operation.owner in self._owners:
            return _SECOND + operation.owner
        description = self._routes.sets.get(operation.owner)
        if description is None:
            return None
        to_one = any(parameter.is_key for _, parameter in operation.parameters)
        kind = self._qualified(description.type.name)
        return kind if to_one else f"Collection({kind})"

    def _container(self, schema: Element) -> None:
        container = ElementTree.SubElement(schema, "EntityContainer", Name="Container")
        for name, description in self._routes.sets.items():
            ElementTree.SubElement(container, "EntitySet", Name=name, EntityType=self._qualified(description.type.name))
        for name, kind in self._routes.singletons.items():
            ElementTree.SubElement(container, "Singleton", Name=name, Type=self._qualified(kind.name))
        for owner in self._owners:
            ElementTree.SubElement(container, "Singleton", Name=owner, Type=_SECOND + owner)
        for operation in self._operations:
            if operation.owner == "":
                tag = operation.kind.capitalize()
                imported = ElementTree.SubElement(container, f"{tag}Import", Name=operation.name)
                imported.set(tag, f"{_PREFIX}{operation.name}")

    def _qualified(self, name: str) -> str:
        return _SECOND + _short(name) if name in self._moved else name

    def _name(self, value: Value, *, twin: bool = False) -> str:
        if value.kind == "complex" and value.type is not None:
            name = value.type.name
            plain = _SECOND + _short(name) if twin else self._qualified(name) or "Edm.Untyped"
        elif value.kind == "enum":
            plain = self._qualified(value.enum_name or "Edm.String")
        elif value.kind == "any":
            plain = "Edm.Untyped"
        else:
            plain = _PRIMITIVES.get((value.kind, value.format), _DEFAULTS[value.kind])
        return f"Collection({plain})" if value.collection else plain


def _short(name: str) -> str:
    return name.removeprefix(_PREFIX)
