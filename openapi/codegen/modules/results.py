"""RETURN of a module, to the leaves, from its entity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from openapi.codegen.modules.properties import Documented, Entity
from openapi.codegen.modules.shapes import Shapes
from openapi.codegen.modules.types import element_of, type_of

#: Documented once per result, instead of with each field.
UNCONDITIONAL = "A field without a condition is always returned."
_ALWAYS = "always"
_GIVEN = "when the task gives it"


def returned(entity: Entity) -> dict[str, Any]:
    """RETURN of the module that changes entities."""
    notes, description = entity.notes, entity.description
    if entity.can_write:
        before = ", or before it if the task removed it" if description.can_delete else ""
        what = f"State of the {notes.label} after the task{before}. Never contains credentials."
    else:
        what = f"State of the {notes.label} before it was removed."
    versioned = "" if description.below else "O(if_match)"
    lines = [
        what,
        *(["In check mode, the predicted state."] if entity.can_write else []),
        *fields_of(f"threecx_{notes.name}_info", notes.plural, entity.properties, versioned),
    ]
    return {
        notes.name: {
            "description": lines,
            "returned": f"success, unless the {notes.label} does not exist",
            "type": "dict",
        }
    }


def fields_of(info: str, result: str, properties: Iterable[Documented], if_match: str) -> list[str]:
    """Sentences that link the result of a module that changes something to where its fields are documented.

    Args:
        info: name of the _info module that returns the same.
        result: name of what that module returns.
        properties: of the entity or the settings.
        if_match: option that takes the ETag, as markup; empty if results have none.
    """
    lines = [f"Its fields are those of RV(threecx.xapi.{info}#module:{result})."]
    asked = [f"C({item.property.option})" for item in properties if _when(item, reading=False) == _GIVEN]
    if asked:
        names = f"{', '.join(asked[:-1])} and {asked[-1]} are" if len(asked) > 1 else f"{asked[0]} is"
        lines.append(f"{names} returned only if the task gives {'them' if len(asked) > 1 else 'it'}.")
    if if_match:
        lines.append(f"C(etag) is the new ETag, for use in {if_match}.")
    return lines


def info_returned(entity: Entity, shapes: Shapes) -> dict[str, Any]:
    """RETURN of the module that reads entities."""
    notes = entity.notes
    return {
        notes.plural: {
            "description": [f"The {notes.labels} that were found.", UNCONDITIONAL],
            "returned": "success",
            "type": "list",
            "elements": "dict",
            "contains": shapes.linked(f"threecx_{notes.name}_info", f"{notes.plural}[]", info_contains(entity)),
        }
    }


def info_contains(entity: Entity) -> dict[str, Any]:
    """The fields of one entity as its _info module returns it."""
    found = contains(_brought_along(entity))
    if entity.description.changeable and not entity.description.below:
        found["etag"] = etag(f"O(threecx.xapi.threecx_{entity.notes.name}#module:if_match)")
    return found


def contains(properties: Iterable[Documented]) -> dict[str, Any]:
    """The fields of one entity or structure as an _info module returns them."""
    found: dict[str, Any] = {}
    for item in properties:
        facts = item.property
        if facts.write_only:
            continue
        value: dict[str, Any] = {"description": list(item.description)}
        if (when := _when(item, reading=True)) != _ALWAYS:
            value["returned"] = when
        value["type"] = type_of(item)
        if value["type"] == "list":
            value["elements"] = element_of(item)
        if facts.choices:
            value["choices"] = list(facts.choices)
        if item.fields:
            value["contains"] = contains(item.fields)
        if item.sample is not None and facts.kind != "bool" and not facts.secret:
            value["sample"] = item.sample
        found[facts.option] = value
    return found


def _brought_along(entity: Entity) -> tuple[Documented, ...]:
    """Return values of an _info module: for a read-only list always with navigation properties."""
    if entity.description.changeable:
        return entity.properties
    return tuple(replace(item, property=replace(item.property, navigation=False)) for item in entity.properties)


def etag(option: str) -> dict[str, Any]:
    """Document the ETag of a returned object."""
    return {
        "description": f"ETag of the object, for use in {option}.",
        "returned": "when the PBX returns ETags",
        "type": "str",
        "sample": 'W/"3"',
    }


def _when(item: Documented, reading: bool) -> str:
    if item.property.secret:
        return "when O(reveal_secrets=true)"
    if item.property.navigation:
        return "when the task selects a single object by its key, or O(expand) lists it" if reading else _GIVEN
    if item.property.large:
        return "when the task selects a single object by its key" if reading else _GIVEN
    whole_day = item.property.kind in ("day_begin", "day_end")
    has_it = "when the PBX has a value" if item.property.nullable or whole_day else _ALWAYS
    return f"from 3CX {item.property.since} on, {has_it}" if item.property.since else has_it
