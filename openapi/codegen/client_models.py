"""Texts about models for the templates, and the models that an operation takes or returns."""

from __future__ import annotations

from collections.abc import Iterable

from openapi_python_client.parser.properties import ModelProperty

from openapi.codegen.client_types import Import, properties_of, type_of
from openapi.codegen.document import ApiDocument
from openapi.codegen.errors import CodegenError

RESERVED = {"additional_properties", "etag", "fields", "from_dict", "given", "to_dict"}


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
