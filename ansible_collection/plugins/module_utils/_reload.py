# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making the devices of an entity take what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._description import EntityDescription
from ._expand import expansions
from ._failure import after
from ._find import find
from ._names import of_row

if TYPE_CHECKING:
    from ._pbx import EntitySet, Row


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
