"""Import what the tasks of a process need before it forks: each worker has it then."""

from __future__ import annotations

from importlib import import_module

#: Modules that only some tasks need, imported on use.
_LATER = (
    "engine.access.listing",
    "engine.access.parent_scope",
    "engine.operation.operation",
    "engine.write.absent",
    "engine.write.action_settings",
    "engine.write.create_action",
    "engine.write.service_control",
    "engine.write.settings",
)


def preload() -> None:
    """Import them, and what the client needs for its first request."""
    for name in _LATER:
        import_module(f"pbx_as_code.{name}")
    import_module("threecx_xapi.preload").preload()
