# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task returns: entities in snake_case without credentials, and what a change looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._description import EntityDescription
from ._values import structure_from_wire

_HIDDEN = "(hidden)"
_HIDDEN_CHANGED = "(hidden, changed)"


def entity(description: EntityDescription, row: Mapping[str, Any]) -> dict[str, Any]:
    """An entity as a result shows it; what is shown can be given to the module again.

    Parameters:
        description: of the entity
        row: what the PBX answered
    """
    shown = structure_from_wire(description.properties, row)
    known = {prop.name for prop in description.properties}
    for key in (description.key, *description.natural_keys):
        if key.name in row and key.name not in known:
            shown[key.option] = row[key.name]
    etag = row.get("@odata.etag")
    if isinstance(etag, str):
        shown["etag"] = etag
    return shown


def diff(
    description: EntityDescription,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    sent: frozenset[str],
) -> dict[str, Any]:
    """Before and after, as Ansible shows them; an entity that is not there is empty.

    Parameters:
        description: of the entity
        before: what the PBX answered before the task, None where there was none
        after: what it has, or would have, after it; None where there is none
        sent: XAPI names of the properties that were, or would be, sent: a credential among them shows as changed
    """
    sides = {"before": _side(description, before), "after": _side(description, after)}
    for prop in description.properties:
        if (prop.secret or prop.write_only) and prop.name in sent:
            if before is not None:
                sides["before"][prop.option] = _HIDDEN
            sides["after"][prop.option] = _HIDDEN_CHANGED
    return sides


def _side(description: EntityDescription, row: Mapping[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {}
    side = entity(description, row)
    side.pop("etag", None)  # changes with every write, and says nothing
    return side
