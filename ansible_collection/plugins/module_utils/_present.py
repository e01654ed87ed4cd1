# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""state: present."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._changes import changed_meanwhile
from ._compare import ABSENT, Absent, Difference, differences, merged, same
from ._description import EntityDescription, Property
from ._desired import desired
from ._etag import etag_to_send
from ._failure import Failure, after
from ._find import find, named_by
from ._names import of_options, of_row
from ._outcome import Outcome
from ._pbx import EntitySet, Row
from ._secrets import without_secrets


def ensure(
    entities: EntitySet,
    description: EntityDescription,
    given: Mapping[str, Any],
    validated: Mapping[str, Any],
    check_mode: bool,
) -> Outcome:
    """Make the entity a task names be as the task says: create it, change what differs, or leave it.

    Raises:
        Failure: it cannot be so, or did not become so
    """
    wanted = desired(description.properties, given, validated)
    names = named_by(description, given, validated)
    row = _read(entities, description, names, wanted)
    if row is None:
        return _create(entities, description, names, wanted, given, check_mode)
    if validated.get("update_secrets") == "on_create":
        wanted = without_secrets(description.properties, wanted)
    return _change(entities, description, row, wanted, check_mode)


def _create(
    entities: EntitySet,
    description: EntityDescription,
    names: dict[str, Any],
    wanted: Row,
    given: Mapping[str, Any],
    check_mode: bool,
) -> Outcome:
    what = of_options(description, names)
    _check_creation(entities, description, names, given, what)
    properties = {prop.name: prop for prop in description.properties}
    body = entities.initial(what)
    for name, value in wanted.items():
        prop = properties[name]
        # Null at creation is what was not given; only a template may have something there to clear.
        if not prop.read_only and (value is not None or name in body):
            body[name] = merged(prop, value, body.get(name))
    sent = frozenset(wanted) & frozenset(body)
    if check_mode:
        return Outcome(changed=True, before=None, after=_without_unassigned(description, body), sent=sent)
    stored = entities.create(body, what)
    by = {description.key.option: stored[description.key.name]} if description.key.name in stored else names
    with after(f"The new {what} was accepted by {entities.pbx}"):
        now = _read(entities, description, by, wanted)
    if now is None:
        raise Failure(
            f"{entities.pbx} accepted the new {what}, and does not have it. Look at it in the admin console.",
            changed=False,
        )
    writable = {name: value for name, value in wanted.items() if name in sent}
    warnings = _filled_by_pbx(description, wanted, now)
    warnings += _verify(entities, description, writable, None, now, changed=True)
    return Outcome(changed=True, before=None, after=now, sent=sent, warnings=warnings)


def _change(entities: EntitySet, description: EntityDescription, row: Row, wanted: Row, check_mode: bool) -> Outcome:
    warnings = _filled_by_pbx(description, wanted, row)
    found = [change for change in differences(description.properties, wanted, row) if not change.property.read_only]
    if not found:
        return Outcome(changed=False, before=row, after=row, warnings=warnings)
    what = of_row(description, row)
    _check_change(entities, description, found, what)
    changes = {change.property.name: change.after for change in found}
    sent = frozenset(changes)
    etag = etag_to_send(entities, description, row, check_mode)
    if check_mode:
        return Outcome(changed=True, before=row, after={**row, **changes}, sent=sent, warnings=warnings)
    by_key = {description.key.option: row[description.key.name]}
    try:
        entities.change(row, changes, etag, what)
    except Failure as failure:
        if failure.status not in (404, 412):
            raise
        try:
            now = _read(entities, description, by_key, wanted)
        except Failure:  # what the write met with is what matters
            raise failure from None
        if now is None:
            raise Failure(
                f"{what} was removed from {entities.pbx} by somebody else while this task was running "
                f"({failure.status}). Run the task again to create it anew. Nothing was changed.",
                status=failure.status,
                code=failure.code,
            ) from None
        raise changed_meanwhile(failure, description, row, now, own=entities.if_match is None) from None
    with after(f"The change of {what} was accepted by {entities.pbx}"):
        now = _read(entities, description, by_key, wanted)
    if now is None:
        raise Failure(
            f"{what} was changed on {entities.pbx}, and was removed by somebody else right after.", changed=True
        )
    warnings += _verify(entities, description, {name: wanted[name] for name in sent}, row, now, changed=False)
    return Outcome(changed=True, before=row, after=now, sent=sent, warnings=warnings)


def _read(entities: EntitySet, description: EntityDescription, names: dict[str, Any], wanted: Row) -> Row | None:
    """The entity with everything that is to be compared."""
    expand = tuple(p.name for p in description.properties if p.navigation and p.name in wanted)
    large = tuple(p.name for p in description.properties if p.large and p.name in wanted)
    row = find(entities, description, names, expand)
    if row is not None and large:
        row.update(entities.large(row, large, of_row(description, row)))
    return row


