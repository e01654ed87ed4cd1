"""Proposed numbers, and pre-filled entities to POST back."""

from __future__ import annotations

from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.errors import NO_MORE_NUMBERS, NOT_FOUND, warning
from pbx_simulator.http.exchange import Call
from pbx_simulator.model.document import Json
from pbx_simulator.state import defaults

from .registry import NAMED, does


def _propose(call: Call, _: Any) -> Json:
    name = knowledge.FIRST_AVAILABLE[call.operation.name]
    return {"Number": _free(call, name)}


for _function, _set in knowledge.FIRST_AVAILABLE.items():
    NAMED[_set, _function] = _propose


@does("Fax", "InitFax")
def init_fax(call: Call, _: Any) -> Json:
    """A fax extension to POST back, with the next free number."""
    number = _free(call, "Fax")
    # A client that posts it back may choose another number and ask again: the same id would then be used twice.
    return _prefilled(call, "Fax", {"Number": number, "AuthID": f"fax{number}-{call.store.next_id('Fax')}"})


@does("Trunks", "InitTrunk")
def init_trunk(call: Call, _: Any) -> Json:
    """A trunk after a provider's template.

    Raises:
        Refusal: 404 where there is no such template.
    """
    template = call.store.get("TrunkTemplates", call.arguments["template"])
    if template is None:
        raise warning(NOT_FOUND, "template", 404)
    gateway = {
        "Name": template.data.get("Name"),
        "Port": template.data.get("DefaultRegistrarPort"),
        "TemplateFilename": template.data["Id"],
        "Type": "Provider",
    }
    return _prefilled(call, "Trunks", {"Number": _free(call, "Trunks"), "Gateway": gateway})


@does("Trunks", "InitMasterBridge", "InitSlaveBridge")
def init_bridge(call: Call, _: Any) -> Json:
    """One end of a bridge between two PBXs."""
    end = "BridgeMaster" if call.operation.name == "InitMasterBridge" else "BridgeSlave"
    return _prefilled(call, "Trunks", {"Number": _free(call, "Trunks"), "Gateway": {"Type": end}})


def _free(call: Call, name: str) -> str:
    number = call.store.free_number(name, call.store.default_group())
    if number is None:
        raise warning(NO_MORE_NUMBERS, "Number")
    return number


def _prefilled(call: Call, name: str, given: Json) -> Json:
    return defaults.complete(call.store, name, {**call.store.blank(name), **given}, given)
