"""The state of the PBX: what is counted, objects that are hidden from the client included."""

from __future__ import annotations

from pbx_simulator import knowledge
from pbx_simulator.model.document import Json
from pbx_simulator.state.store import Store

from .registry import counted


@counted("SystemStatus")
def totals(store: Store) -> Json:
    """Numbers of extensions and trunks. Real systems were seen to count a trunk that they did not list."""
    hidden = knowledge.HIDDEN_TOTALS if "hidden-objects" in store.traits else {}
    return {
        prop: sum(1 for _ in store.rows(name)) + hidden.get(prop, 0)
        for prop, name in (("ExtensionsTotal", "Users"), ("TrunksTotal", "Trunks"))
    }
