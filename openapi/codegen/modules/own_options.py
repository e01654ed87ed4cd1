"""Names of options that every module has. The matrix imports them without the tools of the generator."""

from __future__ import annotations

import yaml

from ansible_collection.plugins.doc_fragments.connection import ModuleDocFragment

#: Options every module has, which no property may be called like: those of the connection, and those of the modules.
CONNECTION = frozenset(yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"])
OWN_OPTIONS = (
    "state", "if_match", "etag", "update_secrets", "filter", "search", "order_by", "limit", "reveal_secrets", "lists",
    "rename", "expand", "wait", "wait_timeout", "start_date", "end_date",
)  # fmt: skip
