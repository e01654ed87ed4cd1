"""Holidays: with some traits each needs a department, and a second one of the same name breaks the service."""

from __future__ import annotations

from pbx_simulator.errors import NOT_FOUND, REQUIRED, empty_500, warning
from pbx_simulator.model.document import Json
from pbx_simulator.state.store import Store

from .registry import creating, updating


@creating("Holidays")
def check_new(store: Store, given: Json) -> None:
    """Refuse a holiday without a department, and a second one, as the traits say."""
    _check_department(store, given)
    if "duplicate-holiday-500" in store.traits and store.find("Holidays", "Name", given.get("Name")) is not None:
        raise empty_500()


@updating("Holidays")
def check_changed(store: Store, _old: Json, changes: Json) -> None:
    """Refuse to take a holiday its department."""
    if "Group" in changes:
        _check_department(store, changes)


def _check_department(store: Store, given: Json) -> None:
    if "holiday-needs-group" not in store.traits:
        return
    if not given.get("Group"):
        raise warning(REQUIRED, "Group")
    if store.find("Groups", "Number", given["Group"]) is None:
        raise warning(NOT_FOUND, "Group")
