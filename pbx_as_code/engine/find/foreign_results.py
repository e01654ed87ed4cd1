"""Results of one PBX that are given to another one: their id and ETag mean nothing there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pbx_as_code.description import Property
from pbx_as_code.engine.find.lookup import Wanted, matches, namesakes
from pbx_as_code.engine.options.option_specs import takes_rename
from pbx_as_code.errors import BadOption

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row


def is_result(task: EntityTask) -> bool:
    """Whether the options are a result, perhaps of another PBX: they contain what only a result has, such as an ETag or
    a property that only the PBX fills in, or everything that a result always has.

    Parameters:
        task: whose options they are, an id among them
    """
    if task.validated.get("rename"):  # it means the object with the id
        return False
    return "etag" in task.given or _is_whole(task)


def _is_whole(task: EntityTask) -> bool:
    """Whether the options contain what only a result has, apart from an ETag."""
    naming = {key.name for key in task.description.keys}
    others = [prop for prop in task.properties if prop.name not in naming]
    return _filled_in(others, task.given) or _complete(task.properties, task.given)


def _complete(properties: Iterable[Property], given: Mapping[str, Any]) -> bool:
    """Whether all is given that a result has on every release, as on a PBX that sends no ETags."""
    return all(
        prop.option in given
        for prop in properties
        if not (prop.navigation or prop.large or prop.secret or prop.write_only or prop.since)
    )


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
    """Drop what another PBX assigned to the object of its result: the id, the number of a department, the ETag.

    Parameters:
        task: whose options may be a result; its if_match becomes None if the result is foreign
        names: from named_by; loses the id, and the number if the PBX assigns it
        row: the object that was found, None if there is none

    Returns:
        a warning that says so; none if the result belongs to this PBX, or if the options are no result
    """
    local = [key for key in task.description.local_keys if key.option in names]
    if row is None:  # a new one may get the number, and no id
        local = [key for key in local if key == task.description.key]
    foreign = [key for key in local if row is None or not matches(key, names[key.option], row)]
    if not foreign or not names.keys() - {key.option for key in local}:
        return []
    given = {key.option: names.pop(key.option) for key in foreign}
    task.of_other_pbx = "etag" in task.given
    here = "no such one is there yet"
    if row is not None:
        here = f"there it has {' and '.join(f'{key.option} {row[key.name]}' for key in foreign)}"
    options = " and ".join(given)
    ignored = " and ".join(f"{option} {value}" for option, value in given.items())
    return [
        f"{ignored} {'was' if len(given) == 1 else 'were'} ignored: {task.named(names)} names it on {task.pbx}, and "
        f"{here}. Leave {options} out of tasks for several PBXs."
    ]


def drop_foreign_etag(task: EntityTask, names: Wanted) -> list[str]:
    """Drop the ETag of a result whose object does not exist here: the result is of another PBX, or the object is gone.

    Parameters:
        task: whose options may be a result; its if_match becomes None if they are
        names: of the object, from named_by

    Returns:
        a warning that says so; none if the options have no ETag of a result
    """
    etag = task.given.get("etag")
    if etag is None or task.given.get("if_match") != etag or not _is_whole(task):
        return []
    task.of_other_pbx = True
    return [
        f"The etag was ignored: there is no {task.named(names)} on {task.pbx}. To change an existing object only, give "
        "the etag as if_match."
    ]


def without_dropped(task: EntityTask, names: Wanted, wanted: Row) -> Row:
    """The desired values without those that drop_foreign_id dropped.

    Parameters:
        task: whose values they are
        names: from named_by, after drop_foreign_id
        wanted: by XAPI name
    """
    dropped = {key.name for key in task.description.local_keys if key.option not in names}
    return {name: value for name, value in wanted.items() if name not in dropped}


def check_name(task: EntityTask, names: Wanted, row: Row, scope: Mapping[str, Any]) -> None:
    """Refuse to rename an object that was found by what its PBX assigned, unless the task sets rename.

    Parameters:
        task: that gives the names
        names: from named_by
        row: the object that was found
        scope: from scope_of

    Raises:
        BadOption: its name is another one: the task probably means another object, or an object of another PBX
    """
    description, local = task.description, task.description.local_keys
    assigned = [key.option for key in local if key.option in names]
    telling = [key for key in description.natural_keys if key.option in names and key not in local]
    if task.validated.get("rename") or not (assigned and telling and takes_rename(description)):
        return
    different = [key for key in telling if not matches(key, names[key.option], row)]
    if not different or (len(different) < len(telling) and not description.together):
        return
    natural = {key.option: names[key.option] for key in telling}
    there = namesakes(task, natural, scope=scope)
    out = f"leave {' and '.join(assigned)} out"
    if there:
        remedy = f"To change {task.what(there[0])}, {out}; to rename"
    else:
        remedy = f"To create another {description.label}, {out}; to rename" if description.can_create else "To rename"
    raise BadOption(
        f"{task.what(row)} on {task.pbx} does not have {task.named(natural).partition(' with ')[2]}, and "
        f"{' and '.join(assigned)} of {description.one} differ{'s' if len(assigned) == 1 else ''} from PBX to PBX. "
        f"{remedy} {task.what(row)}, set rename: true. Nothing was changed.",
        target=different[0].option,
    )
