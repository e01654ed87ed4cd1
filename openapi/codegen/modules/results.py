"""RETURN of the modules that read, to the leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from openapi.codegen.modules.describe import Kind
from openapi.codegen.modules.properties import Documented
from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.engine.options.option_specs import argument_spec, takes_if_match

_ALWAYS = "always"
_GIVEN = "when the task gives it"


def fields_of(kind: Kind) -> dict[str, Any]:
    """The fields of one object, or of the settings, as the _info module returns them."""
    facts, properties = kind.description, kind.properties
    if isinstance(facts, EntityDescription) and not facts.changeable:
        # A read-only list is always read with its navigation properties.
        properties = tuple(replace(item, property=replace(item.property, navigation=False)) for item in properties)
    found = _contains(properties, argument_spec(facts)["argument_spec"])
    if takes_if_match(facts):
        found["etag"] = {
            "description": f"ETag of the object, for use in O(threecx.xapi.threecx_{kind.name}#module:if_match).",
            "returned": "when the PBX returns ETags",
            "type": "str",
            "sample": 'W/"3"',
        }
    if not isinstance(facts, EntityDescription) and facts.action and facts.action.form in ("value", "key"):
        for value in found.values():  # it cannot be set to null, and may be answered as that
            value["returned"] = "when the PBX has a value"
    return found


def _contains(properties: Iterable[Documented], spec: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in properties:
        facts, rule = item.property, spec[item.property.option]
        if facts.write_only:
            continue
        value: dict[str, Any] = {"description": list(item.description)}
        if (when := _when(facts, reading=True)) != _ALWAYS:
            value["returned"] = when
        value |= {name: rule[name] for name in ("type", "elements", "choices") if name in rule}
        if item.fields:
            value["contains"] = _contains(item.fields, rule["options"])
        if item.sample is not None and facts.kind != "bool" and not facts.secret:
            value["sample"] = item.sample
        found[facts.option] = value
    return found


def only_given(properties: Iterable[Documented]) -> list[str]:
    """Options that a module which changes something returns only if a task gives them."""
    return [item.property.option for item in properties if _when(item.property, reading=False) == _GIVEN]


def _when(facts: Property, reading: bool) -> str:
    if facts.secret:
        return "when O(reveal_secrets=true)"
    if facts.navigation:
        return "when the task selects a single object by its key, or O(expand) lists it" if reading else _GIVEN
    if facts.large:
        return "when the task selects a single object by its key" if reading else _GIVEN
    has_it = "when the PBX has a value" if facts.nullable or facts.kind in ("day_begin", "day_end") else _ALWAYS
    return f"from 3CX {facts.since} on, {has_it}" if facts.since else has_it
