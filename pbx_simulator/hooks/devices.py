"""Gateways, border controllers and call flow apps: what a new one has. The secrets are invented."""

from __future__ import annotations

from pbx_simulator.model.document import Json
from pbx_simulator.state.store import Store

from .registry import filling


@filling("Fxs")
def fill_gateway(_store: Store, row: Json, _given: Json) -> Json:
    mac = row["MacAddress"]
    return {"Password": f"invented-web-{mac}", "Secret": f"invented-secret-{mac}"}


@filling("Sbcs")
def fill_border_controller(_store: Store, row: Json, _given: Json) -> Json:
    name = row["Name"]
    return {"Password": f"invented-sbc-{name}", "ProvisionLink": f"https://pbx.example.com/sbc/invented-{name}"}


@filling("CallFlowApps")
def fill_app(_store: Store, _row: Json, _given: Json) -> Json:
    return {"CompilationSucceeded": True, "InvalidScript": False, "IsRegistered": False, "RoutingType": "DialCode"}
