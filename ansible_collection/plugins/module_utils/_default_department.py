# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The default department, to which a new entity belongs where a task names none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._description import EntityDescription
from ._pbx import EntitySet


def in_default_department(
    entities: EntitySet, description: EntityDescription, wanted: Mapping[str, Any]
) -> dict[str, Any]:
    """What a task asks for of a new entity, with the default department where it names none.

    Raises:
        Failure: the default department cannot be read
    """
    name = description.default_department
    prop = next((prop for prop in description.properties if prop.name == name), None)
    if prop is None or prop.reference is None or wanted.get(name) is not None or not entities.has(prop.since):
        return dict(wanted)
    department = entities.references.default_of(prop.reference)
    return dict(wanted) if department is None else {**wanted, name: department}
