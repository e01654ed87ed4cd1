"""/xapi/v1/$metadata: what the document says, said again as OData's own description (CSDL in XML).

It tells what the document tells and invents nothing: entity types that live only inside others have no Key here, because
no path of the document names one; containment, referential constraints and annotations are left out for the same reason.
"""

from __future__ import annotations

import functools
from xml.etree import ElementTree

from .document import Json
from .routes import Operation, Routes
from .schema import Value

_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_PREFIX = "Pbx."
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

    def document(self) -> bytes:
        """Everything."""
        ElementTree.register_namespace("edmx", _EDMX)
        root = Element(f"{{{_EDMX}}}Edmx", Version="4.0")
        services = ElementTree.SubElement(root, f"{{{_EDMX}}}DataServices")
        schema = ElementTree.SubElement(services, "Schema", xmlns=_EDM, Namespace="Pbx")
        for name in self._enums:
            self._enum(schema, name)
        for name in self._types:
            self._structure(schema, name)
        for operation in self._routes.operations:
            if operation.kind in ("function", "action"):
                self._operation(schema, operation)
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

    # writing

    def _enum(self, schema: Element, name: str) -> None:
        node = self._schema.node(name)
        kind = ElementTree.SubElement(schema, "EnumType", Name=_short(name))
        if node.get("x-ms-enum-flags"):
            kind.set("IsFlags", "true")
        for member in node["enum"]:
            if member is not None:
                ElementTree.SubElement(kind, "Member", Name=str(member))

    def _structure(self, schema: Element, name: str) -> None:
        tag = "EntityType" if name in self._entities else "ComplexType"
        kind = ElementTree.SubElement(schema, tag, Name=_short(name))
        base = self._bases[name]
        if base:
            kind.set("BaseType", base)
        if name in self._keys:
            key = ElementTree.SubElement(kind, "Key")
            ElementTree.SubElement(key, "PropertyRef", Name=self._keys[name])
        inherited = self._schema.type(base).properties if base else {}
        for prop in self._schema.type(name).properties.values():
            if prop.name in inherited:
                continue
            navigates = prop.navigation and tag == "EntityType"
            tag_of = "NavigationProperty" if navigates else "Property"
            written = ElementTree.SubElement(kind, tag_of, Name=prop.name, Type=self._name(prop.value))
            if not prop.value.nullable and not prop.value.collection:
                written.set("Nullable", "false")

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
            return self._routes.singletons[operation.owner].name
        description = self._routes.sets.get(operation.owner)
        if description is None:
            return None
        to_one = any(parameter.is_key for _, parameter in operation.parameters)
        return description.type.name if to_one else f"Collection({description.type.name})"

    def _container(self, schema: Element) -> None:
        container = ElementTree.SubElement(schema, "EntityContainer", Name="Container")
        for name, description in self._routes.sets.items():
            ElementTree.SubElement(container, "EntitySet", Name=name, EntityType=description.type.name)
        for name, kind in self._routes.singletons.items():
            ElementTree.SubElement(container, "Singleton", Name=name, Type=kind.name)
        for operation in self._routes.operations:
            if operation.owner == "" and operation.kind in ("function", "action"):
                tag = operation.kind.capitalize()
                imported = ElementTree.SubElement(container, f"{tag}Import", Name=operation.name)
                imported.set(tag, f"{_PREFIX}{operation.name}")

    def _name(self, value: Value) -> str:
        if value.kind == "complex" and value.type is not None:
            plain = value.type.name or "Edm.Untyped"
        elif value.kind == "enum":
            plain = value.enum_name or "Edm.String"
        elif value.kind == "any":
            plain = "Edm.Untyped"
        else:
            plain = _PRIMITIVES.get((value.kind, value.format), _DEFAULTS[value.kind])
        return f"Collection({plain})" if value.collection else plain


def _short(name: str) -> str:
    return name.removeprefix(_PREFIX)
