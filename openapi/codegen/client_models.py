"""Describe models for the template, and find the models that an operation takes or returns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openapi_python_client.parser.properties import EnumProperty, ModelProperty

from openapi.codegen.client_document import Json
from openapi.codegen.client_types import Import, properties_of, type_of
from openapi.codegen.errors import CodegenError

RESERVED = {"additional_properties", "etag", "fields", "from_dict", "given", "to_dict"}


@dataclass(frozen=True)
class Attribute:
    """One attribute of a model."""

    name: str
    annotation: str
    wire: str


@dataclass(frozen=True)
class ModelView:
    """Content of a model's module."""

    name: str
    doc: str
    attributes: list[Attribute]
    imports: list[Import]


def model_view(document: Json, model: ModelProperty) -> ModelView:
    """Content of a model's template.

    Raises:
        CodegenError: a property would hide what every model has.
    """
    attributes: list[Attribute] = []
    classes: set[Import] = set()
    for prop in properties_of(model):
        if prop.python_name in RESERVED:
            raise CodegenError(
                f"{model.class_info.name}.{prop.python_name} hides an attribute of every model; rename it"
            )
        kind = type_of(prop)
        classes |= set(kind.classes)
        known = f", {kind.kind}" if kind.kind else ""
        attributes.append(Attribute(prop.python_name, kind.optional, f'"{prop.name.get_untrusted_value()}"{known}'))
    title = str(model.class_info.name)
    own = (str(model.class_info.module_name), title)
    return ModelView(title, _model_doc(document, title), attributes, sorted(classes - {own}))


def enum_doc(enum: EnumProperty) -> str:
    """The docstring of an enum."""
    return f"`Pbx.{enum.class_info.name}` of the API; {len(enum.values)} members are known."


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


def _model_doc(document: Json, title: str) -> str:
    schemas = document["components"]["schemas"]
    described = schemas.get(f"Pbx.{title}") or schemas.get(title) or {}
    if "description" in described:
        return str(described["description"])
    return f"`Pbx.{title}` of the API." if f"Pbx.{title}" in schemas else f"`{title}` of the API."
