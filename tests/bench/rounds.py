"""Taking turns: a busy moment of the machine hits every side of a comparison, not the one that happened to run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import TypeVar

from tests.bench.progress import step

Side = TypeVar("Side")
Measure = Callable[[], float]


def interleave(sides: Mapping[Side, Measure], runs: int, *, warm: int = 0) -> dict[Side, list[float]]:
    """Measure every side `runs` times, in turn.

    warm: rounds before that which do not count: what writes byte code, fills caches, opens connections.
    """
    found: dict[Side, list[float]] = {side: [] for side in sides}
    for number in range(warm + runs):
        for side, measure in sides.items():
            step(f"{side}, {number + 1 - warm} of {runs}" if number >= warm else f"{side}, warming up")
            value = measure()
            if number >= warm:
                found[side].append(value)
    return found


def medians(found: Mapping[Side, list[float]]) -> dict[Side, float]:
    """The median of each side."""
    return {side: statistics.median(values) for side, values in found.items()}
