# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""state: absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._changes import changed_meanwhile
from ._description import EntityDescription
from ._etag import etag_to_send
from ._failure import Failure
from ._find import find, named_by
from ._names import of_row
from ._outcome import Outcome
from ._pbx import EntitySet
from ._spec import keys


def remove(
    entities: EntitySet,
    description: EntityDescription,
    given: Mapping[str, Any],
    validated: Mapping[str, Any],
    check_mode: bool,
) -> Outcome:
    """Remove the entity a task names, where it is there.

    Raises:
        Failure: it cannot be removed, or was not
    """
    wanted = named_by(description, given, validated)
    row = find(entities, description, wanted)
    if row is None:
        return Outcome(changed=False, before=None, after=None)
    etag = etag_to_send(entities, description, row, check_mode)
    gone = Outcome(changed=True, before=row, after=None)
    if check_mode:
        return gone
    what = of_row(description, row)
    by_key = {description.key.option: row[description.key.name]}
    try:
        entities.remove(row, etag, what)
    except Failure as failure:
        if failure.status not in (404, 412):
            raise
        now = find(entities, description, by_key)
        if now is None:  # somebody else was quicker; what was asked for is so
            return Outcome(changed=False, before=None, after=None)
        raise changed_meanwhile(failure, description, row, now, own=entities.if_match is None) from None
    if find(entities, description, by_key) is not None:
        raise Failure(
            f"{entities.pbx} accepted the removal of {what}, and still has it. Look at it in the admin console: "
            "it may be in use, or be removed a little later."
        )
    return gone


def check(description: EntityDescription, given: Mapping[str, Any]) -> None:
    """Refuse options that make no sense for something that is to go.

    Raises:
        Failure: such an option was given
    """
    naming = {key.option for key in keys(description)}
    senseless = [
        prop.option
        for prop in description.properties
        if given.get(prop.option) is not None and not prop.read_only and prop.option not in naming
    ]
    if senseless:
        raise Failure(
            f"state absent takes only what names the {description.label} ({', '.join(sorted(naming))}), if_match and the "
            f"connection; {', '.join(senseless)} cannot be meant. Nothing was sent.",
            target=senseless[0],
        )
