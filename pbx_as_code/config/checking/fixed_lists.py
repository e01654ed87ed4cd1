"""Declared values that do not fit what a PBX has: items of lists that cannot be added, or are to be removed, and dates
of holidays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pbx_as_code.config.checking.times import holiday_problem
from pbx_as_code.config.configuration import Definition, spelled
from pbx_as_code.config.kinds import LISTED, Listed
from pbx_as_code.config.nodes import Problem
from pbx_as_code.config.planning.compare import by_option
from pbx_as_code.description import Property
from pbx_as_code.engine.compare.compare import has_item, take
from pbx_as_code.engine.compare.encoded_values import TYPES
from pbx_as_code.suggestions import did_you_mean

Row = Mapping[str, Any]
_DATED: Final = frozenset({"day", "month", "year", "day_end", "month_end", "year_end"})


def row_problems(
    one: Definition, options: Collection[str], row: Row | None, rows: Sequence[Row], declared: Iterable[Definition]
) -> Iterator[Problem]:
    """Problems of an object on one PBX.

    Parameters:
        one: a declared object
        options: those that are set
        row: the object as the PBX has it; None for a new one
        rows: all objects of its kind on the PBX, which tell the items of a new one
        declared: all declared objects
    """
    for prop in by_option(one.kind.name):
        items = one.values.get(prop.option) if prop.option in options else None
        if items and prop.standing:
            yield from _not_standing(one, prop, items, rows if row is None else [row])
        elif items and prop.encoding:
            yield from _not_creatable(one, prop, items, (row or {}).get(prop.option) or [])
        elif items and (one.kind.name, prop.option) in LISTED:
            yield from _not_listed(one, prop, items, row, declared)
    if one.kind.name == "holiday" and row is not None and not _DATED.isdisjoint(options):
        found = holiday_problem({**row, **one.values})
        if found is not None:
            yield Problem(one.place_of(found[0]), f"{found[0]}: {found[1]}")


def _not_standing(one: Definition, prop: Property, items: list[Any], rows: Sequence[Row]) -> Iterator[Problem]:
    """Items that are always there, such as forwarding profiles; a PBX makes another one of a misspelt key."""
    there = next((held for row in rows if (held := row.get(prop.option))), ())
    names = sorted(" ".join(str(item.get(option)) for option in prop.item_key) for item in there)
    for number, item in enumerate(items if there else ()):
        if isinstance(item, dict) and take(prop, item, list(there)) is None:
            path: tuple[str | int, ...] = (prop.option, number, *prop.item_key[:1])
            given = " ".join(str(item.get(option)) for option in prop.item_key)
            said = f"there is no {given}{did_you_mean(given, names)} None can be added: there are {', '.join(names)}."
            yield Problem(one.place_of(*path), f"{spelled(path)}: {said}")


def _not_creatable(one: Definition, prop: Property, items: list[Any], there: list[Any]) -> Iterator[Problem]:
    """Keys of phones of a type that can only be kept as the PBX has them."""
    for number, item in enumerate(items):
        kind = item.get("type") if isinstance(item, dict) else None
        if kind is not None and kind not in TYPES and not has_item(prop, there, item):
            path = (prop.option, number, "type")
            said = f"{kind} is not a type of key that can be created{did_you_mean(kind, TYPES)}"
            yield Problem(one.place_of(*path), f"{spelled(path)}: {said} There are: {', '.join(TYPES)}.")


def removed_items(
    one: Definition, removed: Iterable[tuple[str, Row]], declared: Iterable[Definition]
) -> Iterator[Problem]:
    """Items of a declared order that name an object that is to be removed.

    Parameters:
        one: a declared object
        removed: the kind of each object that is to be removed, and the object
        declared: all declared objects
    """
    for (kind, option), listed in LISTED.items():
        items = one.values.get(option) if kind == one.kind.name else None
        gone = [row for name, row in removed if items and _stands_in(listed, name, row, one)]
        if not items or not gone:
            continue
        prop = next(prop for prop in by_option(kind) if prop.option == option)
        kept = [two.values for two in declared if _stands_in(listed, two.kind.name, two.values, one)]
        for number, item in enumerate(items):
            said = _named_by(listed, item)
            # Its name may be another one on the PBX.
            meant = {option: value for option, value in said.items() if option in listed.key} or said
            if said and has_item(prop, gone, meant) and not has_item(prop, kept, meant):
                why = f"the {listed.kind.replace('_', ' ')} with {_told(said)} is to be removed."
                yield Problem(one.place_of(option, number), f"{spelled((option, number))}: {why}")


def _stands_in(listed: Listed, kind: str, row: Row, owner: Definition) -> bool:
    """Whether an object is one of those whose order another one declares."""
    return kind == listed.kind and row.get(listed.option) == owner.values.get(listed.equal_to)


def _named_by(listed: Listed, item: Row) -> dict[str, Any]:
    return {option: value for option, value in item.items() if option in listed.key or option == listed.name}


def _told(said: Row) -> str:
    return ", ".join(f"{option} {value}" for option, value in said.items() if value is not None)


def _not_listed(
    one: Definition, prop: Property, items: list[Any], row: Row | None, declared: Iterable[Definition]
) -> Iterator[Problem]:
    """Items that are objects of another kind, such as the inbound rules of a trunk; the list has their order only."""
    listed = LISTED[one.kind.name, prop.option]
    known = [two.values for two in declared if _stands_in(listed, two.kind.name, two.values, one)]
    known += (row or {}).get(prop.option) or []
    for number, item in enumerate(items):
        said = _named_by(listed, item)
        if said and not has_item(prop, known, said):
            path = (prop.option, number)
            what = f"{listed.kind.replace('_', ' ')} with {_told(said)}"
            why = f"there is no {what}. It is neither on the PBX nor planned."
            yield Problem(one.place_of(*path), f"{spelled(path)}: {why}")
