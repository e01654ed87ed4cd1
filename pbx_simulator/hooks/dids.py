"""Trunk.DidNumbers is the list, and DidNumbers has a row for each: what is written to one shows in the other."""

from __future__ import annotations

from pbx_simulator.model.document import Json
from pbx_simulator.state.store import Store

from .registry import written


@written("Trunks")
def of_trunk(store: Store, old: Json, new: Json) -> None:
    before, after = old.get("DidNumbers") or [], new.get("DidNumbers") or []
    if before is after or before == after or "DidNumbers" not in store.routes.sets:
        return
    trunk = (new or old)["Id"]
    for number in before:
        row = store.get("DidNumbers", number)
        if number not in after and row is not None and row.data.get("TrunkId") == trunk:
            store.remove("DidNumbers", number)
    template = (new.get("Gateway") or {}).get("TemplateFilename")
    for number in after:
        if store.get("DidNumbers", number) is None:
            row_of = {**store.blank("DidNumbers"), "Number": number, "TrunkId": trunk, "TemplateFileName": template}
            store.insert("DidNumbers", row_of)


@written("DidNumbers")
def of_did(store: Store, old: Json, new: Json) -> None:
    for row, there in ((old, False), (new, True)):
        trunk = store.get("Trunks", row.get("TrunkId")) if row and "Trunks" in store.routes.sets else None
        if trunk is None or (not there and new.get("TrunkId") == row.get("TrunkId")):
            continue
        numbers = trunk.data.get("DidNumbers") or []
        if there != (row["Number"] in numbers):
            changed = [*numbers, row["Number"]] if there else [one for one in numbers if one != row["Number"]]
            store.change("Trunks", trunk.data["Id"], {"DidNumbers": changed})
