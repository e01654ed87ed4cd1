"""Results of a task: entities in snake_case without credentials, the difference made by a change, and notes on values
that the PBX stored in another form with the same meaning, such as +1 555-0133 as 15550133.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from threecx_xapi import releases

from pbx_as_code.compiled import function
from pbx_as_code.description import Description, Kind, Property
from pbx_as_code.engine.compare.compare import take
from pbx_as_code.engine.compare.values import TEXTS, canonical, conceals, time_of_day
from pbx_as_code.engine.options.option_specs import takes_if_match
from pbx_as_code.walk import Values, places, structures

Row = dict[str, Any]


@dataclass
class Outcome:
    """The state of one entity before and after; rows are as the PBX answers them."""

    changed: bool
    before: Row | None = field(repr=False)
    after: Row | None = field(repr=False)
    sent: frozenset[str] = frozenset()
    """XAPI names of the properties that were, or would be, sent."""
    warnings: list[str] = field(default_factory=list)


_HIDDEN = "(hidden)"
_HIDDEN_CHANGED = "(hidden, changed)"


def from_wire(prop: Property, value: Any, *, reveal: bool = False) -> Any:
    """A property as a result shows it: snake_case, members of flags as a list, credentials only where revealed.

    Absent, null and empty values compare equal: as null, or as an empty list; if the document does not allow null, as
    empty text, zero or false.
    """
    if prop.fields:
        convert = _converter(prop.fields, reveal)
        if prop.many:
            return _structures_from_wire(prop, value, convert)
        return convert(value) if isinstance(value, Mapping) else None
    return _from_wire(prop, value)


def _from_wire(prop: Property, value: Any) -> Any:
    if prop.many:
        return [_item_from_wire(prop, item) for item in value] if isinstance(value, list) else []
    return _nothing(prop) if value is None or value == "" else _item_from_wire(prop, value)


def _nothing(prop: Property) -> Any:
    """Return the displayed value of an absent property: null, or the document's substitute for null."""
    if prop.nullable or prop.reference is not None:
        return None
    if prop.kind in TEXTS:
        return ""
    return None if prop.read_only else _ZEROS.get(prop.kind)


_ZEROS: dict[Kind, Any] = {"int": 0, "float": 0.0, "bool": False}


def structure_from_wire(
    properties: tuple[Property, ...], row: Mapping[str, Any], *, reveal: bool = False
) -> dict[str, Any]:
    """Return the PBX's values of these properties, by option; null for omitted properties and for those without a
    value.

    Properties that are answered only on request stay out if omitted: expanded and large ones, and credentials.

    Parameters:
        properties: of the entity, or of a structure in it
        row: what the PBX answered
        reveal: show credentials too
    """
    return _converter(properties, reveal)(row)


_Converter: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]
_converters: dict[tuple[int, bool], tuple[tuple[Property, ...], _Converter]] = {}
"""By the identity of the properties, which are kept with them: hashing them would take longer."""
_MOST_CONVERTERS = 2000


def _converter(properties: tuple[Property, ...], reveal: bool) -> _Converter:
    """The function for a structure, written once: millions of values pass through it."""
    found = _converters.get((id(properties), reveal))
    if found is None:
        if len(_converters) > _MOST_CONVERTERS:  # each release of a PBX has its own
            _converters.clear()
        found = _converters[id(properties), reveal] = (properties, _written(properties, reveal))
    return found[1]


def _written(properties: tuple[Property, ...], reveal: bool) -> _Converter:
    known: dict[str, Any] = {"plain": _from_wire, "structures": _structures_from_wire, "revealed": _is_revealed}
    shown, omitted = [], []
    for number, prop in enumerate(properties):
        hidden = prop.secret or prop.write_only
        if hidden and not reveal:
            continue
        known[f"prop{number}"] = prop
        value = f"value := get({prop.name!r})"
        if prop.fields:
            known[f"convert{number}"] = _converter(prop.fields, reveal)
            if prop.many:
                made = f"structures(prop{number}, value, convert{number}) if ({value}) else []"
            else:
                made = f"convert{number}(value) if isinstance({value}, dict) else None"
        elif prop.many:
            made = f"plain(prop{number}, value) if ({value}) else []"
        elif prop.is_plain:
            made = f"value if ({value}) else {_nothing(prop)!r} if value is None or value == '' else value"
        else:
            made = f"plain(prop{number}, get({prop.name!r}))"
        shown.append(f"{prop.option!r}: {made},")
        if hidden:
            omitted.append(f" if not revealed(prop{number}, row): del shown[{prop.option!r}]")
        elif prop.navigation or prop.large:
            omitted.append(f" if {prop.name!r} not in row: del shown[{prop.option!r}]")
    lines = ["def convert(row):", " get = row.get", " shown = {", *shown, " }", *omitted, " return shown"]
    converter: _Converter = function("\n".join(lines), known)
    return converter


def _structures_from_wire(_: Property, value: Any, convert: _Converter) -> list[Any]:
    return [convert(item) if isinstance(item, dict) else None for item in value] if isinstance(value, list) else []


def _is_revealed(prop: Property, row: Mapping[str, Any]) -> bool:
    """Whether the PBX answers a credential. A mark in its place is not shown: it would be taken for one, or for none
    being set.
    """
    if not prop.secret:
        return True
    return prop.name in row and not (conceals(row) or (prop.kind == "concealed" and conceals(row[prop.name])))


