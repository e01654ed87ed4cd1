"""Checks of a configuration that need no PBX: references, collisions, hours and holidays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pbx_as_code.config.checking.collisions import collisions, range_doubts
from pbx_as_code.config.checking.destinations import destination_problem, dialled
from pbx_as_code.config.checking.items import item_doubts, name_doubts
from pbx_as_code.config.checking.times import HOLIDAY_DATES, holiday_problem, period_problem
from pbx_as_code.config.configuration import (
    Configuration,
    Definition,
    Doubt,
    Key,
    Refused,
    name_of,
    options_in,
    placed,
    title_of,
)
from pbx_as_code.config.exporting.declared import NESTED
from pbx_as_code.config.kinds import DIALLED, KINDS, TEXT_REFERENCES
from pbx_as_code.config.nodes import ConfigError, Place, Problem
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
    (`pbx.complete`): otherwise it may well be on the PBX. So may a name, and any other value, of `pbx.undeclared`.
    """
    problems, doubts = judged(configuration)
    known = configuration.pbx.get("undeclared", ())
    problems += [one.problem for one in doubts if one.value not in known]
    problems += _default_department(configuration)
    reported = {one.place for one in problems}
    further = (one.problem for one in identity_doubts(configuration) if one.value not in known)
    return sorted([*problems, *(one for one in further if one.place not in reported)])


def doubts_of(configuration: Configuration) -> list[Doubt]:
    """References and other values that are wrong unless the PBX has the same."""
    return [*judged(configuration)[1], *identity_doubts(configuration)]


def _default_department(configuration: Configuration) -> Iterator[Problem]:
    """The name of the default department, if it is that of no department: another one would be created on a new PBX."""
    name, names = configuration.pbx.get("default_department"), _names(configuration, "Groups")
    if name is not None and names is not None and name not in names:
        message = f"pbx.default_department: {unknown('department', str(name), sorted(names))}"
        yield Problem(configuration.pbx_places.get("default_department", Place("", 1, 1)), message)


def identity_doubts(configuration: Configuration) -> Iterator[Doubt]:
    """Objects and items of lists without a name, or with that of another: a plan judges those that it sets."""
    for one in configuration.definitions:
        yield from name_doubts(one)
        yield from item_doubts(one)


def judged(configuration: Configuration) -> tuple[list[Problem], list[Doubt]]:
    """Problems on any PBX, and values that are wrong unless the PBX has the same."""
    names = {target: _names(configuration, target) for target in _TARGETS}
    problems = list(_renamed(configuration))
    doubts = [*collisions(configuration), *_repeated(configuration)]
    numbers = dialled(configuration)
    kinds = {number: one.kind.name for number, one in numbers.items()}
    for definition in configuration.definitions:
        refused = configuration.refused.get(definition.kind.name, {})
        texts = {} if definition.kind.name in _LEFT_TO_PLANS else TEXT_REFERENCES.get(definition.kind.name, {})
        for path, prop, value in placed(definition.kind.options.values(), definition.values):
            option = ".".join(options_in(path))
            reference = prop.reference or texts.get(option)
            doubt = None
            if refused or prop.option == "periods":  # as few are
                doubt = _value_doubt(definition, refused, path, option, value)
            if doubt is not None:
                doubts.append(doubt)
            elif reference is not None and isinstance(value, str) and value:
                missing = _missing(reference, value, names)
                if missing is not None:
                    problem = Problem(definition.place_of(*path), f"{option}: {missing}")
                    doubts.append(Doubt(definition.key, path, value, problem))
            wrong = destination_problem(value, numbers, kinds) if isinstance(value, dict) else None
            if wrong is not None:
                problem = Problem(definition.place_of(*path, wrong[0]), f"{option}.{wrong[0]}: {wrong[1]}")
                doubts.append(Doubt(definition.key, (*path, wrong[0]), value[wrong[0]], problem, of_other_type=True))
        doubts += _holiday_doubts(definition)
    return problems, doubts


def value_doubts(definition: Definition, refused: Refused) -> Iterator[Doubt]:
    """Values of one object that no task can set, whatever other objects there are.

    Parameters:
        definition: as it is declared, or as a PBX has it
        refused: values of its kind that no task can set
    """
    for path, _, value in placed(definition.kind.options.values(), definition.values):
        option = ".".join(options_in(path))
        doubt = _value_doubt(definition, refused, path, option, value)
        if doubt is not None:
            yield doubt
    yield from range_doubts(definition)
    yield from _holiday_doubts(definition)


def titled(doubts: Iterable[Doubt]) -> Iterator[tuple[str, Doubt]]:
    """Doubts with the titles of their objects; for one value of many objects, such as a choice of a newer release that
    every user has, the first one.

    Parameters:
        doubts: in the order in which they are told
    """
    alike: dict[tuple[Any, ...], tuple[Doubt, dict[Any, None]]] = {}
    for one in doubts:
        key = (one.key[0], one.problem.message) if one.refused else (one.key, one.path)
        alike.setdefault(key, (one, {}))[1][one.key] = None
    for one, objects in alike.values():
        title = title_of(KINDS[one.key[0]], one.key[1])
        yield title if len(objects) == 1 else f"{title} and {len(objects) - 1} more", one


def _value_doubt(
    definition: Definition, refused: Refused, path: tuple[str | int, ...], option: str, value: Any
) -> Doubt | None:
    if value.__class__ not in NESTED:
        message = refused.get((option, value)) if refused else None
        if message is None:
            return None
        return Doubt(definition.key, path, str(value), Problem(definition.place_of(*path), message), refused=True)
    if not (option.endswith("periods") and isinstance(value, dict)):
        return None
    wrong = period_problem(value)
    if wrong is None:
        return None
    problem = Problem(definition.place_of(*path), f"{option}: {wrong}")
    start, stop = (*path, "start"), (*path, "stop")
    return Doubt(definition.key, stop, str(value["stop"]), problem, refused=True, depends_on=(start,))


def _holiday_doubts(definition: Definition) -> Iterator[Doubt]:
    found = holiday_problem(definition.values) if definition.kind.name == "holiday" else None
    if found is not None:
        problem = Problem(definition.place_of(found[0]), f"{found[0]}: {found[1]}")
        value = str(definition.values.get(found[0]))
        dates = tuple((option,) for option in HOLIDAY_DATES)
        yield Doubt(definition.key, (found[0],), value, problem, refused=True, depends_on=dates)


def _repeated(configuration: Configuration) -> Iterator[Doubt]:
    """Objects of one name, of a kind whose objects have a name each."""
    first: dict[Key, Place] = {}
    for one in configuration.definitions:
        if not one.twin or one.kind.twins:
            continue
        if not first:
            first = {two.key: two.place for two in configuration.definitions if not two.twin}
        place = first.get((one.kind.name, one.identity, 0), one.place)
        problem = Problem(one.place, f"{one.title} is defined twice; the first is at {place}.")
        yield Doubt(one.key, one.kind.identity[:1], name_of(one.kind, one.identity), problem, refused=True)


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


def checked(configuration: Configuration, *, strict: bool = False) -> Configuration:
    """The same configuration, for use with a PBX, which decides about the values in doubt.

    Parameters:
        configuration: that was loaded
        strict: whether a value that no task can set is a problem, unless `pbx.undeclared` has it

    Raises:
        ConfigError: something is wrong with it, whatever is on the PBX; every problem is named
    """
    problems, doubts = judged(configuration)
    known = configuration.pbx.get("undeclared", ())
    problems += [one.problem for one in doubts if strict and one.refused and one.value not in known]
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
