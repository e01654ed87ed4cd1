"""The singletons that have modules, and a PBX that has something in every one of their properties.

Without the generator and what it needs: the playbook tests run where that is not installed.
"""

from __future__ import annotations

import importlib

from ansible_collection.plugins.module_utils._description import Property, SettingsDescription
from pbx_simulator import SimulatedPbx
from tests.collection.property_values import stored
from tests.collection.tree import OF_ENTITIES


def _settings() -> dict[str, SettingsDescription]:
    modules = (name for name in OF_ENTITIES if not name.endswith("_info"))
    entities = (importlib.import_module(f"ansible_collection.plugins.modules.{name}").ENTITY for name in modules)
    return {entity.name: entity for entity in entities if isinstance(entity, SettingsDescription)}


#: By the name of the module, without threecx_.
SETTINGS = _settings()


def options(description: SettingsDescription) -> list[Property]:
    """What a task can change."""
    return [prop for prop in description.properties if not prop.read_only]


def plant(pbx: SimulatedPbx, description: SettingsDescription) -> None:
    """Put something in every property."""
    shape = pbx._store.routes.singletons[description.singleton]
    pbx.put(
        description.singleton,
        {prop.name: stored(prop, shape) for prop in description.properties if not prop.navigation},
    )
    pbx.clear_log()
