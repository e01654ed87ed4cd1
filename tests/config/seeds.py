"""Credentials planted into every secret property of a simulated PBX."""

from __future__ import annotations

from itertools import count
from typing import Any

from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.description import EntityDescription, Property
from pbx_simulator import SimulatedPbx
from pbx_simulator.seeds.seed import SeedError

CANARY = "canary-7c1f"  # invented
_NUMBERS = count(1)


def plant(simulated: SimulatedPbx) -> set[str]:
    """Put a credential into every secret property of the first rows; the properties that hold one now."""
    planted: set[str] = set()
    for kind in KINDS.values():
        about = kind.description
        place = about.entity_set if isinstance(about, EntityDescription) else about.singleton
        try:
            rows = simulated.entities(place)
        except KeyError:
            continue
        for row in rows[:2]:
            for path in sorted(kind.secrets):
                if _put(simulated, place, kind, row, path):
                    planted.add(f"{kind.name}.{path}")
    return planted


def _put(simulated: SimulatedPbx, place: str, kind: ConfigKind, row: dict[str, Any], path: str) -> bool:
    changed = dict(row)
    if not _set(changed, kind.description.properties, path.split(".")):
        return False
    try:
        simulated.put(place, changed)
    except (KeyError, SeedError, ValueError):
        return False
    row.update(changed)
    return True


def _set(structure: dict[str, Any], properties: tuple[Property, ...], path: list[str]) -> bool:
    prop = next(one for one in properties if one.option == path[0])
    if len(path) == 1:
        if prop.kind not in ("str", "concealed") or prop.many:
            return False
        structure[prop.name] = CANARY if prop.kind == "str" else {"Concealed": False, "Value": CANARY}
        return True
    inner = structure.get(prop.name)
    if prop.many:
        new = {name: f"0a1b2c3d{next(_NUMBERS):04x}" for name in prop.item_key}  # a MAC address, or any other text
        items = [dict(item) for item in inner or ()] or [new]
        done = [_set(item, prop.fields, path[1:]) for item in items]
        structure[prop.name] = items
        return any(done)
    structure[prop.name] = dict(inner or {})
    return _set(structure[prop.name], prop.fields, path[1:])