def _item_from_wire(prop: Property, value: Any) -> Any:
    if prop.kind == "concealed":
        return value.get("Value") if isinstance(value, Mapping) else value
    if prop.kind == "flags" and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return time_of_day(value) if prop.kind == "time" else value


def showable(description: Description, release: str | None) -> Description:
    """A description without what the release of a PBX lacks: that is not shown, not even as null."""
    found = _shown.get((description.name, release))
    if found is None or found[0] is not description:
        found = (description, description.altered(properties=_showable(release, description.properties)))
        _shown[description.name, release] = found
    return found[1]


_shown: dict[tuple[str, str | None], tuple[Description, Description]] = {}
"""By kind and release: the description, and what is shown of it."""


def _showable(release: str | None, properties: tuple[Property, ...]) -> tuple[Property, ...]:
    if not any(prop.has_newer for prop in properties):
        return properties
    return tuple(
        prop.altered(fields=_showable(release, prop.fields)) if prop.fields else prop
        for prop in properties
        if prop.since is None or not releases.lacks(release, prop.since)
    )


def entity(description: Description, row: Mapping[str, Any], *, reveal: bool = False) -> dict[str, Any]:
    """An entity as a result shows it; what is shown can be given to the module again.

    A property without a value is shown as null, whether the PBX answered null, an empty text or omitted it.

    Parameters:
        description: of the entity
        row: what the PBX answered
        reveal: show credentials too
    """
    shown = structure_from_wire(description.properties, row, reveal=reveal)
    for key in description.other_keys:
        if key.name in row:
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
        (*(key.option for key in description.keys), *(("etag",) if takes_if_match(description) else ()))
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


def diff(
    description: Description,
    outcome: Outcome,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the states before and after, as Ansible shows them; a missing entity is empty.

    A credential that was, or would be, sent shows as changed, and nothing more of it.

    Parameters:
        description: of the entity
        outcome: what was done
        before, after: the states as `entity` shows them, where that has been done already
    """
    before, after = _side(description, outcome.before, before), _side(description, outcome.after, after)
    if outcome.before is not None and outcome.after is not None:
        differing = {option for option in before.keys() | after.keys() if before.get(option) != after.get(option)}
        before = {option: value for option, value in before.items() if option in differing}
        after = {option: value for option, value in after.items() if option in differing}
    else:  # of what is new or gone, what it has is worth showing
        before, after = _without_nothing(before), _without_nothing(after)
    for prop in description.properties:
        if prop.name not in outcome.sent:
            continue
        within = any(field.takes_hidden for field in prop.fields) and prop.option not in before.keys() | after.keys()
        if _hides(prop) or within:
            if outcome.before is not None:
                before.setdefault(prop.option, _HIDDEN)
            after.setdefault(prop.option, _HIDDEN_CHANGED)
    return {"before": before, "after": after}


def _without_nothing(shown: dict[str, Any]) -> dict[str, Any]:
    """Return an object without nulls and empty values, at any depth."""
    kept = {}
    for option, value in shown.items():
        held = _something(value)
        if held is not None:
            kept[option] = held
    return kept


def _something(value: Any) -> Any:
    """A value without the nulls in it; None where nothing is left."""
    if isinstance(value, dict):
        return _without_nothing(value) or None
    if isinstance(value, list):
        return [held for item in value if (held := _something(item)) is not None] or None
    return None if value == "" else value


def _hides(prop: Property) -> bool:
    return prop.secret or prop.write_only


def _side(description: Description, row: Mapping[str, Any] | None, shown: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {}
    side = entity(description, row) if shown is None else dict(shown)
    side.pop("etag", None)  # changes with every write, and says nothing
    return side


#: Kinds whose spelling people chose. Each PBX spells times and MAC addresses in one way, which needs no warning.
_SPELLED: tuple[Kind, ...] = ("str", "number", "telephone", "email", "network")


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
        f"{option}: {pbx} stored '{held}' for '{given}', which is equal. No action is needed."
        for option, given, held in _forms(properties, sent, now)
    ]


def _forms(
    properties: tuple[Property, ...], sent: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """The option, what was sent and what is stored, in structures and lists too; credentials are left out."""
    for place in places(properties, sent, now, divide=_of_forms):
        given, held = place.values
        if place.divided or _has_no_form(place.prop) or place.prop.kind not in _SPELLED:
            continue
        if isinstance(given, str) and isinstance(held, str) and given != held and "\n" not in given:
            meaning = canonical(place.prop.kind, given)
            if meaning is not None and meaning == canonical(place.prop.kind, held):
                yield place.path, given, held


def _has_no_form(prop: Property) -> bool:
    return prop.secret or prop.write_only or prop.read_only or prop.reference is not None


def _of_forms(prop: Property, values: Values) -> Iterable[tuple[str, Values]]:
    if _has_no_form(prop):
        return ()
    given, held = values
    if not prop.many:
        return structures(prop, values)
    if not isinstance(given, list) or not isinstance(held, list):
        return ()
    left = list(held)
    return [(f"[{number}]", (item, _fellow(prop, item, left))) for number, item in enumerate(given)]


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