def _check_creation(
    entities: EntitySet, description: EntityDescription, names: dict[str, Any], given: Mapping[str, Any], what: str
) -> None:
    if entities.if_match is not None:
        raise Failure(
            f"There is no {what} on {entities.pbx}, so it cannot have the version that if_match asks for. "
            "Leave if_match out to create one. Nothing was changed.",
            status=412,
            target="if_match",
        )
    if not description.can_create:
        raise Failure(f"There is no {what} on {entities.pbx}, and XAPI cannot create one. Nothing was changed.")
    key = next((prop for prop in description.properties if prop.name == description.key.name), None)
    if description.key.option in names and key is not None and key.read_only:
        raise Failure(
            f"There is no {what} on {entities.pbx}, and the PBX itself gives a new one its {description.key.option}. "
            f"Leave {description.key.option} out to create one. Nothing was changed.",
            target=description.key.option,
        )
    missing = [option for option in description.required_for_create if given.get(option) is None]
    if missing:
        raise Failure(
            f"There is no {what} on {entities.pbx}; creating it needs {', '.join(missing)}. Nothing was changed.",
            target=missing[0],
        )


def _check_change(entities: EntitySet, description: EntityDescription, found: list[Difference], what: str) -> None:
    for change in found:
        prop = change.property
        if prop.immutable:
            raise Failure(
                f"{prop.option} of {what} on {entities.pbx} is {_shown(prop, change.before)} and cannot be changed once it is "
                "created. Nothing was changed.",
                target=prop.option,
            )
        if change.after is None and not prop.nullable:
            raise Failure(
                f"{prop.option} of {what} on {entities.pbx} cannot be cleared. Nothing was changed.", target=prop.option
            )
    if not description.can_update:
        options = ", ".join(change.property.option for change in found)
        raise Failure(
            f"{what} on {entities.pbx} differs in {options}, and XAPI cannot change one. Nothing was changed.",
            target=found[0].property.option,
        )


def _verify(
    entities: EntitySet, description: EntityDescription, wanted: Row, before: Row | None, now: Row, *, changed: bool
) -> list[str]:
    """Whether what was sent was stored: some PBXs accept a write and drop it.

    Parameters:
        wanted: what was sent
        before: as it was before, None where it was created
        now: as it is now
        changed: whether the PBX has changed in any case
    """
    left = differences(description.properties, wanted, now)
    unseen = [change.property for change in left if isinstance(change.before, Absent) or change.property.write_only]
    dropped = [change.property for change in left if change.property not in unseen]
    if dropped:
        options = ", ".join(prop.option for prop in dropped)
        something = changed or before is None or any(now.get(name) != before.get(name) for name in wanted)
        raise Failure(
            f"{entities.pbx} accepted the write of {of_row(description, now)} and did not store {options}. "
            "Check that its release and licence know it, and that the values do not exclude each other.",
            target=dropped[0].option,
            changed=something,
        )
    plain = [prop.option for prop in unseen if not (prop.secret or prop.write_only)]
    return (
        [f"Whether {', '.join(plain)} was stored cannot be told: {entities.pbx} does not answer it."] if plain else []
    )


def _filled_by_pbx(description: EntityDescription, wanted: Row, row: Row) -> list[str]:
    given = {name: value for name, value in wanted.items() if name != description.key.name}
    ignored = list(_ignored(description.properties, given, row))
    return (
        [f"{', '.join(ignored)}: filled in by the PBX, where it differs; what was given is ignored."] if ignored else []
    )


def _ignored(
    properties: tuple[Property, ...], wanted: Mapping[str, Any], row: Mapping[str, Any], within: str = ""
) -> Iterator[str]:
    """The options that only the PBX fills in and that are otherwise than given, in structures too."""
    for prop in properties:
        if prop.name not in wanted:
            continue
        value, current = wanted[prop.name], row.get(prop.name, ABSENT)
        if prop.read_only:
            if not same(prop, value, current):
                yield within + prop.option
        elif isinstance(value, Mapping) and isinstance(current, Mapping):
            yield from _ignored(prop.fields, value, current, f"{within}{prop.option}.")


def _without_unassigned(description: EntityDescription, body: Row) -> Row:
    """What an entity would be, without a key it does not have yet."""
    return {
        name: value for name, value in body.items() if not (name == description.key.name and value in (0, None, ""))
    }


def _shown(prop: Property, value: Any) -> str:
    return "hidden" if prop.secret else "not known" if isinstance(value, Absent) else f"'{value}'"
