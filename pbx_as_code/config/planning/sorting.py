"""The sequence of places of a graph, some of whose edges give way where they close a circle."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from typing import Any


def in_sequence(
    needs: Sequence[Collection[int]], weak: Sequence[Collection[int]], priorities: Sequence[tuple[Any, ...]]
) -> list[int]:
    """Put places in a sequence: of those that wait for nothing, the one with the lowest priority is the next one.

    Parameters:
        needs: places that must come before each place; they close no circle
        weak: places that should come before it; where they close a circle, one place of this circle comes earlier
        priorities: of each place; of equal ones, the first place comes first
    """
    waits = [{*must, *should} for must, should in zip(needs, weak, strict=True)]
    following: list[set[int]] = [set() for _ in waits]
    for place, before in enumerate(waits):
        for one in before:
            following[one].add(place)
    left = [len(before) for before in waits]
    ready = [(priorities[place], place) for place, count in enumerate(left) if count == 0]
    heapq.heapify(ready)
    done: dict[int, None] = {}
    while len(done) < len(waits):
        if not ready:
            ready = [min((priorities[place], place) for place in _giving_way(needs, waits, following, done))]
        place = heapq.heappop(ready)[-1]
        if place in done:
            continue
        done[place] = None
        for after in following[place]:
            left[after] -= 1
            if left[after] == 0:
                heapq.heappush(ready, (priorities[after], after))
    return list(done)


def _giving_way(
    needs: Sequence[Collection[int]], waits: Sequence[set[int]], following: Sequence[set[int]], done: Collection[int]
) -> list[int]:
    """Places that wait for each other and for nothing else, and that weak edges alone hold back."""
    place = next(place for place in range(len(waits)) if place not in done)
    while True:
        awaited = _reached(place, waits, done)
        others = awaited - _reached(place, following, done)
        if not others:
            return [one for one in awaited if all(need in done for need in needs[one])]
        place = min(others)


def _reached(place: int, edges: Sequence[set[int]], done: Collection[int]) -> set[int]:
    """Every place to which edges lead, directly or not: the first one as well, if it is in a circle."""
    found: set[int] = set()
    further = [place]
    while further:
        new = {one for one in edges[further.pop()] if one not in done and one not in found}
        found |= new
        further += new
    return found
