"""Lists whose items are always there, such as the forwarding profiles of a user: a PBX makes another one of a misspelt
key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.compare import has_item, take
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.errors import Ambiguous, NotFound
from pbx_as_code.suggestions import did_you_mean, either, nearest_names

Row = dict[str, Any]


def fixed_items(properties: tuple[Property, ...], wanted: Row) -> tuple[Property, ...]:
    """The given properties of which a task may change the items and not choose them."""
    return tuple(prop for prop in properties if prop.standing and not prop.read_only and wanted.get(prop.name))


def check_fixed_items(properties: tuple[Property, ...], wanted: Row, row: Row, pbx: str) -> None:
    """Refuse an item that is none of those that are always there.

    Parameters:
        properties: of the entity
        wanted: in wire form, with names instead of ids
        row: what the PBX answered, of this entity or of another one of its kind; where it has no items, none is refused
        pbx: the URL of the PBX, for messages

    Raises:
        PbxError: there is no such item
    """
    for prop in fixed_items(properties, wanted):
        held = row.get(prop.name)
        there = [item for item in held if isinstance(item, Mapping)] if isinstance(held, list) else []
        fields = [field for field in prop.fields if field.name in prop.item_key]
        for number, item in enumerate(wanted[prop.name] if there else ()):
            if take(prop, item, list(there)) is not None:
                continue
            given, names = _named(prop, item), [_named(prop, one) for one in there]
            option = f"{prop.option}[{number}].{' and '.join(field.option for field in fields)}"
            raise refused(
                option,
                f"there is no {given} on {pbx}{did_you_mean(given, names)} None can be added: there are "
                f"{', '.join(sorted(names))}.",
                NotFound,
            )


def in_given_order(
    properties: tuple[Property, ...], wanted: Row, row: Row | None, pbx: str, check_mode: bool
) -> tuple[Row, list[str]]:
    """Return the desired values with whole items as answered by the PBX, if the task sets nothing but their order.

    Parameters:
        properties: of the entity
        wanted: in wire form, with names instead of ids
        row: what the PBX answered, None where the entity is not there yet
        pbx: the URL of the PBX, for messages
        check_mode: an earlier task of the play may create what is not there

    Returns:
        what is wanted and warnings

    Raises:
        PbxError: a given item is not there, or several fit it
    """
    arranged, warnings = dict(wanted), []
    for prop in properties:
        if not prop.order_only or prop.name not in wanted:
            continue
        held = (row or {}).get(prop.name)
        if row is not None and not isinstance(held, list):
            raise refused(prop.option, f"{pbx} does not return this list, so its order cannot be set.")
        rest = [item for item in held or () if isinstance(item, Mapping)]
        first: list[Mapping[str, Any]] = []
        given = wanted[prop.name] or []
        for number, item in enumerate(given):
            fitting = [one for one in rest if has_item(prop, [one], item)]
            ids = [one for one in fitting if item.get("Id") is not None and one.get("Id") == item["Id"]]
            fitting = ids if len(fitting) > 1 and ids else fitting
            if len(fitting) == 1 or (
                fitting and given[number:].count(item) == len(fitting)
            ):  # as many are given as there are
                rest.remove(fitting[0])
                first.append(fitting[0])
                continue
            problem = _not_one(prop, item, [*first, *rest], len(fitting), pbx)
            if fitting or not check_mode:
                raise refused(f"{prop.option}[{number}]", problem, Ambiguous if fitting else NotFound)
            warnings.append(
                f"{prop.option}[{number}]: {problem} Ignore this if an earlier task in the play creates it."
            )
        arranged[prop.name] = [*first, *rest]
        if row is None:
            del arranged[prop.name]
    return arranged, warnings


def _not_one(prop: Property, item: Mapping[str, Any], there: list[Mapping[str, Any]], fitting: int, pbx: str) -> str:
    """Why an item is not found, in words."""
    given = {field.option: item[field.name] for field in prop.fields if field.name in item and not field.read_only}
    said = [f"{option} {value}" for option, value in given.items() if value is not None]
    what = ", ".join(said) or "an item without any field"
    if fitting:
        return f"{what} fits {fitting} of the items on {pbx}. Give more fields of the one that is meant."
    texts = {
        str(one.get(field.name))
        for one in there
        for field in prop.fields
        if field.kind == "str" and one.get(field.name)
    }
    near = [text for value in given.values() for text in nearest_names(str(value), texts)]
    return f"there is no item with {what} on {pbx}{f'; did you mean {either(near)}?' if near else '.'}"


def _named(prop: Property, item: Mapping[str, Any]) -> str:
    return " ".join(str(item.get(name)) for name in prop.item_key)
