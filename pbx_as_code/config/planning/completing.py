"""Values that a plan adds to what files declare: names of inbound rules in lists, and of the default department."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.kinds import KINDS, LISTED

Row = dict[str, Any]
_COMPLETED: Final = frozenset(
    {kind for kind, _ in LISTED} | {kind.name for kind in KINDS.values() if kind.in_default_department}
)
"""Kinds whose declared values a plan completes."""


def completable(configuration: Configuration) -> Configuration:
    """A configuration whose values may be completed for one PBX. The original may be planned for others.

    Parameters:
        configuration: which stays as it is
    """
    kept = [
        replace(one, values=deepcopy(one.values)) if one.kind.name in _COMPLETED else one
        for one in configuration.definitions
    ]
    return replace(configuration, definitions=kept)


def name_listed_rules(configuration: Configuration) -> None:
    """Let a list of inbound rules call each rule what its declaration does: there its name is declared.

    Parameters:
        configuration: which is completed
    """
    for (kind, option), listed in LISTED.items():
        rules = configuration.of(listed.kind)
        names = {listed.key_of(one.values, one.values.get(listed.option)): one.values for one in rules}
        for one in configuration.of(kind):
            for item in one.values.get(option) or ():
                said = names.get(listed.key_of(item, one.values.get(listed.equal_to)), {})
                if listed.name in said:
                    item[listed.name] = said[listed.name]


def name_default_department(
    configuration: Configuration, rows: Mapping[str, Sequence[Row]], renamed: Mapping[str, str]
) -> None:
    """Name the default department where null means it, on the PBX and in the files.

    Parameters:
        configuration: which is completed
        rows: of the PBX by kind, which are completed, too
        renamed: new names of departments that are to be renamed, by those they have
    """
    default = next((str(row["name"]) for row in rows.get("group", ()) if row.get("is_default")), None)
    if default is None:
        return
    for kind in KINDS.values():
        option = kind.in_default_department
        if option:
            for row in rows.get(kind.name, ()):
                row[option] = row.get(option) or default
            for one in configuration.of(kind.name):
                one.values[option] = one.values.get(option) or renamed.get(default, default)
