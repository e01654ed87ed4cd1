"""The singletons that have modules, and values for any property: what a PBX might have, what a task might make of it.

Without the generator and what it needs: the playbook tests run where that is not installed.
"""

from __future__ import annotations

import importlib
import itertools
from typing import Any

from ansible_collection.plugins.module_utils._description import Property, SettingsDescription
from pbx_simulator import SimulatedPbx
from tests.collection.tree import OF_ENTITIES

#: In every credential that is planted or given. Invented.
CANARY = "CANARY"
_count = itertools.count(1)
#: Members of enumerations that only the PBX fills: their properties have no choices, and a PBX knows no "old".
_FILLED = {"Type": "Extension", "Tags": "Teams"}
_TEXTS = {
    "datetime": ("2026-01-31T08:00:00Z", "2027-02-28T09:30:00Z"),
    "date": ("2026-01-31", "2027-02-28"),
    "time": ("08:00:00", "09:30:00"),
    "duration": ("PT8H", "PT9H30M"),
    "uuid": ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"),
    "mac": ("001122334455", "66778899aabb"),
}


def _settings() -> dict[str, SettingsDescription]:
    modules = (name for name in OF_ENTITIES if not name.endswith("_info"))
    entities = (importlib.import_module(f"ansible_collection.plugins.modules.{name}").ENTITY for name in modules)
    return {entity.name: entity for entity in entities if isinstance(entity, SettingsDescription)}


#: By the name of the module, without threecx_.
SETTINGS = _settings()


def options(description: SettingsDescription) -> list[Property]:
    """What a task can change."""
    return [prop for prop in description.properties if not prop.read_only]


def held(pbx: SimulatedPbx, description: SettingsDescription) -> list[dict[str, Any]]:
    """What the PBX has of the settings, in its own words: one row, or those of a list."""
    rows = pbx.entities(_place(description))
    answered_as = "" if description.action is None else description.action.answered_as
    return [{answered_as: row[answered_as]} for row in rows] if answered_as else rows


def hold(pbx: SimulatedPbx, description: SettingsDescription, rows: list[dict[str, Any]]) -> None:
    """Put there what `held` has told."""
    place = _place(description)
    if description.action is not None and description.action.form == "list":
        for row in pbx.entities(place):
            pbx.remove(place, row["Id"])
    for row in rows:
        pbx.put(place, row)
    pbx.clear_log()


def plant(pbx: SimulatedPbx, description: SettingsDescription) -> None:
    """Put something in every property."""
    row = {prop.name: stored(prop) for prop in description.properties if not prop.navigation}
    rows = [row]
    if description.action is not None and description.action.form != "structure":
        value = row[description.action.parameter]
        rows = value if description.action.form == "list" else [{description.action.answered_as: value}]
    hold(pbx, description, rows)


def _place(description: SettingsDescription) -> str:
    """What the simulated PBX calls it: Backups/Pbx.GetBackupSettings() is Backups/GetBackupSettings."""
    return description.singleton.replace("Pbx.", "").removesuffix("()")


def stored(prop: Property) -> Any:
    """A value in wire form, as a PBX answers it; credentials in a wrapping are concealed."""
    if prop.many:
        return [_stored(prop)]
    return _stored(prop)


def _stored(prop: Property) -> Any:
    if prop.kind == "complex":
        whole = {field.name: stored(field) for field in prop.fields}
        return whole | {"Concealed": True} if prop.conceals else whole
    if prop.kind == "concealed":
        return {"Concealed": True, "Value": ""}
    return _scalar(prop, 0, f"{CANARY}-stored" if prop.secret else "old")


def given(prop: Property) -> Any:
    """Another value, as a task gives it."""
    if prop.kind == "flags":
        return [prop.choices[-1]]
    return [_given(prop)] if prop.many else _given(prop)


def _given(prop: Property) -> Any:
    if prop.kind == "complex":
        return {field.option: given(field) for field in prop.fields if not field.read_only}
    return _scalar(prop, 1, f"{CANARY}-{next(_count)}" if prop.secret else "new")


def _scalar(prop: Property, which: int, text: str) -> Any:
    if prop.choices:
        return prop.choices[-which]
    if prop.kind == "enum":
        return _FILLED[prop.name]
    if prop.kind in _TEXTS:
        return _TEXTS[prop.kind][which]
    if prop.kind == "bool":
        return bool(which)
    if prop.kind in ("int", "float"):
        return max(prop.minimum or 0, 0) + 1 + which + (0.5 if prop.kind == "float" else 0)
    return text[: prop.max_length]
