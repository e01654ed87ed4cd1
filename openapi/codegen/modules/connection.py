"""Names of options that no property of an entity may take: those of the connection, and those every module has."""

from __future__ import annotations

import yaml

from ansible_collection.plugins.doc_fragments.connection import ModuleDocFragment

#: Options every module has beside those of the connection and of its entity.
OWN_OPTIONS = (
    "state",
    "if_match",
    "etag",
    "update_secrets",
    "filter",
    "search",
    "order_by",
    "limit",
    "reveal_secrets",
    "lists",
    "rename",
    "expand",
    "wait",
    "wait_timeout",
    "start_date",
    "end_date",
)


def connection_options() -> frozenset[str]:
    """Return the names of the connection options, from the doc fragment that documents them."""
    fragment = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)
    return frozenset(fragment["options"])
