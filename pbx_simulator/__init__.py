"""A simulated PBX for demos and tests, driven by the XAPI v1 document. `with SimulatedPbx() as pbx: pbx.url`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adaptation import SeedWarning
    from .faults import Gate
    from .fleet import SimulatedFleet
    from .guard import ExposedWarning
    from .log import LoggedRequest
    from .plan import PlanError
    from .seed import SeedError
    from .server import SimulatedPbx
    from .traits import AS_SEEN, STRICT_ODATA, TRAITS, TraitError
    from .when import When

__all__ = [
    "AS_SEEN",
    "STRICT_ODATA",
    "TRAITS",
    "ExposedWarning",
    "Gate",
    "LoggedRequest",
    "PlanError",
    "SeedError",
    "SeedWarning",
    "SimulatedFleet",
    "SimulatedPbx",
    "TraitError",
    "When",
]

#: Module of each exported name. They are imported when first asked for: the command must start without the packages
#: they need.
_PLACES = {
    **dict.fromkeys(("AS_SEEN", "STRICT_ODATA", "TRAITS", "TraitError"), "traits"),
    "ExposedWarning": "guard",
    "Gate": "faults",
    "LoggedRequest": "log",
    "PlanError": "plan",
    "SeedError": "seed",
    "SeedWarning": "adaptation",
    "SimulatedFleet": "fleet",
    "SimulatedPbx": "server",
    "When": "when",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
