"""The types and models of the client, as openapi-python-client parsed them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openapi_python_client.parser.properties import AnyProperty, EnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from openapi.codegen.document import ApiDocument
from openapi.codegen.errors import CodegenError

Import = tuple[str, str]  # module below models, class
RESERVED = {"additional_properties", "etag", "fields", "from_dict", "given", "to_dict"}


@dataclass(frozen=True)
class TypeOf:
    """A Python type, what `_model.field` is told of it, and the classes it names."""

    annotation: str
    kind: str | None = None
    classes: tuple[Import, ...] = ()
    nullable: bool = False

    @property
    def optional(self) -> str:
        """The type of what may be absent."""
        return self.annotation if self.nullable or self.annotation == "Any" else f"{self.annotation} | None"


PLAIN: dict[type, TypeOf] = {
    DateTimeProperty: TypeOf("datetime", "DATE_TIME"),
    UuidProperty: TypeOf("UUID", "GUID"),
    FileProperty: TypeOf("bytes"),
    AnyProperty: TypeOf("Any"),
}


def type_of(prop: PropertyProtocol) -> TypeOf:
    """The type of a property, without Unset."""
    if type(prop) in PLAIN:
        return PLAIN[type(prop)]
    match prop:
        case UnionProperty():
            return _union(
                [type_of(inner) for inner in prop.inner_properties if not isinstance(inner, NoneProperty)], prop
            )
        case EnumProperty() | ModelProperty():
            name = prop.class_info.name
            return TypeOf(name, f'"{name}"', ((str(prop.class_info.module_name), str(name)),))
        case ListProperty():
            inner = type_of(prop.inner_property)
            kind = f"[{inner.kind}]" if inner.kind else None
            return TypeOf(f"list[{inner.annotation}]", kind, inner.classes)
        case _:
            return TypeOf(str(prop.get_type_string(no_optional=True).as_unembedded_code()))


def _union(inner: list[TypeOf], prop: UnionProperty) -> TypeOf:
    nullable = any(isinstance(each, NoneProperty) for each in prop.inner_properties)
    annotation = " | ".join([each.annotation for each in inner] + ["None"] * nullable)
    if len(inner) == 1:
        return TypeOf(annotation, inner[0].kind, inner[0].classes, nullable)
    if any(each.kind for each in inner):
        raise CodegenError(f"{prop.name}: a union of more than JSON's own types is not supported")
    return TypeOf(annotation, None, (), nullable)


def properties_of(model: ModelProperty) -> list[Property]:
    """The properties of a model, those it must have first."""
    return [*(model.required_properties or []), *(model.optional_properties or [])]


def imports(model: ModelProperty) -> list[Import]:
    """The other models that a model names.

    Raises:
        CodegenError: a property would hide what every model has.
    """
    title = str(model.class_info.name)
    classes: set[Import] = set()
    for prop in properties_of(model):
        if prop.python_name in RESERVED:
            raise CodegenError(f"{title}.{prop.python_name} hides an attribute of every model; rename it")
        classes |= set(type_of(prop).classes)
    return sorted(classes - {(str(model.class_info.module_name), title)})


def model_doc(api: ApiDocument, title: str) -> str:
    """The docstring of a model."""
    return str(api.titled(title).get("description") or f"`{api.full_name(title)}` of the API.")


def reached(models: Iterable[ModelProperty], named: set[str]) -> set[str]:
    """The names of the models and enums that lead from the named ones, these included."""
    leads_to = {
        str(model.class_info.name): {name for prop in properties_of(model) for _, name in type_of(prop).classes}
        for model in models
    }
    found: set[str] = set()
    wanted = list(named)
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += leads_to.get(name, ())
    return found
