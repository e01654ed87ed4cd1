"""Which of the requests a fault is about it meets."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class When:
    """Which of the matching requests, the first one being 1; everything that is given has to hold.

    n: exactly these; every: every n-th request; first, last: from and to, both included; probability: by chance, above
    0 and at most 1.
    """

    n: tuple[int, ...] = ()
    every: int | None = None
    first: int | None = None
    last: int | None = None
    probability: float | None = None

    def __post_init__(self) -> None:
        for name, number in (("every", self.every), ("from", self.first), ("to", self.last)):
            if number is not None and not _counts(number):
                raise ValueError(f"{name} is a whole number from 1 on, not {number!r}")
        if not isinstance(self.n, tuple) or not all(map(_counts, self.n)):
            raise ValueError(f"n is a whole number from 1 on, or a list of them, not {self.n!r}")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise ValueError(f"to ({self.last}) comes before from ({self.first})")
        chance = self.probability
        number = isinstance(chance, int | float) and not isinstance(chance, bool)
        if chance is not None and not (number and 0 < chance <= 1):
            raise ValueError(f"probability is a number above 0 and at most 1, not {chance!r}")

    def meets(self, count: int, dice: random.Random) -> bool:
        """Whether the count-th request is one of them. The dice are thrown for each, so that a run can be repeated."""
        thrown = dice.random() if self.probability is not None else 0.0
        return (
            (not self.n or count in self.n)
            and (self.every is None or count % self.every == 0)
            and (self.first is None or count >= self.first)
            and (self.last is None or count <= self.last)
            and (self.probability is None or thrown < self.probability)
        )


def _counts(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 1


#: Every one there is.
ALWAYS = When()
