"""How a numbered entity is called, and how others name it."""

from __future__ import annotations

from pbx_simulator import knowledge
from pbx_simulator.model.document import Json


def display_name(name: str, row: Json) -> str:
    """Return the display name of a numbered entity."""
    if name == "Users":
        return " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)
    gateway = row.get("Gateway") or {}
    return str(row.get("Name") or gateway.get("Name") or "")


def reference(name: str, row: Json) -> Json:
    """How another entity names one that has a number."""
    return {
        "Id": row.get("Id"),
        "Name": display_name(name, row),
        "Number": row.get("Number"),
        "Type": knowledge.PEER_TYPES[name],
    }
