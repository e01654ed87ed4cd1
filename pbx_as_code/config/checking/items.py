"""Names, lists and nulls that the engine refuses to write, so that a plan can refuse them before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pbx_as_code.config.configuration import Definition, Doubt, spelled, value_at
from pbx_as_code.config.kinds import ConfigKind
from pbx_as_code.config.nodes import Entries, Node, Problem, within
from pbx_as_code.config.planning.compare import by_option
from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.engine.compare.encoded_values import key_faults
from pbx_as_code.engine.options.desired import item_faults

_Path = tuple[str | int, ...]


def required_names(kind: ConfigKind) -> tuple[str, ...]:
    """Options without which no request can find an object of a kind.

    Objects that may have a twin are created without looking for them, so that the PBX decides about their names.
    """
    about = kind.description
    if kind.twins or not isinstance(about, EntityDescription):
        return ()
    keys = {key.option for key in about.keys}
    return tuple(option for option in kind.identity if option in keys)


def name_doubts(one: Definition) -> Iterator[Doubt]:
    """Options without which no request can find an object, and that are empty.

    Parameters:
        one: a declared object
    """
    for option in required_names(one.kind):
        if one.values.get(option) in (None, ""):
            problem = Problem(one.place_of(option), f"{option} is empty, and identifies {one.kind.description.one}.")
            yield Doubt(one.key, (option,), "", problem, refused=True)


def item_doubts(one: Definition, options: Collection[str] | None = None) -> Iterator[Doubt]:
    """Items of the lists of an object that are null, have no key, or have the key of another item.

    Parameters:
        one: a declared object
        options: those to look at, None for all of them
    """
    properties = by_option(one.kind.name)
    if options is not None:
        properties = tuple(prop for prop in properties if prop.option in options)
    for prop in properties:
        yield from _key_doubts(one, prop) if prop.encoding else ()
    for path, prop, items in _lists(properties, one.values, ()):
        for number, fault in _faults(prop, items):
            here = (*path, number)
            if not _has_refused_option(one, here, items[number]):
                path_of_key = (*here, *prop.item_key[:1])
                problem = Problem(one.place_of(*path_of_key), f"{spelled(here)}: {fault}")
                yield Doubt(one.key, path_of_key, _text_at(one, path_of_key), problem, refused=True)


def _text_at(one: Definition, path: _Path) -> str:
    value = value_at(one.values, path)
    return "" if value is None else str(value)


def _key_doubts(one: Definition, prop: Property) -> Iterator[Doubt]:
    """Keys of phones that lack what their type needs, or have what another type needs."""
    wire = one.kind.options[prop.option]
    for number, item in enumerate(one.values.get(prop.option) or ()):
        if isinstance(item, dict) and not _has_refused_option(one, (prop.option, number), item):
            for field, fault in _key_faults(wire, item):
                path = (prop.option, number, field)
                if item.get(field) is not None or field not in prop.item_key:  # a key that is missing is told already
                    problem = Problem(one.place_of(*path), f"{spelled(path)}: {fault}")
                    yield Doubt(one.key, path, _text_at(one, path), problem, refused=True)


def _key_faults(prop: Property, item: Mapping[str, Any]) -> list[tuple[str, str]]:
    names = {field.option: field.name for field in prop.fields}
    return list(key_faults({names[option]: value for option, value in item.items()}))


def null_problems(one: Definition, cleared: Collection[_Path] | None) -> Iterator[Problem]:
    """Options that are null, and cannot be null on a PBX; most can.

    Parameters:
        one: a declared object
        cleared: paths of values that the PBX has; None for a new object
    """
    said = "cannot be null" if cleared is None else "cannot be cleared"
    for path in _never_null(by_option(one.kind.name), one.values, ()):
        if cleared is None or path in cleared:
            yield Problem(one.place_of(*path), f"{spelled(path)} {said}. Give it a value, or leave it out.")


def _never_null(properties: Iterable[Property], values: Mapping[str, Any], path: _Path) -> Iterator[_Path]:
    """Paths of nulls that the engine refuses. In items of lists it leaves them out, and the PBX fills in a
    department.
    """
    for prop in properties:
        value, here = values.get(prop.option, ""), (*path, prop.option)
        department = prop.reference is not None and prop.reference.entity_set == "Groups"
        if value is None and not (prop.nullable or prop.read_only or prop.many or prop.kind == "flags" or department):
            yield here
        elif isinstance(value, dict):
            yield from _never_null(prop.fields, value, here)


def _has_refused_option(one: Definition, path: _Path, item: Any) -> bool:
    """Whether an option of an item is written, but misspelt or invalid, which is reported already."""
    node: Node | None = one.node
    for step in path:
        node = within(node, step)
    return isinstance(node, Entries) and isinstance(item, dict) and not node.values.keys() <= item.keys()


def _lists(
    properties: Iterable[Property], values: Mapping[str, Any], path: _Path
) -> Iterator[tuple[_Path, Property, list[Any]]]:
    for prop in properties:
        value, here = values.get(prop.option), (*path, prop.option)
        if isinstance(value, list):
            yield here, prop, value
            for number, item in enumerate(value if prop.fields else ()):
                if isinstance(item, dict):
                    yield from _lists(prop.fields, item, (*here, number))
        elif isinstance(value, dict):
            yield from _lists(prop.fields, value, here)


def has_item_faults(prop: Property, items: list[Any]) -> bool:
    """Whether a list has items that cannot be told apart.

    Parameters:
        prop: the list, called by its options, see by_option
        items: by option
    """
    return any(True for _ in _faults(prop, items))


def has_key_faults(prop: Property, items: list[Any]) -> bool:
    """Whether a list has keys of phones that no task can set.

    Parameters:
        prop: the list, called by its XAPI names
        items: by option
    """
    return any(isinstance(item, dict) and _key_faults(prop, item) for item in items)


def _faults(prop: Property, items: list[Any]) -> Iterator[tuple[int, str]]:
    nulls = [number for number, item in enumerate(items) if item is None]
    if nulls:
        yield from ((number, "null cannot be an item of a list. Delete this line.") for number in nulls)
    else:
        yield from item_faults(prop, items)
