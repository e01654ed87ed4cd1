"""The Python types of the client, made of what openapi-python-client parsed."""

from __future__ import annotations

from dataclasses import dataclass

from openapi_python_client.parser.properties import AnyProperty, EnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from openapi.codegen.errors import CodegenError

Import = tuple[str, str]  # module below models, class


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


def type_of(prop: PropertyProtocol) -> TypeOf:
    """The type of a property, without Unset."""
    match prop:
        case UnionProperty():
            return _union(
                [type_of(inner) for inner in prop.inner_properties if not isinstance(inner, NoneProperty)], prop
            )
        case DateTimeProperty():
            return TypeOf("datetime", "DATE_TIME")
        case UuidProperty():
            return TypeOf("UUID", "GUID")
        case FileProperty():
            return TypeOf("bytes")
        case AnyProperty():
            return TypeOf("Any")
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
