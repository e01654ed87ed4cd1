"""Desired state of a task, spelled as the PBX spells it, and what of its credentials is left out.

Given and validated values differ: Ansible fills in null for whatever was left out, at every depth,
and here an explicit null clears while an absent option leaves alone. So the names come from what was given, the
values from what was validated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.compare import take
from pbx_as_code.engine.compare.values import canonical, check_one, conceals, to_wire
from pbx_as_code.engine.options.invalid_values import check_digits
from pbx_as_code.engine.options.structures import structure_of
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.walk import ABSENT, LEFT_OUT, Absent, Place, Values, mapped

if TYPE_CHECKING:
    from pbx_as_code.engine.task import Task


def desired_by(task: Task[Any]) -> dict[str, Any]:
    """The properties a task gives; see desired. Null, or an empty name, says nothing for the department that a PBX
    fills in itself.
    """
    wanted = desired(task.properties, task.given, task.validated)
    department = getattr(task.description, "default_department", "")
    return {name: value for name, value in wanted.items() if not (name == department and value in (None, ""))}


def desired(
    properties: tuple[Property, ...], given: Mapping[str, Any], validated: Mapping[str, Any], within: str = ""
) -> dict[str, Any]:
    """The properties a task gives, by their XAPI names, in wire form; null where it clears.

    Parameters:
        properties: of the entity, or of a structure in it
        given: the task's options as they were written
        validated: the same after validation
        within: the option that holds the structure, with a dot, for messages

    Raises:
        PbxError: a value cannot be meant for its property
    """
    wanted: dict[str, Any] = {}
    for prop in properties:
        if prop.option not in given:
            continue
        written, value, option = given[prop.option], validated.get(prop.option), within + prop.option
        if written is None or value is None:
            wanted[prop.name] = [] if prop.many else None
        elif prop.kind == "flags" and value == []:
            wanted[prop.name] = None  # on the wire there is no empty set of flags
        elif prop.many:
            wanted[prop.name] = [
                _item(prop, one, item, f"{option}[{number}]")
                for number, (one, item) in enumerate(zip(_as_given(written, value), value, strict=True))
            ]
            check_items(prop, wanted[prop.name], option)
        else:
            wanted[prop.name] = _item(prop, written, value, option)
    return wanted


def check_items(prop: Property, items: list[Any], option: str) -> None:
    """Refuse a list that is never stored as it was given, see item_faults.

    Raises:
        PbxError: an item lacks its key, or has that of another
    """
    for number, fault in item_faults(prop, items):
        raise refused(f"{option}[{number}]", fault)


def item_faults(prop: Property, items: list[Any]) -> Iterator[tuple[int, str]]:
    """Items that cannot be told apart: number and sentence.

    A telephone number or e-mail address in two spellings is one value: the PBX would store it twice, or refuse it as
    one that another object has.

    Parameters:
        prop: the list
        items: with values by the names of the fields
    """
    if prop.kind in ("telephone", "email"):
        yield from _given_twice(prop, items)
    filled = {field.name for field in prop.fields if field.read_only}
    fields = [field for field in prop.fields if field.name in prop.item_key]
    if not fields or filled & set(prop.item_key):  # what the PBX fills in, a new item cannot have
        return
    seen: set[tuple[Any, ...]] = set()
    for number, item in enumerate(items):
        missing = next((field for field in fields if item.get(field.name) is None), None)
        if missing is not None:
            yield number, f"{missing.option} is missing, which identifies the item."
            continue
        key = tuple(canonical(field.kind, item[field.name]) for field in fields)
        if key in seen and not prop.ordered:  # in an order, what is there twice has two places
            named = ", ".join(f"{field.option} {item[field.name]}" for field in fields)
            yield number, f"{named} is given twice."
        seen.add(key)


def _given_twice(prop: Property, items: list[Any]) -> Iterator[tuple[int, str]]:
    seen: dict[Any, str] = {}
    for number, item in enumerate(items if not prop.ordered else ()):
        key = canonical(prop.kind, item)
        if key in seen:
            also = "" if seen[key] == item else f", also as {seen[key]}"
            yield number, f"{item} is given twice{also}."
        seen.setdefault(key, item)


def _item(prop: Property, written: Any, value: Any, option: str) -> Any:
    if written is None or value is None:  # null clears a whole list; in a list it is nothing
        raise refused(option, "null cannot be an item of a list.")
    if prop.kind not in ("complex", "flags"):
        check_one(prop.kind, written, option)
        check_digits(prop, written, option)
    if prop.kind == "complex":
        return desired(prop.fields, _written(written, value), value, f"{option}.")
    return to_wire(prop, value, option)


def _written(written: Any, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A structure as it was written, perhaps as text, which Ansible takes too; its nulls clear.

    Of a list that was written as text nobody knows which nulls were in it.
    """
    if written is not value:
        with suppress(TypeError):
            return structure_of(written)
    return {name: inner for name, inner in value.items() if inner is not None}


