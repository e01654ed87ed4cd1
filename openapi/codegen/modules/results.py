"""RETURN of a module, to the leaves, from its entity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from openapi.codegen.modules.describe import Documented, Entity
from openapi.codegen.modules.types import element_of, type_of


def returned(entity: Entity) -> dict[str, Any]:
    """RETURN of the module that changes entities."""
    notes = entity.notes
    if entity.can_write:
        before = "; where it was removed, as it was before" if entity.description.can_delete else ""
        what = f"The {notes.label} as it is now{before}. Without credentials."
    else:
        what = f"The {notes.label} as it was before it was removed."
    return {
        notes.name: {
            "description": [what, "In check mode, as it would be."] if entity.can_write else [what],
            "returned": f"success, unless there is no such {notes.label}",
            "type": "dict",
            "contains": contains(entity.properties, reveal=False)
            | ({} if entity.description.below else {"etag": etag("O(if_match)")}),
        },
        "diff": diff(notes.label),
        **failure(),
    }


def diff(label: str) -> dict[str, Any]:
    """What a module that changes something says of the change."""
    return {
        "description": f"The {label} before and after, without credentials.",
        "returned": "changed, in diff mode",
        "type": "dict",
        "contains": {
            "before": {"description": "What differs, as it was.", "returned": "always", "type": "dict"},
            "after": {"description": "What differs, as it is now or would be.", "returned": "always", "type": "dict"},
        },
    }


def info_returned(entity: Entity) -> dict[str, Any]:
    """RETURN of the module that reads entities."""
    notes = entity.notes
    return {
        notes.plural: {
            "description": [f"The {notes.labels} that were found."],
            "returned": "success",
            "type": "list",
            "elements": "dict",
            "contains": contains(_brought_along(entity), reveal=True)
            | (
                {"etag": etag(f"O(threecx.xapi.threecx_{notes.name}#module:if_match)")}
                if entity.description.changeable and not entity.description.below
                else {}
            ),
        },
        **failure(),
    }


def failure() -> dict[str, Any]:
    """What every module says when it fails, beside msg."""
    return {
        "pbx": {
            "description": "The PBX that was asked.",
            "returned": "failure",
            "type": "str",
            "sample": "https://pbx.example.com:5001",
        },
        "kind": {
            "description": (
                "V(unreachable) where the PBX did not answer and no write may have been carried out. Any other failure has "
                "none."
            ),
            "returned": "failure",
            "type": "str",
            "sample": "unreachable",
        },
        "status": {
            "description": "The HTTP status of the PBX's answer, where there was one.",
            "returned": "failure",
            "type": "int",
            "sample": 412,
        },
        "code": {
            "description": "The PBX's own code for what is wrong, where it gave one.",
            "returned": "failure",
            "type": "str",
            "sample": "WARNINGS.XAPI.ALREADY_IN_USE",
        },
        "target": {
            "description": "The property that is wrong, where the PBX named one; the option, where nothing was sent.",
            "returned": "failure",
            "type": "str",
            "sample": "Number",
        },
    }


def contains(properties: Iterable[Documented], *, reveal: bool) -> dict[str, Any]:
    """The results of one entity or structure: credentials only where they can be revealed."""
    found: dict[str, Any] = {}
    for item in properties:
        facts = item.property
        if facts.write_only or (facts.secret and not reveal):
            continue
        value: dict[str, Any] = {
            "description": list(item.description),
            "returned": _when(item, reveal),
            "type": type_of(item),
        }
        if value["type"] == "list":
            value["elements"] = element_of(item)
        if item.fields:
            value["contains"] = contains(item.fields, reveal=reveal)
        sample = item.sample if item.sample is not None else True if facts.kind == "bool" else None
        if sample is not None and not facts.secret:
            value["sample"] = sample
        found[facts.option] = value
    return found


def _brought_along(entity: Entity) -> tuple[Documented, ...]:
    """What an _info module returns: from a list that can only be looked at, navigation properties always."""
    if entity.description.changeable:
        return entity.properties
    return tuple(replace(item, property=replace(item.property, navigation=False)) for item in entity.properties)


def etag(option: str) -> dict[str, Any]:
    """The version of what is returned."""
    return {
        "description": f"Its version, to be given to {option}.",
        "returned": "when the PBX gives ETags",
        "type": "str",
        "sample": 'W/"3"',
    }


def _when(item: Documented, reading: bool) -> str:
    if item.property.secret:
        return "when O(reveal_secrets=true)"
    if item.property.navigation:
        return "when one was asked for by its key, or O(expand) names it" if reading else "when the task gives it"
    if item.property.large:
        return "when one was asked for by its key" if reading else "when the task gives it"
    whole_day = item.property.kind in ("day_begin", "day_end")
    has_it = "when the PBX has it" if item.property.nullable or whole_day else "always"
    return f"from 3CX {item.property.since} on, {has_it}" if item.property.since else has_it
