# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leaving credentials out of what a task asks for (update_secrets: on_create)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._description import Property


def without_secrets(properties: tuple[Property, ...], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The wanted properties without the credentials in them, at every depth."""
    kept: dict[str, Any] = {}
    for prop in properties:
        if prop.name not in wanted or prop.secret or prop.write_only:
            continue
        value = wanted[prop.name]
        if prop.fields and isinstance(value, list):
            value = [without_secrets(prop.fields, item) if isinstance(item, Mapping) else item for item in value]
        elif prop.fields and isinstance(value, Mapping):
            value = without_secrets(prop.fields, value)
        kept[prop.name] = value
    return kept
