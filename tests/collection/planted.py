"""Entities with keys of different kinds: their names in tasks, and their rows on a PBX."""

from __future__ import annotations

from typing import Any

from pbx_simulator import SimulatedPbx

#: Entity set, options that identify the entity, and its row. The secrets are invented.
ENTITIES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "fax": ("Fax", {"id": 7001}, {"Id": 7001, "Number": "7801", "OutboundCallerId": "1", "AuthPassword": "CANARY-1"}),
    "fxs": (
        "Fxs",
        {"mac_address": "AA:00:00:00:00:01"},
        {"MacAddress": "aa0000000001", "Name": "x", "Password": "CANARY-2"},
    ),
    "call_flow_app": ("CallFlowApps", {"id": 7002}, {"Id": 7002, "Number": "7802", "Name": "x", "ScriptCode": "y"}),
    "firmware": ("Firmwares", {"id": "f/w 'x'% 1"}, {"Id": "f/w 'x'% 1", "Model": "T46S", "Vendor": "Yealink"}),
    "phone_logo": ("PhoneLogos", {"filename": "O'Brien & Söhne.png"}, {"Filename": "O'Brien & Söhne.png"}),
}


def plant(pbx: SimulatedPbx, name: str) -> None:
    """Put the entity on the PBX, and forget the requests so far."""
    pbx.put(ENTITIES[name][0], ENTITIES[name][2])
    pbx.clear_log()
