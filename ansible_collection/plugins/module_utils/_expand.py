# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking for navigation properties: they are absent unless they are named, at every depth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ._description import Property


class Has(Protocol):
    """Whether the PBX has what came with a release."""

    def __call__(self, since: str | None, /) -> bool:
        """None is what every release has."""


def expansions(properties: Iterable[Property], has: Has) -> tuple[str, ...]:
    """What $expand has to name for these properties, such as Groups($expand=Rights); nothing for the plain ones.

    A PBX refuses to answer anything where it is asked for what it does not have.
    """
    return tuple(_expansion(prop, has) for prop in properties if prop.navigation and has(prop.since))


def _expansion(prop: Property, has: Has) -> str:
    inner = ",".join(expansions(prop.fields, has))
    return f"{prop.name}($expand={inner})" if inner else prop.name
