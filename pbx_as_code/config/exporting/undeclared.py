"""References of a PBX to what its files do not declare, such as a destination whose extension was removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pbx_as_code.config import checks
from pbx_as_code.config.checking.destinations import leads_elsewhere
from pbx_as_code.config.checks import titled
from pbx_as_code.config.configuration import Doubt
from pbx_as_code.config.exporting.declared import NESTED
from pbx_as_code.config.exporting.refused import has_refused
from pbx_as_code.config.kinds import DIALLED
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.pbx_rows import read
from pbx_as_code.config.planning.naming import DECLARED_AS, Goal, all_names, referred
from pbx_as_code.description import is_empty_route
from pbx_as_code.pbx import Pbx

Objects = Mapping[str, list[dict[str, Any]]]
"""Exported objects by the name of their kind."""


def has_undeclared(objects: Objects, required: Iterable[str]) -> bool:
    """Whether any reference may lead to what the files do not declare, or to an object of another type, or any value
    may be one that no task can set.

    Parameters:
        objects: that were exported
        required: names of other objects that the files list
    """
    goals: set[Goal] = set()
    for name, those in objects.items():
        referred(name, those, goals)
    if has_refused(objects):
        return True
    known = {target: {*required, *_names(objects, target)} for target in DECLARED_AS}
    if any(name not in known.get(target, (name,)) and not is_empty_route(target, name) for target, name in goals):
        return True
    kinds = {str(one["number"]): kind for kind in DIALLED for one in objects.get(kind, ()) if one.get("number")}
    seen: set[int] = set()
    return any(_leads_elsewhere(one, kinds, seen) for those in objects.values() for one in those)


def _names(objects: Objects, target: str) -> set[str]:
    return set().union(*(all_names(target, kind, objects.get(kind, ())) for kind in DECLARED_AS[target]))


def _leads_elsewhere(value: Any, kinds: Mapping[str, str], seen: set[int]) -> bool:
    """Whether a destination at any depth leads to an object of another type. Shared structures are looked at once."""
    if id(value) in seen:
        return False
    seen.add(id(value))
    if value.__class__ is dict:
        if leads_elsewhere(value, kinds) is not None:
            return True
        value = value.values()
    return any(inner.__class__ in NESTED and _leads_elsewhere(inner, kinds, seen) for inner in value)


def doubts_of(files: Mapping[str, str]) -> list[Doubt]:
    """References and values that a check of the files refuses.

    Parameters:
        files: that were exported, by their paths
    """
    return checks.doubts_of(load_sources([(path, text.encode()) for path, text in files.items()], strict=False))


def dangling(doubts: list[Doubt], pbx: Pbx, parallel: int, unread: dict[str, str]) -> list[str]:
    """Hints about those references that lead nowhere on the PBX either, or to an object of another type.

    Parameters:
        doubts: about the files
        pbx: to read every number of it
        parallel: requests at a time
        unread: filled with kinds that this PBX does not offer
    """
    unsettled = any(not (one.refused or one.of_other_type) for one in doubts)
    rows = read(pbx, ["peer"], parallel, unread)[0] if unsettled else []
    there = all_names("Peers", "peer", rows)
    found = (one for one in doubts if one.of_other_type or one.refused or one.value not in there)
    return [f"{one.problem.place}: {title}: {one.problem.message}" for title, one in titled(found)]
