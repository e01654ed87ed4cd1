"""Inbound and outbound rules: the trunks and departments they name."""

from __future__ import annotations

from pbx_simulator.checks import uniqueness
from pbx_simulator.errors import NOT_FOUND, warning
from pbx_simulator.model.document import Json
from pbx_simulator.state.naming import display_name, reference
from pbx_simulator.state.spelling import digits
from pbx_simulator.state.store import Store

from .registry import referring


@referring("OutboundRules")
def of_outbound(store: Store, changes: Json, _old: Json | None) -> None:
    """Routes name trunks and are shown with their names; so are departments."""
    if changes.get("Routes"):
        changes["Routes"] = [_route(store, route) for route in changes["Routes"]]
    if changes.get("GroupIds"):
        groups = [store.get("Groups", group) for group in changes["GroupIds"]]
        if any(group is None for group in groups):
            raise warning(NOT_FOUND, "GroupIds")
        changes["GroupNames"] = [str(group.data.get("Name")) for group in groups if group is not None]


@referring("InboundRules")
def of_inbound(store: Store, changes: Json, old: Json | None) -> None:
    """An inbound rule names its trunk by number or id; a new one that names none is of the trunk that has its DID."""
    given = changes.get("TrunkDN")
    if given:
        before = (old or {}).get("TrunkDN") or {}
        by_id = given.get("Number") == before.get("Number") and given.get("Id") != before.get("Id")
        trunk = store.get("Trunks", given.get("Id")) if by_id else store.find("Trunks", "Number", given.get("Number"))
        if trunk is None:
            raise warning(NOT_FOUND, "TrunkDN")
        changes["TrunkDN"] = {**given, **reference("Trunks", trunk.data)}
    elif old is None and changes.get("Condition") == "BasedOnDID":
        keys = uniqueness.holders(store, "Trunks", "DID", digits(changes.get("Data") or ""))
        trunk = next((row for key in keys if (row := store.get("Trunks", key)) is not None), None)
        if trunk is not None:
            changes["TrunkDN"] = reference("Trunks", trunk.data)


def _route(store: Store, route: Json) -> Json:
    """A route names its trunk by id; one whose trunk is gone shows -1."""
    if route.get("TrunkId") is None:
        return route
    trunk = store.get("Trunks", route["TrunkId"])
    if trunk is None:
        return {**route, "TrunkId": -1, "TrunkName": ""}
    return {**route, "TrunkName": display_name("Trunks", trunk.data)}
