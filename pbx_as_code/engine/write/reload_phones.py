"""Making the devices of an entity take what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.find.expansions import expansions
from pbx_as_code.engine.find.lookup import find
from pbx_as_code.engine.report.failure import after
from pbx_as_code.engine.report.names import of_row

if TYPE_CHECKING:
    from pbx_as_code.engine.access.pbx import EntitySet, Row


def reload_devices(entities: EntitySet, description: EntityDescription, row: Row) -> None:
    """Call the action for each device of an entity that was changed.

    Raises:
        Failure: the devices cannot be read, or the PBX refuses the action; the entity has been changed
    """
    how = description.reload
    if how is None:
        return
    with after(f"The change of {of_row(description, row)} was accepted by {entities.pbx}"):
        expand = expansions((prop for prop in description.properties if prop.name == how.devices), entities.has)
        now = find(entities, description, {description.key.option: row[description.key.name]}, expand) or {}
        for device in now.get(how.devices) or ():
            if device.get(how.device):
                entities.act(how.action, {how.parameter: device[how.device]}, "change", of_row(description, row))
