"""The names of the connection options, read where they are documented: the doc fragment of the collection."""

from __future__ import annotations

import yaml

from ansible_collection.plugins.doc_fragments.connection import ModuleDocFragment


def connection_options() -> frozenset[str]:
    """Return the names that no property of an entity may take as its option."""
    fragment = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)
    return frozenset(fragment["options"])
