"""The default department, to which a new entity belongs where a task names none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask


def in_default_department(task: EntityTask, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the desired values of a new entity, with the default department if the task names none.

    Raises:
        PbxError: the default department cannot be read
    """
    name = task.description.default_department
    prop = next((prop for prop in task.properties if prop.name == name), None)
    if prop is None or prop.reference is None or wanted.get(name) is not None or not task.entities.has(prop.since):
        return dict(wanted)
    department = task.references.default_of(prop.reference)
    return dict(wanted) if department is None else {**wanted, name: department}
