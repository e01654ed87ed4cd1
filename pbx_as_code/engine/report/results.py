"""Results of a task: entities in snake_case without credentials, the difference made by a change, and notes on values
that the PBX stored in another form with the same meaning, such as +1 555-0133 as 15550133.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from threecx_xapi import releases

from pbx_as_code.description import Description, Kind, Property
from pbx_as_code.engine.compare.compare import take
from pbx_as_code.engine.compare.values import canonical, structure_from_wire
from pbx_as_code.engine.options.option_specs import keys, takes_if_match

Row = dict[str, Any]


@dataclass
class Outcome:
    """The state of one entity before and after; rows are as the PBX answers them."""

    changed: bool
    before: Row | None
    after: Row | None
    sent: frozenset[str] = frozenset()
    """XAPI names of the properties that were, or would be, sent."""
    warnings: list[str] = field(default_factory=list)


_HIDDEN = "(hidden)"
_HIDDEN_CHANGED = "(hidden, changed)"


def showable(description: Description, release: str | None) -> Description:
    """A description without what the release of a PBX lacks: that is not shown, not even as null."""
    return replace(description, properties=_showable(release, description.properties))


def _showable(release: str | None, properties: tuple[Property, ...]) -> tuple[Property, ...]:
    if not any(map(_is_newer, properties)):
        return properties
    return tuple(
        replace(prop, fields=_showable(release, prop.fields)) if prop.fields else prop
        for prop in properties
        if prop.since is None or not releases.lacks(release, prop.since)
    )


def _is_newer(prop: Property) -> bool:
    return prop.since is not None or any(map(_is_newer, prop.fields))


def entity(description: Description, row: Mapping[str, Any], *, reveal: bool = False) -> dict[str, Any]:
    """An entity as a result shows it; what is shown can be given to the module again.

    A property without a value is shown as null, whether the PBX answered null, an empty text or omitted it.

    Parameters:
        description: of the entity
        row: what the PBX answered
        reveal: show credentials too
    """
    shown = structure_from_wire(description.properties, row, reveal=reveal)
    known = {prop.name for prop in description.properties}
    for key in keys(description):
        if key.name in row and key.name not in known:
            shown[key.option] = row[key.name]
    etag = row.get("@odata.etag")
    if isinstance(etag, str):
        shown["etag"] = etag
    return shown


def to_be_created(description: Description, row: Mapping[str, Any]) -> dict[str, Any]:
    """An entity that check mode would create: with every key of a real result, None where only the PBX can say.

    Parameters:
        description: of the entity
        row: what would be sent
    """
    shown = entity(description, row)
    unknown = dict.fromkeys(
        (*(key.option for key in keys(description)), *(("etag",) if takes_if_match(description) else ()))
    )
    expanded = tuple(prop for prop in description.properties if not prop.navigation or prop.option in shown)
    return unknown | _filled(expanded, shown)


def _filled(properties: tuple[Property, ...], shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the displayed row with all its keys."""
    filled = dict(shown)
    for prop in properties:
        if _hides(prop):
            continue
        value = shown.get(prop.option)
        if not prop.fields:
            filled.setdefault(prop.option, None)
        elif prop.many:
            filled[prop.option] = (
                [_filled(prop.fields, item) if isinstance(item, Mapping) else item for item in value]
                if isinstance(value, list)
                else value
            )
        else:
            filled[prop.option] = _filled(prop.fields, value or {})
    return filled


def diff(description: Description, outcome: Outcome) -> dict[str, Any]:
    """Return the states before and after, as Ansible shows them; a missing entity is empty.

    A credential that was, or would be, sent shows as changed, and nothing more of it.
    """
    before, after = _side(description, outcome.before), _side(description, outcome.after)
    if outcome.before is not None and outcome.after is not None:
        differing = {option for option in before.keys() | after.keys() if before.get(option) != after.get(option)}
        before = {option: value for option, value in before.items() if option in differing}
        after = {option: value for option, value in after.items() if option in differing}
    else:  # of what is new or gone, what it has is worth showing
        before = {option: value for option, value in before.items() if value is not None}
        after = {option: value for option, value in after.items() if value is not None}
    for prop in description.properties:
        if prop.name not in outcome.sent:
            continue
        within = any(map(_hides_within, prop.fields)) and prop.option not in before.keys() | after.keys()
        if _hides(prop) or within:
            if outcome.before is not None:
                before.setdefault(prop.option, _HIDDEN)
            after.setdefault(prop.option, _HIDDEN_CHANGED)
    return {"before": before, "after": after}


def _hides(prop: Property) -> bool:
    return prop.secret or prop.write_only


def _hides_within(prop: Property) -> bool:
    return not prop.read_only and (_hides(prop) or any(map(_hides_within, prop.fields)))


def _side(description: Description, row: Mapping[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {}
    side = entity(description, row)
    side.pop("etag", None)  # changes with every write, and says nothing
    return side


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
