"""A JSON Schema of the files, from the descriptions: editors complete options and mark what does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pbx_as_code.config.kinds import SECTIONS, ConfigKind, Reason
from pbx_as_code.config.loader import PBX_OPTIONS, REQUIRED_SECTIONS
from pbx_as_code.description import Property

_TEXT: Final = {"type": ["string", "number", "boolean", "null"]}
_SECRET: Final = {
    "type": "object", "properties": {"secret": {"type": "string"}}, "required": ["secret"],
    "additionalProperties": False,
}  # fmt: skip
_LIST: Final = {"type": "array", "items": {"type": ["string", "number"]}}


def schema() -> dict[str, Any]:
    """The schema of any file of a configuration but vars.yml."""
    objects = {name: _object(kind) for name, kind in SECTIONS.items()}
    sections = {
        name: objects[name] if kind.settings else {"type": ["array", "null"], "items": {"$ref": f"#/$defs/{kind.name}"}}
        for name, kind in SECTIONS.items()
    }
    for name, kind in SECTIONS.items():
        if kind.settings:
            sections[name] = {"anyOf": [{"$ref": f"#/$defs/{kind.name}"}, {"type": "null"}]}
    defaults = {name: {"$ref": f"#/$defs/{kind.name}"} for name, kind in SECTIONS.items() if not kind.settings}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A 3CX phone system as files",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "pbx": _closed({name: {} for name in PBX_OPTIONS}),
            "defaults": _closed(defaults),
            "required": _closed(dict.fromkeys(REQUIRED_SECTIONS, _LIST)),
            **sections,
        },
        "$defs": {SECTIONS[name].name: one for name, one in objects.items()},
    }


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _object(kind: ConfigKind) -> dict[str, Any]:
    return _structure(kind, kind.options.values(), "")


def _structure(kind: ConfigKind, properties: Iterable[Property], within: str) -> dict[str, Any]:
    taken: dict[str, Any] = {}
    for prop in properties:
        path = within + prop.option
        left_out = kind.left_out.get(path)
        elsewhere = left_out is not None and left_out.reason is Reason.ELSEWHERE
        if not elsewhere and not (within and prop.read_only):
            taken[prop.option] = _value(kind, prop, path)
    return _closed(taken)


def _value(kind: ConfigKind, prop: Property, path: str) -> dict[str, Any]:
    one = _one(kind, prop, path)
    if prop.many or prop.kind == "flags":
        return {"type": ["array", "null"], "items": one}
    return {"anyOf": [one, {"type": "null"}]} if prop.kind == "complex" or path in kind.secrets else one


def _one(kind: ConfigKind, prop: Property, path: str) -> dict[str, Any]:
    if prop.kind == "complex":
        return _structure(kind, prop.fields, path + ".")
    if path in kind.secrets:
        # An editor that does not know the tag sees !secret NAME as a text.
        return {"anyOf": [{"type": "string"}, _SECRET] if prop.secret else [_TEXT, _SECRET]}
    if prop.choices:
        # An expression may stand for any choice, and a plain None is a text to editors.
        return {"anyOf": [{"enum": [*prop.choices, None]}, {"type": "string", "pattern": r"\{\{"}]}
    return dict(_TEXT)
