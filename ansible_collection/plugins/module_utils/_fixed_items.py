# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists whose items are always there, such as the forwarding profiles of a user: a PBX makes another one of a misspelt key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from ._compare import take
from ._description import Property
from ._failure import refused

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
        Failure: there is no such item
    """
    for prop in fixed_items(properties, wanted):
        held = row.get(prop.name)
        there = [item for item in held if isinstance(item, Mapping)] if isinstance(held, list) else []
        fields = [field for field in prop.fields if field.name in prop.item_key]
        for number, item in enumerate(wanted[prop.name] if there else ()):
            if take(prop, item, list(there)) is not None:
                continue
            given, names = _named(prop, item), [_named(prop, one) for one in there]
            near = difflib.get_close_matches(given.lower(), {name.lower(): name for name in names}, n=1)
            meant = next((name for name in names if near and name.lower() == near[0]), None)
            option = f"{prop.option}[{number}].{' and '.join(field.option for field in fields)}"
            hint = f"; did you mean {meant}?" if meant else "."
            raise refused(
                option, f"there is no {given} on {pbx}{hint} None can be added: there are {', '.join(sorted(names))}."
            )


def _named(prop: Property, item: Mapping[str, Any]) -> str:
    return " ".join(str(item.get(name)) for name in prop.item_key)
