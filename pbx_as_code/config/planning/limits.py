"""How much a plan may remove before somebody has to say that it is meant."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil

from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.planning.operations import Doing, Plan


@dataclass(frozen=True)
class Limits:
    """Limits of removals in one plan; a replaced object counts as removed."""

    objects: int = 10
    """Objects of all kinds together."""
    percent: int = 30
    """Share of the objects of one kind that the PBX has."""
    of_more_than: int = 10
    """The share counts for kinds with more objects than this."""


def exceeded(plan: Plan, limits: Limits) -> list[str]:
    """Each limit that a plan exceeds, as a sentence with the count and the limit; none where it keeps to them."""
    removed = Counter(one.kind for one in plan.operations if one.doing is Doing.REMOVE)
    found = []
    total = sum(removed.values())
    if total > limits.objects:
        found.append(f"{total} objects would be removed; the limit is {limits.objects}.")
    for kind, count in sorted(removed.items()):
        there = plan.totals.get(kind, count)
        share = 100 * count / there if there else 100.0
        if there > limits.of_more_than and share > limits.percent:
            plural = KINDS[kind].section.replace("_", " ")
            found.append(f"{count} of {there} {plural} ({ceil(10 * share) / 10:g} %) would be removed; the limit is "
                         f"{limits.percent} % of a kind with more than {limits.of_more_than} objects.")  # fmt: skip
    return found
