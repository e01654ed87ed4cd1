"""Trunks: secrets that are invented, and the rules that name a trunk."""

from __future__ import annotations

from typing import Any

from pbx_simulator.model.document import Json
from pbx_simulator.state.references import show_peer, shown_with
from pbx_simulator.state.store import Store

from .registry import filling, gone, renamed


@filling("Trunks")
def fill(_store: Store, row: Json, _given: Json) -> Json:
    return {
        "AuthPassword": {"Value": f"invented-trunk-{row['Number']}", "Concealed": False},
        "Direction": "Both",
        "EnableInboundCalls": True,
        "EnableOutboundCalls": True,
        "IsOnline": False,
    }


@renamed("Trunks")
def show_name(store: Store, row: Json, called: str) -> None:
    """Routes and inbound rules name their trunk."""
    _routes(store, row["Id"], {"TrunkName": called})
    show_peer(store, "InboundRules", "TrunkDN", row.get("Number"), {"Name": called})


@gone("Trunks")
def leave_rules(store: Store, row: Json) -> None:
    """A route without its trunk shows -1."""
    _routes(store, row["Id"], {"TrunkId": -1, "TrunkName": ""})


def _routes(store: Store, trunk: Any, shown: Json) -> None:
    for rule in list(store.rows("OutboundRules")):
        routes = rule.data.get("Routes") or []
        if any(route.get("TrunkId") == trunk for route in routes):
            store.change("OutboundRules", rule.data["Id"], {"Routes": shown_with(routes, "TrunkId", trunk, shown)})
