# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking for navigation properties: they are absent unless they are named, at every depth."""

from __future__ import annotations

from collections.abc import Iterable

from ._description import Property


def expansions(properties: Iterable[Property]) -> tuple[str, ...]:
    """What $expand has to name for these properties, such as Groups($expand=Rights); nothing for the plain ones."""
    return tuple(_expansion(prop) for prop in properties if prop.navigation)


def _expansion(prop: Property) -> str:
    inner = ",".join(expansions(prop.fields))
    return f"{prop.name}($expand={inner})" if inner else prop.name
