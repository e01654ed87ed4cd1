"""Results of one PBX that are given to another one: their id and ETag mean nothing there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pbx_as_code.description import Property
from pbx_as_code.engine.find.lookup import Wanted, assigned_key, matches

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row


def is_result(task: EntityTask) -> bool:
    """Whether the options contain something that only a result has: an ETag, or a property that
    only the PBX fills in.
    """
    naming = {key.name for key in task.description.keys}
    others = [prop for prop in task.properties if prop.name not in naming]
    return "etag" in task.given or _filled_in(others, task.given)


def _filled_in(properties: Iterable[Property], given: Mapping[str, Any]) -> bool:
    """Whether a property that only the PBX fills in is given, in structures and lists too."""
    for prop in properties:
        if prop.option not in given:
            continue
        value = given[prop.option]
        items = value if isinstance(value, list) else [value]
        if prop.read_only or any(_filled_in(prop.fields, item) for item in items if isinstance(item, Mapping)):
            return True
    return False


def drop_foreign_id(
    task: EntityTask,
    names: Wanted,
    row: Row | None,
) -> list[str]:
    """Drop the id and the ETag of a result that another PBX returned.

    Parameters:
        entities: the entity set; it stops asking for the version of the result
        description: of the entity
        names: from named_by; loses the id
        row: the entity that was found, None if there is none
        given: the options of the task

    Returns:
        a warning that says so; none if the result belongs to this PBX, or if the options are no result
    """
    key = task.description.key
    if not (is_result(task) and assigned_key(task.description)):
        return []
    if key.option not in names or not names.keys() - {key.option}:
        return []
    if row is not None and matches(key, names[key.option], row):
        return []
    foreign = names.pop(key.option)
    task.of_other_pbx = "etag" in task.given
    here = "does not exist yet" if row is None else f"has {key.option} {row[key.name]}"
    return [
        f"{key.option} {foreign} was ignored: it is from another PBX. {task.named(names)} on {task.pbx} {here}. "
        f"Leave {key.option} out of tasks for several PBXs."
    ]
