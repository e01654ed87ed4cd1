"""Values that a PBX stored in another form with the same meaning: +1 555-0133 as 15550133."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pbx_as_code.description import Kind, Property
from pbx_as_code.engine.compare.compare import take
from pbx_as_code.engine.compare.values import canonical

#: Kinds whose spelling people chose. Each PBX spells times and MAC addresses in one way, which needs no warning.
_SPELLED: tuple[Kind, ...] = ("str", "telephone", "email", "network")


def stored_otherwise(
    properties: tuple[Property, ...], sent: Mapping[str, Any], now: Mapping[str, Any], pbx: str
) -> list[str]:
    """A note for each value that the PBX stored in another form, with both forms.

    Parameters:
        properties: of the entity
        sent: by XAPI name, in wire form
        now: what the PBX answered after the write
        pbx: its URL
    """
    return [
        f"{option}: {pbx} stored '{held}' for '{given}', which means the same. Nothing has to be done."
        for option, given, held in _forms(properties, sent, now)
    ]


def _forms(
    properties: tuple[Property, ...], sent: Mapping[str, Any], now: Mapping[str, Any], within: str = ""
) -> Iterator[tuple[str, str, str]]:
    """The option, what was sent and what is stored, in structures and lists too; credentials are left out."""
    for prop in properties:
        given, held, option = sent.get(prop.name), now.get(prop.name), within + prop.option
        if prop.secret or prop.write_only or prop.read_only or prop.reference is not None:
            continue
        if not prop.many:
            yield from _of_one(prop, given, held, option)
        elif isinstance(given, list) and isinstance(held, list):
            left = list(held)
            for number, item in enumerate(given):
                yield from _of_one(prop, item, _fellow(prop, item, left), f"{option}[{number}]")


def _of_one(prop: Property, given: Any, held: Any, option: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(given, Mapping) and isinstance(held, Mapping):
        yield from _forms(prop.fields, given, held, f"{option}.")
    elif prop.kind in _SPELLED and isinstance(given, str) and isinstance(held, str) and given != held:
        meaning = canonical(prop.kind, given)
        if meaning is not None and meaning == canonical(prop.kind, held):
            yield option, given, held


def _fellow(prop: Property, item: Any, held: list[Any]) -> Any:
    """The item of a stored list that is the given one; it is taken out, so that no other gets it."""
    if isinstance(item, Mapping):
        rows = [row for row in held if isinstance(row, Mapping)]
        fellow = take(prop, item, rows)
    else:
        fellow = next((one for one in held if canonical(prop.kind, one) == canonical(prop.kind, item)), None)
    if fellow is not None:
        held.remove(fellow)
    return fellow
