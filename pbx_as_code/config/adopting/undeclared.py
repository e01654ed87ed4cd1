"""The option `pbx.undeclared` after an adoption: names that dangle on the PBX itself, and its values that no task can
set, so that the files stay valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pbx_as_code.config.adopting.outcome import Adoption
from pbx_as_code.config.checks import doubts_of
from pbx_as_code.config.configuration import (
    Configuration,
    Doubt,
    Key,
    identity_of,
    options_in,
    placed,
    value_at,
)
from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.exporting.refused import has_refused
from pbx_as_code.config.exporting.undeclared import has_undeclared
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.planning.matches import Matches

Rows = Mapping[Key, Mapping[str, Any] | None]
"""Objects that the PBX has otherwise than the files, as it has them; None for those that stay as they are."""


def rows_of(matches: Matches) -> dict[Key, Mapping[str, Any] | None]:
    """Objects that differ, as the PBX has them.

    Parameters:
        matches: that an adoption is made from
    """
    rows: dict[Key, Mapping[str, Any] | None] = {one.key: found.actual for one, _, found in matches.differing}
    for kind, row in matches.left:
        values = declared(kind, row)
        rows[(kind.name, identity_of(kind, values), 0)] = values
    return rows


def may_change(configuration: Configuration, rows: Rows, adoption: Adoption) -> bool:
    """Whether the names may be others than before.

    Parameters:
        configuration: before the adoption
        rows: that it takes over
        adoption: with its changes
    """
    if configuration.pbx.get("undeclared") or (configuration.complete and adoption.removed):
        return True
    objects = {name: [one.values for one in configuration.of(name)] for name in KINDS}
    for (name, *_), row in rows.items():
        if row is not None:
            objects[name].append(dict(row))
    if not configuration.complete:  # no name can be missing
        return has_refused(objects)
    return has_undeclared(objects, (name for names in configuration.required.values() for name in names))


def names_after(before: list[str], after: Configuration, rows: Rows) -> list[str]:
    """Names for the option: those that dangle in the files as they do on the PBX. A misspelt name stays a problem.

    Parameters:
        before: names that the option lists; one stays as long as anything refers to it
        after: the files after the adoption
        rows: objects that the PBX had otherwise than the files
    """
    left = {one.value for one in doubts_of(after) if one.value in before or _on_pbx(one, rows)}
    return [*(name for name in before if name in left), *sorted(left.difference(before))]


def _on_pbx(doubt: Doubt, rows: Rows) -> bool:
    """Whether the PBX has a reference as the files do."""
    if doubt.key not in rows:
        return True  # the whole object is equal
    row = rows[doubt.key]
    if row is None:
        return False
    if doubt.refused and not value_at(row, doubt.path):
        return not doubt.value
    options = options_in(doubt.path)
    return any(
        str(value) == doubt.value and options_in(path) == options
        for path, _, value in placed(KINDS[doubt.key[0]].options.values(), row)
    )
