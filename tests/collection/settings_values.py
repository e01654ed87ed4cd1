"""The singletons that have modules, and a PBX that has something in every one of their properties.

Without the generator and what it needs: the playbook tests run where that is not installed.
"""

from __future__ import annotations

from typing import Any

from pbx_as_code.description import Property, SettingsDescription
from pbx_simulator import SimulatedPbx
from pbx_simulator.model.schema import Property as Known
from pbx_simulator.model.schema import Type, Value
from tests.collection.property_values import stored
from tests.collection.tree import OF_ENTITIES
from tests.descriptions import described


def _settings() -> dict[str, SettingsDescription]:
    modules = (name for name in OF_ENTITIES if not name.endswith("_info"))
    entities = (described(name) for name in modules)
    return {entity.name: entity for entity in entities if isinstance(entity, SettingsDescription)}


#: By the name of the module, without threecx_.
SETTINGS = _settings()


def options(description: SettingsDescription) -> list[Property]:
    """Properties that a task can change."""
    return [prop for prop in description.properties if not prop.read_only]


def held(pbx: SimulatedPbx, description: SettingsDescription) -> list[dict[str, Any]]:
    """Return the settings as stored on the PBX: one row, or the rows of a list."""
    if (chosen := _chosen(description)) is not None:
        return [{_answered_as(description): pbx._store.settings.get(chosen)}]
    rows = pbx.entities(_place(description))
    answered_as = _answered_as(description)
    return [{answered_as: row[answered_as]} for row in rows] if answered_as else rows


def hold(pbx: SimulatedPbx, description: SettingsDescription, rows: list[dict[str, Any]]) -> None:
    """Put there what `held` has told."""
    place = _place(description)
    if description.action is not None and description.action.form == "list":
        for row in pbx.entities(place):
            pbx.remove(place, row["Id"])
    chosen = _chosen(description)
    for row in rows:
        if chosen is None:
            pbx.put(place, row)
        else:
            pbx._store.settings[chosen] = row[_answered_as(description)]
    pbx.clear_log()


def plant(pbx: SimulatedPbx, description: SettingsDescription) -> None:
    """Put something in every property."""
    shape = _shape(pbx, description)
    row = {prop.name: stored(prop, shape) for prop in description.properties if not prop.navigation}
    rows = [row]
    if description.action is not None and description.action.form != "structure":
        value = row[description.action.parameter]
        rows = value if description.action.form == "list" else [{description.action.answered_as: value}]
    hold(pbx, description, rows)


def _shape(pbx: SimulatedPbx, description: SettingsDescription) -> Type | None:
    """Return the simulator's type of the settings, or None for a plain value."""
    routes, place = pbx._store.routes, _place(description)
    if description.action is not None and description.action.form == "list":
        rows = Value("complex", collection=True, inline=routes.sets[place].type)
        return Type("", {description.action.parameter: Known(description.action.parameter, rows)})
    return {**routes.singletons, **routes.settings}.get(place)


def _answered_as(description: SettingsDescription) -> str:
    return "" if description.action is None else description.action.answered_as


def _chosen(description: SettingsDescription) -> str | None:
    """Key under which the simulated PBX stores the selected entity, if the setting is a selection."""
    if description.action is None or description.action.form != "key":
        return None
    return f"{description.action.path.partition('(')[0]}/active"


def _place(description: SettingsDescription) -> str:
    """Name of the settings in the simulated PBX: Backups/Pbx.GetBackupSettings() is Backups/GetBackupSettings."""
    return description.singleton.replace("Pbx.", "").removesuffix("()")
