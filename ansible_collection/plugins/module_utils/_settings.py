# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module of a singleton does, and its _info module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ._change import change
from ._declaration import Declaration
from ._description import SettingsDescription
from ._desired import desired
from ._fixed_items import check_fixed_items
from ._lists import REPLACE, taken_out
from ._outcome import Outcome
from ._pbx import Singleton
from ._result import entity
from ._secrets import without_held


def ensure(
    settings: Singleton,
    description: SettingsDescription,
    given: Mapping[str, Any],
    validated: Mapping[str, Any],
    check_mode: bool,
) -> Outcome:
    """Make the settings be as the task says.

    Raises:
        Failure: they cannot be so, or did not become so
    """
    wanted = desired(description.properties, given, validated)
    row = settings.read(wanted)
    settings.check_release(description.properties, wanted, row)
    lists = validated.get("lists") or REPLACE
    wanted = settings.references.resolved(wanted, row, gone=taken_out(lists, description.properties))
    check_fixed_items(description.properties, wanted, row, settings.pbx)
    spared = None
    if validated.get("update_secrets") == "on_create":
        spared = partial(without_held, description.properties)
    return change(settings, description, row, Declaration(description.properties, wanted, lists, spared), check_mode)


def shown(settings: Singleton, description: SettingsDescription, validated: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they are.

    Raises:
        Failure: they cannot be read
    """
    row = settings.read({})
    if not description.changeable:
        row.pop("@odata.etag", None)  # there is nothing to give it to
    return entity(description, row, reveal=bool(validated.get("reveal_secrets")))
