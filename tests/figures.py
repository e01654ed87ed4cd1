"""Figures that tests count and print at the end of a run, such as faults tried and updates lost.

``record("faults x states tried", 1)`` adds up over every test and every worker of pytest-xdist; the sums come after the
last line of a run, a zero too, where it was recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

#: The name under which the workers of pytest-xdist hand over what they have counted.
SHARED = "figures"
_counted: Counter[str] = Counter()


def record(what: str, n: int = 1) -> None:
    """Count something.

    Parameters:
        what: what is counted, as it is printed: "faults x states tried"
        n: how many; 0 is worth recording where none is the news
    """
    _counted[what] += n


def counted() -> dict[str, int]:
    """Return the figures counted in this process."""
    return dict(_counted)


def add(others: Mapping[str, int]) -> None:
    """Add the figures counted in another process."""
    for what, n in others.items():
        record(what, n)


def lines() -> list[str]:
    """Return the lines to print, one per figure, sorted by name."""
    return [f"{what}: {n:,}" for what, n in sorted(_counted.items())]
