"""Hints of a plan: what a user should know before an apply, although nothing is impossible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration, Definition, Identity, title_of
from pbx_as_code.config.export import zones_of
from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.config.planning.operations import Doing, Operation
from pbx_as_code.suggestions import did_you_mean

Row = Mapping[str, Any]
_RANGE: Final = ("_number_from", "_number_to")
"""Ends of the options of a department that give it a range of numbers."""


def hints(
    operations: Sequence[Operation],
    left: Sequence[tuple[ConfigKind, Row]],
    rows: Mapping[str, Sequence[Row]],
    configuration: Configuration,
) -> Iterator[str]:
    """Sentences about new departments, new holidays and time zones.

    Parameters:
        operations: of the plan
        left: objects of the PBX that the files do not declare
        rows: of the PBX, by kind
        configuration: the files
    """
    yield from _default_department(operations, left)
    yield from _other_default(configuration, rows.get("group", ()))
    yield from _renamed_departments(operations, left)
    yield from _idle_renames(operations, left, configuration.of("group"))
    yield from _second_holidays(operations, rows.get("holiday", ()))
    if rows.get("time_zone"):
        yield from _other_time_zones(configuration, rows)


def _default_department(operations: Sequence[Operation], left: Sequence[tuple[ConfigKind, Row]]) -> Iterator[str]:
    """Say that the default department stays beside new ones: no other department can become the default one."""
    created = sorted(str(identity[0]) for identity in _created(operations, "group"))
    there = [row for kind, row in left if kind.name == "group" and row.get("is_default")]
    if created and there:
        name = there[0]["name"]
        yield (
            f"{name} is the default department of this PBX. The files do not declare it, and create "
            f"{', '.join(created)}. If one of these is meant to be the default department, write "
            f"`renamed_from: {name}` at it; otherwise both will be there."
        )


def _other_default(configuration: Configuration, rows: Sequence[Row]) -> Iterator[str]:
    """Say that the files call another department the default one: on a new PBX, that one would be the default one."""
    said = configuration.pbx.get("default_department")
    here = next((str(row["name"]) for row in rows if row.get("is_default")), None)
    if said is not None and said != here and here in {one.values.get("name") for one in configuration.of("group")}:
        yield (
            f"{here} is the default department of this PBX, and pbx.default_department of the files is {said}. Correct "
            "the files: on a new PBX, they would make another department the default one."
        )


def _renamed_departments(operations: Sequence[Operation], left: Sequence[tuple[ConfigKind, Row]]) -> Iterator[str]:
    """Say how to rename a department, if a new one has the numbers of one that the files do not declare any more."""
    there = {_numbers(row): row for kind, row in left if kind.name == "group" and not row.get("is_default")}
    for one in operations:
        numbers = _numbers(one.sends) if one.kind == "group" and one.doing is Doing.CREATE else ()
        if numbers and numbers in there:
            new, name = one.identity[0], there[numbers]["name"]
            yield (
                f"department {new} is new and has the number ranges of {name}, which the files do not declare. If "
                f"{name} was renamed, write `renamed_from: {name}` at {new}; without it, {new} is another department."
            )


def _idle_renames(
    operations: Sequence[Operation], left: Sequence[tuple[ConfigKind, Row]], departments: Sequence[Definition]
) -> Iterator[str]:
    """Say that a department is new although its files rename one: the earlier name may be misspelt."""
    created = set(_created(operations, "group"))
    names = [str(row["name"]) for kind, row in left if kind.name == "group"]
    for one in departments:
        if one.renamed_from is not None and one.identity in created:
            yield (
                f"{one.title} is new: the PBX has no department {one.renamed_from} to be renamed (`renamed_from`)"
                f"{did_you_mean(one.renamed_from, names)}"
            )


def _other_time_zones(files: Configuration, rows: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Say which time zones of the section `pbx` are not those of the PBX; no plan sets them."""
    here = zones_of(*(rows.get(kind, ()) for kind in ("office_hours", "group", "time_zone")))
    said, found = files.pbx.get("time_zones") or {}, here.get("time_zones", {})
    declared = (
        {str(one.values.get("name")) for one in files.of("group")} if said or "group" in files.complete else set()
    )
    settled = {one.values.get("name", "") for one in files.definitions if one.values.get("time_zone_id") is not None}
    own = files.pbx.get("time_zone")
    compared = "office_hours" in rows and (own is not None or "group" in files.complete)
    pairs = [("", own, here.get("time_zone"))] if compared else []
    pairs += [
        (name, said.get(name), found.get(name))
        for name in sorted(str(row["name"]) for row in rows.get("group", ()))
        if name in declared | said.keys()
    ]
    for department, in_files, on_pbx in pairs:
        if in_files != on_pbx and department not in settled:
            what = f"department {department}" if department else "the PBX"
            option = "pbx.time_zones" if department else "pbx.time_zone"
            yield (
                f"The time zone of {what} is {on_pbx or 'not set'}, and {option} of the files says "
                f"{in_files or 'nothing'}. A plan does not change it. Correct one: hours and traces depend on it."
            )


def _numbers(values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The ranges of numbers of a department; empty if it has none."""
    props = values.get("props") or {}
    return tuple(sorted((option, str(value)) for option, value in props.items() if option.endswith(_RANGE) and value))


def _second_holidays(operations: Sequence[Operation], rows: Sequence[Row]) -> Iterator[str]:
    """Say that a PBX may refuse holidays of one name, unless this one has such."""
    there = [str(row.get("name")) for row in rows]
    if len(set(there)) < len(there):
        return
    named = KINDS["holiday"].identity.index("name")
    coming: dict[str, list[Identity]] = defaultdict(list)
    for one in operations:
        if one.kind == "holiday" and one.doing is Doing.CREATE:
            coming[str(one.identity[named])].append(one.identity)
        elif one.kind == "holiday" and one.doing is Doing.REMOVE:  # before a new one of its name is created
            there = [name for name in there if name != str(one.identity[named])]
    for name, new in coming.items():
        if name in there or len(new) > 1:
            titles = ", ".join(title_of(KINDS["holiday"], identity) for identity in new)
            yield (
                f"{titles}: some PBXs take one holiday of each name, whatever its department, and answer a second one "
                "with an error 500. If this one does, give each its own name, such as "
                f"{own_name(name, new[-1])}."
            )


def own_name(name: str, identity: Identity) -> str:
    """A name that no other holiday has.

    Parameters:
        name: that another holiday has as well
        identity: of the holiday
    """
    return " ".join((name, *(str(part) for part in identity if part not in (None, name))))


def _created(operations: Sequence[Operation], kind: str) -> list[Identity]:
    return [one.identity for one in operations if one.kind == kind and one.doing is Doing.CREATE]
