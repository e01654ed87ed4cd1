"""The entities that have modules, and one of each that has something in every property.

Without the generator and what it needs, as settings_values.
"""

from __future__ import annotations

from typing import Any

from pbx_as_code.description import EntityDescription, Key, Property
from pbx_as_code.engine.options.option_specs import takes_rename
from pbx_simulator import SimulatedPbx
from tests.collection.property_values import can_differ, given, identifying, stored
from tests.collection.tree import OF_ENTITIES
from tests.descriptions import described


def _entities() -> dict[str, EntityDescription]:
    modules = (name for name in OF_ENTITIES if not name.endswith("_info"))
    found = (described(name) for name in modules)
    entities = [entity for entity in found if isinstance(entity, EntityDescription)]
    return {entity.name: entity for entity in entities if entity.changeable and entity.below is None}


#: Seeded arguments for functions that return a pre-filled entity.
_TOLD = {"template": "provider.pv.xml"}
#: Entities by the name of their module, without threecx_. Entities within other entities, which functions and actions
#: reach, are left out; see test_dn_property.
ENTITIES = _entities()


def writable(description: EntityDescription) -> bool:
    """Whether one can be made or changed, not only removed."""
    return description.can_create or description.can_update


def naming(description: EntityDescription) -> set[str]:
    """The properties by which one is found."""
    return {description.key.name, *(key.name for key in description.natural_keys)}


def ways(description: EntityDescription) -> list[tuple[Key, ...]]:
    """Sets of keys that each identify an entity: single natural keys, or one composite key."""
    natural = description.natural_keys
    return [natural] if description.together else [(key,) for key in natural]


def options(description: EntityDescription) -> list[Property]:
    """Properties of an existing entity that a task can change."""
    return [
        prop
        for prop in description.properties
        if not (prop.read_only or prop.immutable or prop.order_only or prop.name == description.key.name)
        and can_differ(prop)
        and not (takes_rename(description) and prop.name in naming(description))  # a new name needs consent
    ]


def plant(pbx: SimulatedPbx, description: EntityDescription) -> dict[str, Any]:
    """Put one more there, with something in every property; return it as it is stored."""
    shape = pbx._store.describe(description.entity_set).type
    names = naming(description)
    row = {
        prop.name: identifying(prop) if prop.name in names else stored(prop, shape)
        for prop in description.properties
        if not (prop.name == description.key.name and prop.kind == "int")
    }
    if description.entity_set == "Groups":  # a department with members cannot be removed
        del row["Members"]
    planted = pbx.put(description.entity_set, row)
    pbx.clear_log()
    return planted


def by_key(description: EntityDescription, row: dict[str, Any]) -> dict[str, Any]:
    """The option that names an entity for certain."""
    return {description.key.option: row[description.key.name]}


def told(description: EntityDescription) -> dict[str, Any]:
    """The options without which the PBX does not say what a new one begins with."""
    return {parameter.option: _TOLD[parameter.option] for parameter in description.init_with}


def new(description: EntityDescription) -> dict[str, Any]:
    """The options for one that is not there yet: everything that can be said at creation, and is
    not there from it on.
    """
    names = naming(description)
    return {
        prop.option: identifying(prop) if prop.name in names else given(prop)
        for prop in description.properties
        if not (prop.read_only or prop.standing or prop.order_only)
    }
