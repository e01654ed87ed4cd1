"""Many objects of one kind removed by one request, where the PBX offers that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.access.target import LISTED_IN, lists_of
from pbx_as_code.engine.report.failures import Context
from pbx_as_code.engine.task import explained

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient

    from pbx_as_code.engine.connection import Connection

_ACTIONS: Final[Mapping[str, str]] = {
    "BlackListNumbers": "Pbx.BulkNumbersDelete",
    "Blocklist": "Pbx.BulkIpsDelete",
    "Contacts": "Pbx.DeleteContactsById",
    "Fax": "Pbx.BulkFaxDelete",
    "InboundRules": "Pbx.BulkInboundRulesDelete",
    "Users": "Pbx.BatchDelete",
    "WebsiteLinks": "Pbx.BulkLinksDelete",
}
"""By entity set: the action that takes `ids`."""
MOST: Final = 100
"""Objects of one request. No document says how many a PBX takes; its admin console sends one page."""


def offered(about: EntityDescription) -> bool:
    """Whether objects of a kind can be removed by one request."""
    return about.entity_set in _ACTIONS


def remove_many(
    about: EntityDescription, keys: Sequence[Any], client: XapiClient, connection: Connection
) -> dict[str, str]:
    """Remove objects by their keys, without ETags: the caller has just read them.

    Parameters:
        about: their kind
        keys: at most MOST of them
        client: of the PBX
        connection: how it is reached, for messages

    Returns:
        reasons of those that the PBX says it did not remove, by number; read the list again to know which are left

    Raises:
        PbxError: the request was refused, or nobody knows what became of it
    """
    path = f"/{about.entity_set}/{_ACTIONS[about.entity_set]}"
    what = f"{len(keys)} {about.plural.replace('_', ' ')}"
    with (
        lists_of(client.base_url, LISTED_IN.get(about.entity_set), what),
        explained(lambda: Context(about, connection, client.base_url, "remove", what, path)),
    ):
        answer = client.request("POST", path, json={"ids": list(keys)})
    said = answer.json() if answer.content.strip() else None
    rows = said.get("value") if isinstance(said, Mapping) else None
    return {
        str(row.get("ExtensionNumber")): str(row.get("Error"))
        for row in rows or () if isinstance(row, Mapping)
    }  # fmt: skip
