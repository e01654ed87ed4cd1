"""Results of a benchmark: single figures, some with a target, and series by number of items or hosts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

#: Decimals shown, by unit; one for all others.
DECIMALS = {"lines": 0, "modules": 0, "sign-ins": 0, "requests": 0, "x": 2, "s": 2, "hosts/s": 1}


@dataclass
class Figure:
    """One measured figure, the median of `runs`; `value` in `unit`, None where `note` says why there is none.

    side: which of several things compared it is of, the same word in the whole report; empty where nothing is compared.
    """

    what: str
    value: float | None
    unit: str
    runs: int
    target: str = ""
    met: bool | None = None
    side: str = ""
    note: str = ""

    def aim(self, words: str, test: Callable[[float], bool]) -> Figure:
        """Say what is aimed at, and whether it is reached.

        It is not by what could not be measured, nor by a difference that is nothing or less: that is noise.
        """
        self.target, self.met = words, self.value is not None and self.value > 0 and test(self.value)
        return self

    def shown(self) -> str:
        """The figure for people."""
        if self.value is None:
            return "-"
        return f"{self.value:,.{DECIMALS.get(self.unit, 1)}f} {self.unit}"


@dataclass
class Line:
    """How something grows: `points` of (how many, how much), each a median; `unit` of how much."""

    name: str
    points: list[tuple[int, float]]
    unit: str


@dataclass
class Growth:
    """One panel of the growth chart: lines over the same number of something, such as `items`.

    first: what is to be said of the first point of our line.
    """

    title: str
    over: str
    unit: str
    lines: list[Line] = field(default_factory=list)
    first: str = ""


@dataclass
class Findings:
    """Results of a group of benchmarks."""

    figures: list[Figure] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)

    def __iadd__(self, other: Findings) -> Findings:
        self.figures += other.figures
        self.growth += other.growth
        return self


def missing(what: str, why: str, side: str = "") -> Figure:
    """The row of something that cannot be measured here: it is seen, and the run goes on."""
    return Figure(what, None, "", 0, side=side, note=why)


def spread(line: Line, since: int) -> float | None:
    """How far the points from `since` on lie apart: the largest by the smallest. 1 is flat; None
    where it is all noise.
    """
    counted = [value for many, value in line.points if many >= since]
    return max(counted) / min(counted) if min(counted) > 0 else None
