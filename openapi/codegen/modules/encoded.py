"""Properties that the document calls a text and that hold a list of structures: what the engine's _encoded knows."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string", "nullable": True}
_TARGET = {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Pbx.BlfTarget"}]}
#: The structures, as a document would describe them.
SCHEMAS: dict[str, Any] = {
    "Pbx.BlfTarget": {"type": "object", "properties": {"Id": {"type": "integer"}, "Number": _TEXT}},
    "Pbx.BlfKey": {
        "type": "object",
        "properties": {
            "Position": {"type": "integer", "format": "int32"},
            "Type": {"type": "string"},
            "Extension": _TARGET,
            "Number": _TEXT,
            "FirstName": _TEXT,
            "LastName": _TEXT,
            "Parking": _TARGET,
            "QueueLogin": _TEXT,
            "Profile": _TEXT,
        },
    },
}
#: By schema and property: the structure of an item, and the encoding.
ENCODED = {("User", "Blfs"): ("BlfKey", "blf_keys")}
