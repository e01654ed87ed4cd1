# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing what is there: only what differs, in the version that was read, and looked at again afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from ._changes import changed_meanwhile
from ._compare import ABSENT, Absent, Difference, differences, same
from ._description import Description, EntityDescription, Property
from ._etag import Versioned, etag_to_send
from ._failure import Failure, after
from ._names import of_row
from ._outcome import Outcome
from ._pbx import Row
from ._secrets import without_unseen
from ._stored_forms import stored_otherwise


class Target(Versioned, Protocol):
    """One entity, or one set of settings, of one PBX."""

    def read(self, wanted: Row) -> Row | None:
        """It with everything of `wanted` that is to be compared; None where there is none."""

    def write(self, row: Row, changes: Row, etag: str | None, what: str) -> None:
        """Change some of its properties, where its ETag is still the given one."""


def change(target: Target, description: Description, row: Row, wanted: Row, check_mode: bool) -> Outcome:
    """Make `row` be as wanted.

    Parameters:
        target: where it was read and can be written
        description: of it
        row: as it was read
        wanted: in wire form; what is not in it is left alone
        check_mode: only say what would be done

    Raises:
        Failure: it cannot be so, or did not become so
    """
    warnings = filled_by_pbx(description, wanted, row)
    found = [change for change in differences(description.properties, wanted, row) if not change.property.read_only]
    if not found:
        return Outcome(changed=False, before=row, after=row, warnings=warnings)
    what = of_row(description, row)
    _check(target, description, found, wanted, what)
    changes = {change.property.name: change.after for change in found}
    sent = frozenset(changes)
    etag = etag_to_send(target, description, row, check_mode)
    if check_mode:
        return Outcome(changed=True, before=row, after={**row, **changes}, sent=sent, warnings=warnings)
    try:
        target.write(row, changes, etag, what)
    except Failure as failure:
        if failure.status not in (404, 412):
            raise
        try:
            now = target.read(wanted)
        except Failure:  # what the write met with is what matters
            raise failure from None
        if now is None:
            raise Failure(
                f"{what} was removed from {target.pbx} by somebody else while this task was running "
                f"({failure.status}). Run the task again to create it anew. Nothing was changed.",
                status=failure.status,
                code=failure.code,
            ) from None
        raise changed_meanwhile(failure, description, row, now, own=target.if_match is None) from None
    with after(f"The change of {what} was accepted by {target.pbx}"):
        now = target.read(wanted)
    if now is None:
        raise Failure(
            f"{what} was changed on {target.pbx}, and was removed by somebody else right after.", changed=True
        )
    warnings += verify(target, description, {name: wanted[name] for name in sent}, row, now, changed=False)
    return Outcome(changed=True, before=row, after=now, sent=sent, warnings=warnings)


def _check(target: Target, description: Description, found: list[Difference], wanted: Row, what: str) -> None:
    for change in found:
        prop = change.property
        if prop.immutable:
            raise Failure(
                f"{prop.option} of {what} on {target.pbx} is {_shown(prop, change.before)} and cannot be changed once it is "
                "created. Nothing was changed.",
                target=prop.option,
            )
        cleared = next(_cleared(prop, wanted[prop.name], change.before), None)
        if cleared is not None:
            raise Failure(
                f"{cleared} of {what} on {target.pbx} cannot be cleared. Nothing was changed.", target=cleared
            )
    if isinstance(description, EntityDescription) and not description.can_update:
        options = ", ".join(change.property.option for change in found)
        raise Failure(
            f"{what} on {target.pbx} differs in {options}, and XAPI cannot change one. Nothing was changed.",
            target=found[0].property.option,
        )


def _cleared(prop: Property, wanted: Any, current: Any, within: str = "") -> Iterator[str]:
    """The options that are to be null, that are not, and that cannot be; a list is what it is given as a whole."""
    if wanted is None and not prop.nullable and not same(prop, None, current):
        yield within + prop.option
    elif isinstance(wanted, Mapping) and isinstance(current, Mapping):
        for field in prop.fields:
            if field.name in wanted and not field.read_only:
                yield from _cleared(field, wanted[field.name], current.get(field.name), f"{within}{prop.option}.")


def verify(
    target: Versioned, description: Description, wanted: Row, before: Row | None, now: Row, *, changed: bool
) -> list[str]:
    """Whether what was sent was stored: some PBXs accept a write and drop it.

    Parameters:
        wanted: what was sent
        before: as it was before, None where it was created
        now: as it is now
        changed: whether the PBX has changed in any case
    """
    left = differences(description.properties, without_unseen(description.properties, wanted, now), now)
    unseen = [change.property.option for change in left if isinstance(change.before, Absent)]
    dropped = [change.property for change in left if not isinstance(change.before, Absent)]
    if dropped:
        same_still = [prop for prop in dropped if before is not None and now.get(prop.name) == before.get(prop.name)]
        otherwise = [prop for prop in dropped if before is not None and prop not in same_still]
        something = changed or before is None or any(now.get(name) != before.get(name) for name in wanted)
        done = f"{target.pbx} accepted the write of {of_row(description, now)} and"
        if otherwise:
            options = ", ".join(prop.option for prop in otherwise)
            msg = (
                f"{done} has {options} otherwise than it was sent: it may have put it in a form of its own, or somebody else "
                "changed it right after. Read it again and decide anew."
            )
        else:
            options = ", ".join(prop.option for prop in dropped)
            msg = (
                f"{done} did not store {options}. "
                "Check that its release and licence know it, and that the values do not exclude each other."
            )
        raise Failure(msg, target=(otherwise or dropped)[0].option, changed=something)
    warnings = stored_otherwise(description.properties, wanted, now, target.pbx)
    if unseen:
        warnings.append(f"Whether {', '.join(unseen)} was stored cannot be told: {target.pbx} does not answer it.")
    return warnings


def filled_by_pbx(description: Description, wanted: Row, row: Row) -> list[str]:
    """A warning where what was given is the PBX's to fill in, and is otherwise."""
    key = description.key.name if isinstance(description, EntityDescription) else None
    given = {name: value for name, value in wanted.items() if name != key}
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


def _shown(prop: Property, value: Any) -> str:
    return "hidden" if prop.secret else "not known" if isinstance(value, Absent) else f"'{value}'"
