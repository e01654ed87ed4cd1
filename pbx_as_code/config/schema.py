"""A JSON Schema of the files, from the descriptions: editors complete options and mark what does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pbx_as_code.config.kinds import SECTIONS, ConfigKind, Reason, has_items
from pbx_as_code.config.layering.contents import PBX_OPTIONS, REQUIRED_SECTIONS
from pbx_as_code.config.nodes import REMOVE, REPLACE
from pbx_as_code.description import Property

_TEXT: Final = {"type": ["string", "number", "boolean", "null"]}
_EXPRESSION: Final = r"\{\{"
_SPELLED: Final = {
    "bool": (
        "boolean",
        f"^(true|True|TRUE|yes|Yes|YES|on|On|ON|false|False|FALSE|no|No|NO|off|Off|OFF)$|{_EXPRESSION}",
    ),
    "int": ("integer", f"^[+-]?[0-9]{{1,19}}$|{_EXPRESSION}"),
    "float": (
        "number",
        rf"^[+-]?([0-9]{{1,30}}(\.[0-9]{{0,30}})?|\.[0-9]{{1,30}})([eE][+-]?[0-9]{{1,2}})?$|{_EXPRESSION}",
    ),
}
"""By kind of a property: the type of its values, and texts that stand for one: in quotes, or an expression."""
_SECRET: Final = {
    "type": "object", "properties": {"secret": {"type": "string"}}, "required": ["secret"],
    "additionalProperties": False,
}  # fmt: skip
_NULL: Final = {"type": "null"}
_LIST: Final = {"type": "array", "items": {"type": ["string", "number"]}}
_MARK: Final = {"$ref": "#/$defs/mark"}
_MARKS: Final = {
    "description": "Removes or replaces a value of the layers below: !remove, or {remove: true}.",
    "anyOf": [
        {"type": "string", "maxLength": 0},  # an editor that does not know the tag !remove sees an empty text
        *(
            {"type": "object", "properties": {mark: of}, "required": [mark], "additionalProperties": False}
            for mark, of in ((REMOVE, {"type": ["boolean", "string"]}), (REPLACE, {"type": ["array", "object"]}))
        ),
    ],
}


def schema() -> dict[str, Any]:
    """The schema of any file of a configuration but vars.yml."""
    objects = {name: _object(kind) for name, kind in SECTIONS.items()}
    sections: dict[str, Any] = {}
    for name, kind in SECTIONS.items():
        one = {"$ref": f"#/$defs/{kind.name}"}
        whole = one if kind.settings else {"type": "array", "items": one}
        sections[name] = {"anyOf": [whole, {"type": "null"}, _MARK]}
    defaults = {
        name: {"anyOf": [_defaults(kind), _NULL, _MARK]} for name, kind in SECTIONS.items() if not kind.settings
    }
    required = {"anyOf": [_LIST, _NULL, _MARK]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A 3CX phone system as files",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "pbx": _or_empty({name: {"description": text} for name, text in PBX_OPTIONS.items()}),
            "defaults": _or_empty(defaults),
            "required": _or_empty(dict.fromkeys(REQUIRED_SECTIONS, required)),
            **sections,
        },
        "$defs": {
            "mark": _MARKS,
            "text": {"anyOf": [_TEXT, _MARK]},
            **{name: {"type": "string", "pattern": pattern} for name, (_, pattern) in _SPELLED.items()},
            **{SECTIONS[name].name: one for name, one in objects.items()},
        },
    }


def _defaults(kind: ConfigKind) -> dict[str, Any]:
    """The defaults of a kind: a list of structures may be one structure, for each of its items."""
    one = f"#/$defs/{kind.name}"
    lists = [option for option, prop in kind.options.items() if has_items(prop)]
    if not lists:
        return {"$ref": one}
    taken: dict[str, Any] = {option: {"$ref": f"{one}/properties/{option}"} for option in _object(kind)["properties"]}
    for option in lists:
        if option in taken:
            of_items = {"$ref": f"{one}/properties/{option}/anyOf/0/items"}
            taken[option] = {"anyOf": [taken[option], of_items]}
    return _closed(taken)


def _or_empty(properties: dict[str, Any]) -> dict[str, Any]:
    return {**_closed(properties), "type": ["object", "null"]}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _object(kind: ConfigKind) -> dict[str, Any]:
    return _structure(kind, kind.options.values(), "", item=not kind.settings)


def _structure(kind: ConfigKind, properties: Iterable[Property], within: str, *, item: bool) -> dict[str, Any]:
    taken: dict[str, Any] = {}
    for prop in properties:
        path = within + prop.option
        left_out = kind.left_out.get(path)
        elsewhere = left_out is not None and left_out.reason is Reason.ELSEWHERE
        if not elsewhere and not (within and prop.read_only):
            taken[prop.option] = _value(kind, prop, path)
    if item:  # of a list: {number: "100", remove: true}
        taken[REMOVE] = {"const": True}
    return _closed(taken)


def _value(kind: ConfigKind, prop: Property, path: str) -> dict[str, Any]:
    one = _one(kind, prop, path)
    if prop.many or prop.kind == "flags":
        return {"anyOf": [{"type": ["array", "null"], "items": one}, _MARK]}
    if prop.kind == "complex" or path in kind.secrets:
        return {"anyOf": [one, {"type": "null"}, _MARK]}
    return one


def _one(kind: ConfigKind, prop: Property, path: str) -> dict[str, Any]:
    if prop.kind == "complex":
        return _structure(kind, prop.fields, path + ".", item=prop.many)
    if path in kind.secrets:
        # An editor that does not know the tag sees !secret NAME as a text.
        return {"anyOf": [{"type": "string"}, _SECRET] if prop.secret else [_TEXT, _SECRET]}
    if prop.choices:
        # An expression may stand for any choice, and a plain None is a text to editors.
        return {"anyOf": [{"enum": [*prop.choices, None]}, {"type": "string", "pattern": _EXPRESSION}, _MARK]}
    if prop.kind in _SPELLED:
        bounds = {"minimum": prop.minimum, "maximum": prop.maximum}
        value = {name: bound for name, bound in bounds.items() if bound is not None}
        return {"anyOf": [{"type": [_SPELLED[prop.kind][0], "null"], **value}, {"$ref": f"#/$defs/{prop.kind}"}, _MARK]}
    return {"$ref": "#/$defs/text"}
