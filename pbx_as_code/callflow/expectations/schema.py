"""JSON Schema of calls.yml, for editors."""

from __future__ import annotations

from typing import Any, Final

from pbx_as_code.callflow.trace.calls import WORDS
from pbx_as_code.callflow.trace.conditions import CHOICES, On

_VALUES: Final = (On.KEY, On.PROFILE, On.CALLER)
_DIGITS: Final = {"type": ["string", "integer"]}


def schema() -> dict[str, Any]:
    """The schema of a file of expectations."""
    options: dict[str, Any] = {
        "name": _text("Name in reports."),
        "call": _DIGITS | {"description": "Start of the call: a DID, or a kind and a number or name: queue 800."},
        "dial": _DIGITS | {"description": "Outside number that `extension` dials."},
        "extension": _DIGITS | {"description": "Extension that calls."},
        "at": _text("Time by the clock of the PBX, or with a zone: 2026-12-25 18:00 America/New_York. Default: now."),
        "caller": _DIGITS | {"description": "Number of the caller."},
        "assume": _several(
            {"type": "string", "pattern": f"^[^=]+=(({'|'.join(WORDS)})(,|$))+"},
            "States of extensions: 101=busy, all=logged-out.",
        ),
        "press": _several(_DIGITS, "Keys that the caller presses, one for each menu; short for `take: key 1`."),
        "take": _several(
            {
                "type": "string",
                "anyOf": [
                    {"enum": sorted(one.value for one in CHOICES if one is not On.KEY)},
                    {"pattern": f"^({'|'.join(one.value for one in _VALUES)}) .+"},
                ],
            },
            "Conditions that hold, in this order, each at the first step that depends on it.",
        ),
        "expect": _several(_DIGITS, "Places that the call passes in this order, or how it ends: voicemail 101, ended."),
        "avoid": _several(_DIGITS, "Places that it must not pass."),
        "within": {"type": "integer", "minimum": 0, "description": "Seconds until it is at the last expected place."},
        "caller_id": _DIGITS | {"description": "Number that an outgoing call shows."},
        "uncertain": {
            "type": "boolean",
            "description": "Whether it is enough that the most likely reading of an uncertain rule fulfils it.",
        },
    }
    expectation = {
        "type": "object",
        "properties": options,
        "additionalProperties": False,
        "oneOf": [{"required": ["call"]}, {"required": ["dial", "extension"]}],
        "anyOf": [{"required": ["expect"]}, {"required": ["avoid"]}],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Expectations about calls",
        "type": "object",
        "properties": {"calls": {"type": "array", "items": expectation}},
        "required": ["calls"],
        "additionalProperties": False,
    }


def _text(what: str) -> dict[str, Any]:
    return {"type": "string", "description": what}


def _several(one: dict[str, Any], what: str) -> dict[str, Any]:
    return {"anyOf": [one, {"type": "array", "items": one}], "description": what}
