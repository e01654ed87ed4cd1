"""Build the result of a task: entities in snake_case without credentials, and the difference made by a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pbx_as_code.description import Description, Property
from pbx_as_code.engine.compare.values import structure_from_wire
from pbx_as_code.engine.options.option_specs import keys, takes_if_match
from pbx_as_code.engine.report.outcome import Outcome

_HIDDEN = "(hidden)"
_HIDDEN_CHANGED = "(hidden, changed)"


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
