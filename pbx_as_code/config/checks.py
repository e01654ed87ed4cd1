"""Checks of a configuration that need no PBX: references, numbers that collide, hours that end before they begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration, Definition
from pbx_as_code.config.kinds import DIALLED
from pbx_as_code.config.nodes import Problem
from pbx_as_code.config.spelling import unknown
from pbx_as_code.description import Property, Reference

_TARGETS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...], str]]] = {
    "Groups": (("group",), ("name",), ""),
    "Trunks": (("trunk",), ("number",), ""),
    "Peers": (DIALLED, ("number", "name"), "system_extensions"),
}
"""By the set that is referred to: kinds that declare its objects, what they are called by, and where others are listed.
"""


def check(configuration: Configuration) -> list[Problem]:
    """Everything that is wrong with a configuration that was loaded.

    A name that is not declared is wrong only where the files say that they declare every object of its kind
    (`pbx.complete`):
    otherwise it may well be on the PBX.
    """
    names = {target: _names(configuration, target) for target in _TARGETS}
    problems = list(_colliding(configuration))
    for definition in configuration.definitions:
        for path, prop, value in _leaves(tuple(definition.kind.options.values()), definition.values, ()):
            problem = None
            if prop.reference is not None and isinstance(value, str) and value:
                problem = _missing(prop.reference, value, names)
            elif prop.option == "periods" and isinstance(value, dict):
                problem = _period(value)
            if problem is not None:
                option = ".".join(str(step) for step in path if isinstance(step, str))
                problems.append(Problem(definition.place_of(*path), f"{option}: {problem}"))
    return sorted(problems)


def _names(configuration: Configuration, target: str) -> set[str] | None:
    """Return the declared objects of these names; None if the files declare none."""
    kinds, options, listed = _TARGETS[target]
    if not set(kinds) <= configuration.complete:
        return None
    found = {
        str(definition.values[option])
        for kind in kinds
        for definition in configuration.of(kind)
        for option in options
        if definition.values.get(option) is not None
    }
    return found | set(configuration.required.get(listed, ()))


def _missing(reference: Reference, value: str, names: Mapping[str, set[str] | None]) -> str | None:
    known = names.get(reference.entity_set)
    if known is None or value in known:
        return None
    return unknown(reference.label, value, sorted(known))


def _colliding(configuration: Configuration) -> Iterator[Problem]:
    seen: dict[str, Definition] = {}
    for kind in DIALLED:
        for definition in configuration.of(kind):
            number = str(definition.values.get("number"))
            first = seen.setdefault(number, definition)
            if first is not definition:
                place = definition.place_of("number")
                yield Problem(place, f"The number {number} is that of the {first.title} at {first.place}.")


def _period(period: Mapping[str, Any]) -> str | None:
    start, stop = (str(period.get(end) or "") for end in ("start", "stop"))
    if start and stop and stop not in ("00:00", "00:00:00") and stop.zfill(8) <= start.zfill(8):
        return f"the period ends at {stop}, which is not after its start at {start}."
    return None


def _leaves(
    properties: tuple[Property, ...], values: Mapping[str, Any], path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Property, Any]]:
    for prop in properties:
        value = values.get(prop.option)
        if value is None:
            continue
        numbered = enumerate(value) if isinstance(value, list) else ((None, value),)
        for number, item in numbered:
            here = (*path, prop.option) if number is None else (*path, prop.option, number)
            yield here, prop, item
            if isinstance(item, dict):
                yield from _leaves(prop.fields, item, here)
