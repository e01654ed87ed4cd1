"""Checks and documentation of the order of list items."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from openapi.codegen.modules.mistakes import mistake, nearest
from openapi.codegen.modules.naming import snake_case
from pbx_as_code.description import Property

if TYPE_CHECKING:
    from openapi.codegen.modules.properties import Documented


def check_order(properties: Collection[Documented], where: str, *, nested: bool = False) -> None:
    """Refuse an ordered_when that the engine could not obey.

    Args:
        properties: of an entity, of settings or of a structure
        nested: they are of a structure, whose lists have an order always or never

    Raises:
        CodegenError: it is in the wrong place, or names a property or a value that is not there
    """
    beside = {item.property.name: item.property for item in properties}
    for item in properties:
        if item.property.ordered_when is None:
            continue
        here = f"{where}.{item.property.name}.ordered_when"
        name, values = item.property.ordered_when
        if nested or not item.property.item_key or item.property.ordered:
            raise mistake(here, "only a list of the entity itself, with item_key and without ordered, has one")
        if name not in beside:
            raise mistake(here, f"there is no sibling property {name}{nearest(name, beside)}")
        for value in values:
            if value not in beside[name].choices:
                raise mistake(here, f"{name} is never {value}{nearest(value, beside[name].choices)}")


def order(prop: Property) -> str:
    """A sentence that says whether the order of the items matters."""
    if prop.ordered_when is not None:
        name, values = prop.ordered_when
        known = [f"V({value})" for value in values]
        which = f"{', '.join(known[:-1])} or {known[-1]}" if len(known) > 1 else known[0]
        return f"Their order matters only if C({snake_case(name)}) is {which}."
    return "The order of the items matters." if prop.ordered else "The order of the items does not matter."
