"""Several nodes: slices of a fleet, each by its own process with its own home; hosts per second and core.

The PBXs are simulated on this machine too, so the processor time of the controllers is what is counted: with slices a
node does the same for a host whether the fleet has 50 PBXs or 1,000.
"""

from __future__ import annotations

import os
import resource

from tests.bench.figures import Figure, Findings, Growth, Line, spread
from tests.bench.pbx import Pbx, fleet, seed
from tests.bench.playbooks.hosts import inventory_of, signing_in
from tests.bench.playbooks.plays import Controller
from tests.bench.playbooks.tasks import ours
from tests.bench.progress import step

#: Sizes of a fleet; NODES_SIZES, such as 20,40, measures others.
SIZES = tuple(int(size) for size in os.environ.get("NODES_SIZES", "50,200,1000").split(","))
SLICE = min(50, *SIZES)
"""PBXs a node visits in one run."""
FORKS = 10
TASKS = "".join(ours(f"8000{number}") for number in range(3))


def measure() -> Findings:
    """Hosts per second of processor time, by the size of the fleet."""
    points: list[tuple[int, float]] = []
    with fleet(max(SIZES), seed("one", {})) as pbxs:
        for size in SIZES:
            step(f"{size} PBXs in slices of {SLICE}")
            points.append((size, size / _processor_time(pbxs[:size])))
    line = Line("threecx.xapi", points, "hosts/s")
    figures = [
        Figure(f"{size} PBXs in slices of {SLICE}, 3 tasks each", value, "hosts/s", 1, side="threecx.xapi")
        for size, value in points
    ]
    flat = Figure("  largest by smallest of these", spread(line, min(SIZES)), "x", 1).aim(
        "<= 1.25x: flat", lambda value: value <= 1.25
    )
    return Findings(
        [*figures, flat], [Growth("Slices of a fleet on several nodes", "PBXs", "hosts/s per core", [line])]
    )


def _processor_time(pbxs: list[Pbx]) -> float:
    """Seconds of processor time that the controllers of all slices take."""
    spent = 0.0
    for number, first in enumerate(range(0, len(pbxs), SLICE)):
        some = inventory_of(pbxs[first : first + SLICE])
        controller = Controller(f"node{number}", signing_in())
        before = _children()
        controller.run(TASKS, inventory=some, forks=FORKS)
        spent += _children() - before
    return spent


def _children() -> float:
    """Seconds of processor time of all processes that ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
