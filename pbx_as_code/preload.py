"""Import what the tasks of a process need before it forks: each worker has it then."""

from __future__ import annotations

from importlib import import_module

from pbx_as_code.entities import NAMES, description

#: Modules that only some tasks need, imported on use.
_LATER = (
    "pbx_as_code.config.collection.module",
    "pbx_as_code.engine.access.listing",
    "pbx_as_code.engine.access.parent_scope",
    "pbx_as_code.engine.operation.operation",
    "pbx_as_code.engine.write.absent",
    "pbx_as_code.engine.write.action_settings",
    "pbx_as_code.engine.write.create_action",
    "pbx_as_code.engine.write.other_spellings",
    "pbx_as_code.engine.write.service_control",
    "pbx_as_code.engine.write.settings",
    "uuid",
    "xml.sax.saxutils",
)


def preload() -> None:
    """Import them, and what the client needs for its first request."""
    for name in _LATER:
        import_module(name)
    for name in NAMES:
        description(name)
    import_module("threecx_xapi.preload").preload()
