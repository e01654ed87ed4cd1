"""The default department, to which a new entity belongs where a task names none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.access.pbx import EntitySet


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