def _as_given(written: Any, value: list[Any]) -> list[Any]:
    """A list as it was written, where it was one; Ansible also takes "a,b" and a single item."""
    given = written if isinstance(written, str | list) else [written]
    return given if isinstance(given, list) and len(given) == len(value) else value


Row = Mapping[str, Any]
Items = Callable[[Property, Row, list[Row]], "Row | None"]
"""Values the PBX has for an item of a list: None where it does not have that one, empty where that is not looked for.
"""


def without_secrets(properties: tuple[Property, ...], wanted: Row, row: Row) -> dict[str, Any]:
    """The wanted properties without the credentials of what was made before (update_secrets: on_create, of an entity).

    Parameters:
        properties: of the entity
        wanted: in wire form
        row: what the PBX answered; an item of a list that is not in it is made now, such as another phone of a user
    """
    return _without(properties, wanted, row, lambda _: True, _of_the_same_key)


def without_held(properties: tuple[Property, ...], wanted: Row, row: Row) -> dict[str, Any]:
    """The wanted properties without the credentials that the PBX has, or may have (update_secrets: on_create, of
    settings).

    Parameters:
        properties: of the settings
        wanted: in wire form
        row: what the PBX answered
    """
    return _without(properties, wanted, row, lambda held: held not in (None, ""), _of_the_same_key)


def without_unseen(properties: tuple[Property, ...], wanted: Row, row: Row) -> dict[str, Any]:
    """The wanted properties without the credentials that the PBX does not show."""
    return _without(properties, wanted, row, lambda held: isinstance(held, Absent))


def _of_the_same_key(prop: Property, item: Row, current: list[Row]) -> Row | None:
    """An item that is new is to have its credentials; without a key nobody can say which one is."""
    return take(prop, item, current) if prop.item_key else {}


def _not_looked_for(_prop: Property, _item: Row, _current: list[Row]) -> Row | None:
    return {}


#: Stands for a structure that the PBX does not have.
_NO_STRUCTURE: Row = MappingProxyType({})
_HAS_HIDDEN = attrgetter("has_hidden")


def _without(
    properties: tuple[Property, ...],
    wanted: Row,
    row: Row,
    drop: Callable[[Any], bool],
    items: Items = _not_looked_for,
) -> dict[str, Any]:
    def divide(prop: Property, values: Values) -> Iterable[tuple[str, Values]]:
        value, held = values
        if isinstance(value, Mapping):
            return (("", (value, held if isinstance(held, Mapping) else _NO_STRUCTURE)),) if prop.fields else ()
        if not prop.fields or not isinstance(value, list):
            return ()
        current = [item for item in held if isinstance(item, Mapping)] if isinstance(held, list) else []
        found = (items(prop, item, current) if isinstance(item, Mapping) else None for item in value)
        return [(f"[{number}]", (value[number], one)) for number, one in enumerate(found)]

    def change(place: Place) -> Any:
        hidden = place.prop.secret or place.prop.write_only
        return LEFT_OUT if hidden and drop(_held(place.prop, place.rows[1])) else place.value

    return mapped(properties, wanted, row, change=change, concerns=_HAS_HIDDEN, divide=divide)


def _held(prop: Property, row: Row) -> Any:
    """The credential the PBX answered; ABSENT where it keeps it to itself, None where there is not even its structure.

    A PBX that conceals a credential answers a structure that says so; builds that leave out nulls answer none for none.
    """
    if row is _NO_STRUCTURE:
        return None
    held = row.get(prop.name, ABSENT)
    if conceals(row) or (prop.kind == "concealed" and conceals(held)):
        return ABSENT
    if prop.kind == "concealed":
        return held.get("Value") if isinstance(held, Mapping) else None
    return held
