"""Making the devices of an entity take what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbx_as_code.engine.access.target import after, expansions
from pbx_as_code.engine.find.lookup import find

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row


def reload_devices(task: EntityTask, row: Row) -> None:
    """Call the action for each device of an entity that was changed.

    Raises:
        PbxError: the devices cannot be read, or the PBX refuses the action; the entity has been changed
    """
    how = task.description.reload
    if how is None:
        return
    accepted = f"The change of {task.what(row)} was accepted by {task.pbx}, but the result could not be read."
    with after(accepted):
        expand = expansions((prop for prop in task.properties if prop.name == how.devices), task.entities.has)
        now = find(task, task.key_of(row), expand) or {}
        for device in now.get(how.devices) or ():
            if device.get(how.device):
                task.entities.act(how.action, {how.parameter: device[how.device]}, "change", task.what(row))
