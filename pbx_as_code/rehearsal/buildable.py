"""Files without the values that only a PBX can have: the simulated PBX of a rehearsal is built by tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from pbx_as_code.config.checks import titled
from pbx_as_code.config.configuration import Configuration, Definition, Doubt, options_in, value_at


def buildable(base: Configuration, wanted: Configuration) -> tuple[Configuration, Configuration, list[str]]:
    """Both configurations without the values in doubt that the base has, and sentences about these values.

    Parameters:
        base: checked; its PBX has references that lead nowhere, and values that no task could set
        wanted: checked; a value in doubt that the base does not have stays
    """
    there = {_sign(one) for one in base.doubts}
    told = [f"{title}: {one.problem.message}" for title, one in titled(base.doubts)]
    both = [one for one in wanted.doubts if _sign(one) in there]
    return _without(base, base.doubts), _without(wanted, both), told


def _sign(one: Doubt) -> tuple[Any, ...]:
    return (one.key, options_in(one.path), one.value)


def _without(configuration: Configuration, doubts: list[Doubt]) -> Configuration:
    if not doubts:
        return configuration
    of: dict[Any, list[Doubt]] = defaultdict(list)
    for doubt in doubts:
        of[doubt.key].append(doubt)
    kept = (_left(one, of[one.key]) if one.key in of else one for one in configuration.definitions)
    settled = {id(one) for one in doubts}
    return replace(
        configuration,
        definitions=[one for one in kept if one is not None],
        doubts=[one for one in configuration.doubts if id(one) not in settled],
    )


def _left(one: Definition, doubts: Iterable[Doubt]) -> Definition | None:
    """An object without some of its values; None if it cannot be created without them."""
    needed = {*one.kind.identity, *getattr(one.kind.description, "required_for_create", ())}
    values = deepcopy(one.values)
    for path in sorted({_removable(doubt) for doubt in doubts}, reverse=True):  # the last item of a list first
        if path[0] in needed:
            return None
        structure = value_at(values, path[:-1])
        if isinstance(structure, dict) or (isinstance(structure, list) and path[-1] < len(structure)):
            structure.pop(path[-1])
    return replace(one, values=values)


def _removable(doubt: Doubt) -> tuple[Any, ...]:
    """Path of the item of a list that has the value, of the value itself, or of the option that has a destination."""
    item = next((number for number, step in enumerate(doubt.path, 1) if isinstance(step, int)), None)
    return doubt.path[: (item or (None if doubt.refused else 1))]
