"""How a value of the XAPI is called in Ansible: the types of options and results."""

from __future__ import annotations

from openapi.codegen.modules.properties import Documented

_TYPES = {"int": "int", "float": "float", "bool": "bool", "complex": "dict"}


def type_of(item: Documented) -> str:
    """Ansible's type of a property, such as str, dict or list."""
    return "list" if item.property.many or item.property.kind == "flags" else element_of(item)


def element_of(item: Documented) -> str:
    """Ansible's type of one value of a property: of an element where it is a list."""
    return _TYPES.get(item.property.kind, "str")
