"""Fax extensions: the fax server stays. The secret is invented."""

from __future__ import annotations

from pbx_simulator.errors import warning
from pbx_simulator.model.document import Json
from pbx_simulator.state.store import Store

from .registry import deleting, filling


@filling("Fax")
def fill(_store: Store, row: Json, _given: Json) -> Json:
    number = row["Number"]
    return {"AuthID": f"fax{number}", "AuthPassword": f"invented-fax-{number}", "FaxServer": False}


@deleting("Fax")
def refuse(_store: Store, row: Json) -> None:
    """The fax server cannot be removed."""
    if row.get("FaxServer"):
        raise warning("WARNINGS.FAX_SERVER_CANNOT_BE_DELETED", None)
