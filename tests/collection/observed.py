"""Observations of a simulated PBX: its departments, and how often an entity set was read."""

from __future__ import annotations

from pbx_simulator import SimulatedPbx


def departments(pbx: SimulatedPbx) -> dict[str, int]:
    """Ids of the departments by name."""
    return {group["Name"]: group["Id"] for group in pbx.entities("Groups")}


def asked(pbx: SimulatedPbx, entity_set: str) -> int:
    """How many requests there were for the entity set itself."""
    return sum(request.path == f"/xapi/v1/{entity_set}" for request in pbx.requests)
