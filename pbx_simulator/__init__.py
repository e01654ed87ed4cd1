"""A simulated PBX for demos and tests, driven by the XAPI v1 document. `with SimulatedPbx() as pbx: pbx.url`."""

from .faults import Gate
from .fleet import SimulatedFleet
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
    "Gate",
    "LoggedRequest",
    "PlanError",
    "SeedError",
    "SimulatedFleet",
    "SimulatedPbx",
    "TraitError",
    "When",
]
