"""References that a PBX refuses although a task found them: it names the property, not which item nor why.

An agent that is a ring group, a destination of type Queue with the number of a user, or an object that was removed a
moment ago are all answered with "Agents: not found". The references are looked up again, and the message says which
object each of them is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from threecx_xapi import errors

from pbx_as_code.description import Property, Reference, is_empty_route
from pbx_as_code.engine.compare.values import composed
from pbx_as_code.engine.find.knowledge import Directory, known_through
from pbx_as_code.suggestions import existing

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, SettingsTask
    from pbx_as_code.errors import PbxError

_CODES: Final = ("WARNINGS.INVALID", "WARNINGS.XAPI.NOT_FOUND", "WARNINGS.XAPI.NON_EXISTENT_EXT_NUMBER")
_SHOWN: Final = 5
_NUMBERS: Final = Reference("number", "Peers", "Number", ("Number", "Name"))
_KINDS: Final[Mapping[str, str]] = {
    "Conference": "a conference",
    "Extension": "a user",
    "ExternalLine": "a trunk",
    "Fax": "a fax",
    "Group": "a department",
    "IVR": "a digital receptionist",
    "Parking": "a parking place",
    "Queue": "a queue",
    "RingGroup": "a ring group",
    "RoutePoint": "a call flow app",
}
"""By type of a peer: the object that has its number."""


class _Given(NamedTuple):
    """A reference as a task has it."""

    option: str
    names: tuple[str, ...]
    """XAPI names of the properties on the way to it."""
    reference: Reference
    text: str


def explained_by_references(task: EntityTask | SettingsTask, failure: PbxError) -> PbxError:
    """A failure, with the objects that refused references stand for.

    Parameters:
        task: that failed
        failure: as it was raised
    """
    if task.info or failure.in_doubt or failure.code not in _CODES or not failure.target:
        return failure
    refused = [one for one in re.split(r"[^A-Za-z0-9_]+|\d+", failure.target) if one]
    top = {prop.name for prop in task.properties if _is_new(task, prop)}
    given = [
        one
        for one in _given(task.properties, task.given, failure.code, "", ())
        if (one.names[0] == refused[0] if refused[0] in top else one.names[-1] == refused[-1])
    ]
    hints = _hints(task, given)
    return failure.saying(f"{failure.msg} {' '.join(hints)}", changed=failure.changed) if hints else failure


def _is_new(task: EntityTask | SettingsTask, prop: Property) -> bool:
    """Whether an option has a value that was not stored before; what was stored is not refused."""
    text = task.given.get(prop.option)
    return text is not None and all(row.get(prop.name) != text for row in task.seen)


def _given(
    properties: tuple[Property, ...], given: Mapping[str, Any], code: str, within: str, above: tuple[str, ...]
) -> Iterator[_Given]:
    """The references of a task, and with a code about numbers all texts that may be one."""
    for prop in properties:
        held = given.get(prop.option)
        names = (*above, prop.name)
        for number, item in enumerate(held if isinstance(held, list) else [held]):
            option = f"{within}{prop.option}[{number}]" if isinstance(held, list) else f"{within}{prop.option}"
            reference = prop.reference or (_NUMBERS if above and code == _CODES[2] and not prop.secret else None)
            if isinstance(item, Mapping):
                yield from _given(prop.fields, item, code, f"{option}.", names)
            elif reference and isinstance(item, str) and item and not is_empty_route(reference.entity_set, item):
                yield _Given(option, names, reference, composed(item))


def _hints(task: EntityTask | SettingsTask, given: list[_Given]) -> list[str]:
    """A sentence for each reference that may be the refused one: missing objects, else objects of unusual kinds."""
    missing: list[str] = []
    others: list[str] = []
    users: list[str] = []
    for reference in dict.fromkeys(one.reference for one in given):
        some = [one for one in given if one.reference == reference]
        asked = reference.altered(sends=("Type",)) if reference.entity_set == "Peers" else reference
        directory = Directory(task.client, asked, {}, known_through(task.client).writes)
        try:
            directory.look_up(one.text for one in some)
        except (errors.XapiError, KeyError, TypeError):  # what the PBX has complained about matters more
            continue
        for one in some:
            row = next(iter(directory.named(one.text)), None)
            if row is None:
                there, more = directory.some() if len(missing) < _SHOWN else ({}, True)
                label = f"{reference.label} {one.text}"
                missing.append(f"{one.option}: there is no {label} on {task.pbx}{existing(one.text, there, more=more)}")
            elif (kind := _KINDS.get(str(row.get("Type")))) is not None:
                name = row.get("Name")
                called = f" ({name})" if isinstance(name, str) and name not in ("", one.text) else ""
                (users if row["Type"] == "Extension" else others).append(f"{one.option}: {one.text}{called} is {kind}")
    if missing:
        return missing[:_SHOWN]
    return [f"{told}, perhaps the wrong kind of object here." for told in (others or users)[:_SHOWN]]
