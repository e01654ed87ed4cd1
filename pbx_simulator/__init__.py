"""A simulated PBX for demos and tests, driven by the XAPI v1 document. `with SimulatedPbx() as pbx: pbx.url`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .command import missing_packages

if TYPE_CHECKING:
    from .faults.fault import Gate
    from .faults.plan import PlanError
    from .faults.when import When
    from .fleet import SimulatedFleet
    from .http.guard import ExposedWarning
    from .http.log import LoggedRequest
    from .pbx import SimulatedPbx
    from .seeds.adaptation import SeedWarning
    from .seeds.seed import SeedError
    from .traits import AS_SEEN, STRICT_ODATA, TRAITS, TraitError

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
    "ExposedWarning": "http.guard",
    "Gate": "faults.fault",
    "LoggedRequest": "http.log",
    "PlanError": "faults.plan",
    "SeedError": "seeds.seed",
    "SeedWarning": "seeds.adaptation",
    "SimulatedFleet": "fleet",
    "SimulatedPbx": "pbx",
    "When": "faults.when",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if missing := missing_packages():
        raise ImportError(missing)
    found = getattr(importlib.import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
