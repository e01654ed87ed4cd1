"""Checks of a configuration that need no PBX: references, collisions, hours and holidays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from pbx_as_code.config.checking.collisions import collisions
from pbx_as_code.config.checking.destinations import destination_problem, dialled
from pbx_as_code.config.checking.items import item_problems, name_problems
from pbx_as_code.config.checking.times import holiday_problem, period_problem
from pbx_as_code.config.configuration import Configuration, Definition, Doubt, placed
from pbx_as_code.config.kinds import DIALLED, TEXT_REFERENCES
from pbx_as_code.config.nodes import ConfigError, Problem
from pbx_as_code.config.spelling import unknown
from pbx_as_code.description import Reference, is_empty_route

_TARGETS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...], str]]] = {
    "Groups": (("group",), ("name",), ""),
    "Trunks": (("trunk",), ("number",), ""),
    "Peers": (DIALLED, ("number", "name"), "system_extensions"),
}
"""By the set that is referred to: kinds that declare its objects, what they are called by, and where others are listed.
"""
_LEFT_TO_PLANS: Final = ("scheduled_report", "user")
"""Kinds whose plain texts are not checked here: a PBX does not update such a text when the object it names is removed,
so an export may contain it. A plan compares the text with the PBX.
"""


def check(configuration: Configuration) -> list[Problem]:
    """Everything that is wrong with a configuration that was loaded.

    A name that is not declared is wrong only where the files say that they declare every object of its kind
    (`pbx.complete`): otherwise it may well be on the PBX. So may a name of `pbx.undeclared`.
    """
    problems, doubts = judged(configuration)
    known = configuration.pbx.get("undeclared", ())
    problems += [one.problem for one in doubts if one.value not in known]
    reported = {one.place for one in problems}
    further = (found for one in configuration.definitions for found in (*name_problems(one), *item_problems(one)))
    return sorted([*problems, *(one for one in further if one.place not in reported)])


def judged(configuration: Configuration) -> tuple[list[Problem], list[Doubt]]:
    """Problems on any PBX, and references that are wrong unless the PBX has the same."""
    names = {target: _names(configuration, target) for target in _TARGETS}
    problems, doubts = [*collisions(configuration), *_renamed(configuration)], []
    numbers = dialled(configuration)
    kinds = {number: one.kind.name for number, one in numbers.items()}
    for definition in configuration.definitions:
        texts = {} if definition.kind.name in _LEFT_TO_PLANS else TEXT_REFERENCES.get(definition.kind.name, {})
        for path, prop, value in placed(definition.kind.options.values(), definition.values):
            option = ".".join(str(step) for step in path if isinstance(step, str))
            reference = prop.reference or texts.get(option)
            if reference is not None and isinstance(value, str) and value:
                missing = _missing(reference, value, names)
                if missing is not None:
                    problem = Problem(definition.place_of(*path), f"{option}: {missing}")
                    doubts.append(Doubt(definition.key, path, value, problem))
            elif prop.option == "periods" and isinstance(value, dict):
                wrong_times = period_problem(value)
                if wrong_times is not None:
                    problems.append(Problem(definition.place_of(*path), f"{option}: {wrong_times}"))
            wrong = destination_problem(value, numbers, kinds) if isinstance(value, dict) else None
            if wrong is not None:
                problem = Problem(definition.place_of(*path, wrong[0]), f"{option}.{wrong[0]}: {wrong[1]}")
                doubts.append(Doubt(definition.key, (*path, wrong[0]), value[wrong[0]], problem, of_other_type=True))
        found = holiday_problem(definition.values) if definition.kind.name == "holiday" else None
        if found is not None:
            problems.append(Problem(definition.place_of(found[0]), f"{found[0]}: {found[1]}"))
    return problems, doubts


def _renamed(configuration: Configuration) -> Iterator[Problem]:
    """Objects whose earlier name is declared as well, perhaps by another layer, or is that of two: one PBX cannot have
    both.
    """
    places = {(one.kind.name, one.identity): one.place for one in configuration.definitions}
    renamed: dict[tuple[str, str], Definition] = {}
    for one in configuration.definitions:
        if one.renamed_from is None:
            continue
        first = renamed.setdefault((one.kind.name, one.renamed_from), one)
        if first is not one:
            message = f"{first.title} at {first.place} is renamed from {one.renamed_from} as well. Keep one of the two."
            yield Problem(one.place_of("renamed_from"), message)
        earlier = places.get((one.kind.name, (one.renamed_from,)))
        if earlier is not None and one.identity != (one.renamed_from,):
            message = (
                f"{one.title} is renamed from {one.renamed_from}, which is declared at {earlier} as well. Keep one of "
                "them, or remove the earlier one with !remove."
            )
            yield Problem(one.place_of("renamed_from"), message)


def checked(configuration: Configuration) -> Configuration:
    """The same configuration, for use with a PBX, which decides about the references in doubt.

    Raises:
        ConfigError: something is wrong with it, whatever is on the PBX; every problem is named
    """
    problems, doubts = judged(configuration)
    if problems:
        raise ConfigError(sorted(problems))
    return replace(configuration, doubts=doubts)


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
    if known is None or value in known or is_empty_route(reference.entity_set, value):
        return None
    return unknown(reference.label, value, sorted(known))
