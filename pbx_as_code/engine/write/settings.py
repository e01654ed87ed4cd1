"""What the module of a singleton does, and its _info module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from pbx_as_code.description import SettingsDescription
from pbx_as_code.engine.access.pbx import Singleton
from pbx_as_code.engine.compare.fixed_items import check_fixed_items
from pbx_as_code.engine.compare.list_modes import REPLACE, taken_out
from pbx_as_code.engine.options.declaration import Declaration
from pbx_as_code.engine.options.desired import desired
from pbx_as_code.engine.options.secrets import without_held
from pbx_as_code.engine.report.outcome import Outcome
from pbx_as_code.engine.report.results import entity
from pbx_as_code.engine.write.change import change


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
    return entity(settings.showable(description), row, reveal=bool(validated.get("reveal_secrets")))
