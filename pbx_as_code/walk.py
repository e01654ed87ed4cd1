"""Walks over properties and their values, in structures and lists too: the one place that knows how they nest.

`places` visits values, and `mapped` copies a row with some of its values replaced. `Property.anywhere` tells what a
description has within it. Two are made for rows by the thousand: `renamed`, which is `mapped` for what stands for
entities, and `results.structure_from_wire`, which walks by itself.

Rows of one kind are walked side by side, such as what is wanted and what is there. A walk goes by the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from pbx_as_code.description import Property, Reference

Row: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = tuple[Row, ...]
Values: TypeAlias = tuple[Any, ...]
T = TypeVar("T")


class Absent:
    """Marker for a property that a row does not have, as opposed to null."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()
LEFT_OUT = Absent()
"""Replacement of a value that `mapped` leaves out of the copy."""


class Place(NamedTuple):
    """One value in rows that are walked side by side: of a property, or an item of its list."""

    prop: Property
    path: str
    """The option, after those it is in, such as forwarding_profiles[0].name."""
    values: Values
    """One of each row; ABSENT where the row has none."""
    rows: Rows
    """The entities or structures that have the property."""
    divided: bool = False
    """Whether the places within it follow."""

    @property
    def value(self) -> Any:
        """Its value in the first row."""
        return self.values[0]


Divide: TypeAlias = Callable[[Property, Values], Iterable[tuple[str, Values]]]
"""The parts of a value: the end of the path of each, such as [0], and its values. Without parts it is taken as a whole.
"""


def structures(prop: Property, values: Values) -> Iterable[tuple[str, Values]]:
    """Divide a structure into its fields, but not a list, nor what only the PBX fills in."""
    return () if prop.read_only or not _are_structures(values) else (("", values),)


def items(prop: Property, values: Values) -> Iterable[tuple[str, Values]]:
    """Divide a list into its items, and a structure into its fields."""
    if prop.many:
        listed = values[0] if isinstance(values[0], list) else ()
        return [(f"[{number}]", (item,)) for number, item in enumerate(listed)]
    return (("", values),) if isinstance(values[0], Mapping) and prop.fields else ()


def places(
    properties: Iterable[Property], *rows: Row, divide: Divide = structures, by_option: bool = False, within: str = ""
) -> Iterator[Place]:
    """Visit each property that the first row has, and then what is within it.

    Parameters:
        properties: of the rows
        rows: by the names of the XAPI
        divide: which parts a value has
        by_option: the rows are by the names of options
        within: path of the rows, with a dot
    """
    for prop in properties:
        name = prop.option if by_option else prop.name
        if name not in rows[0]:
            continue
        values = tuple([row.get(name, ABSENT) for row in rows])
        path, parts = within + prop.option, tuple(divide(prop, values))
        yield Place(prop, path, values, rows, bool(parts))
        for step, part in parts:
            if _are_structures(part):
                yield from places(prop.fields, *part, divide=divide, by_option=by_option, within=f"{path}{step}.")
            else:
                yield Place(prop, path + step, part, rows)


def mapped(
    properties: Iterable[Property],
    *rows: Row,
    change: Callable[[Place], Any],
    concerns: Callable[[Property], bool],
    divide: Divide = items,
    within: str = "",
) -> dict[str, Any]:
    """Copy the first row with some of its values replaced.

    Parameters:
        properties: of the rows
        rows: by the names of the XAPI
        change: returns what takes the place of a value, or LEFT_OUT
        concerns: whether a property has anything to replace in it; any other is copied, as is what is no property
        divide: which parts a value has; of a list, a part for each item
        within: path of the rows, with a dot
    """
    copy = dict(rows[0])
    for prop in properties:
        if prop.name not in rows[0] or not concerns(prop):
            continue
        values = tuple([row.get(prop.name, ABSENT) for row in rows])
        path, found = within + prop.option, []
        for step, part in divide(prop, values):
            if prop.fields and _are_structures(part):
                inner = f"{path}{step}."
                found.append(mapped(prop.fields, *part, change=change, concerns=concerns, divide=divide, within=inner))
            else:
                found.append(change(Place(prop, path + step, part, rows)))
        new: Any = found if isinstance(values[0], list) else found[0] if found else None
        if not found:
            new = change(Place(prop, path, values, rows))
        if new is LEFT_OUT:
            del copy[prop.name]
        else:
            copy[prop.name] = new
    return copy


def _are_structures(values: Values) -> bool:
    return all(isinstance(value, Mapping) for value in values)


_PLAIN: Final = (str, int)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A property that refers to another entity, or has something within it that does."""

    name: str
    many: bool
    reference: Reference | None
    within: tuple[Step, ...]


Names: TypeAlias = dict[Step, dict[str | int, Any]]
"""Names of entities, such as Sales, by their ids or numbers, for each property that refers to them."""


def by_identity(of: Callable[[tuple[Property, ...]], T]) -> Callable[[tuple[Property, ...]], T]:
    """Cache a function of the properties of a kind by their identity: hashing them takes longer than calling it.

    Parameters:
        of: takes properties that live as long as the process
    """
    known: dict[int, tuple[tuple[Property, ...], T]] = {}

    def remembered(properties: tuple[Property, ...]) -> T:
        found = known.get(id(properties))
        if found is None:
            found = known[id(properties)] = (properties, of(properties))
        return found[1]

    return remembered


@by_identity
def steps(properties: tuple[Property, ...]) -> tuple[Step, ...]:
    """The properties to look at.

    Parameters:
        properties: of rows; those that refer to nothing are left out
    """
    return tuple(Step(prop.name, prop.many, prop.reference, steps(prop.fields)) for prop in properties if prop.refers)


def renamed(
    of: tuple[Step, ...], row: Mapping[str, Any], name: Callable[[Reference, Any], Any], names: Names
) -> dict[str, Any]:
    """A copy of a row in which everything that stands for an entity is replaced by the name of that.

    Parameters:
        of: from `steps`
        row: as the PBX answered it
        name: the name for what stands for an entity
        names: results of `name` from earlier rows; new ones are added
    """
    copy = dict(row)
    for step in of:
        if step.name in copy:
            value = copy[step.name]
            if not step.many:
                copy[step.name] = _renamed(step, value, name, names)
            elif isinstance(value, list):
                copy[step.name] = [_renamed(step, item, name, names) for item in value]
    return copy


def _renamed(step: Step, value: Any, name: Callable[[Reference, Any], Any], names: Names) -> Any:
    if step.within and isinstance(value, dict):
        return renamed(step.within, value, name, names)
    if step.reference is None:
        return value
    if value is None:
        return None
    if value.__class__ not in _PLAIN:
        return name(step.reference, value)
    known = names.get(step)
    if known is None:
        known = names[step] = {}
    try:
        return known[value]
    except KeyError:
        found = known[value] = name(step.reference, value)
        return found
