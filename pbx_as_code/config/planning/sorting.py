"""The sequence of places of a graph, some of whose edges give way where they close a circle."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any


def in_sequence(
    needs: Sequence[Collection[int]], weak: Sequence[Collection[int]], priorities: Sequence[tuple[Any, ...]]
) -> list[int]:
    """Put places in a sequence: the one with the lowest priority of those that wait for nothing is the next one.

    Parameters:
        needs: places that must come before each place; they close no circle
        weak: places that should come before it; where they close a circle, one place of this circle comes earlier
        priorities: of each place, all different
    """
    waits = [{*must, *should} for must, should in zip(needs, weak, strict=True)]
    following: dict[int, list[int]] = defaultdict(list)
    for place, before in enumerate(waits):
        for one in before:
            following[one].append(place)
    left = [len(before) for before in waits]
    ready = [(priorities[place], place) for place, count in enumerate(left) if count == 0]
    heapq.heapify(ready)
    done: dict[int, None] = {}
    while len(done) < len(waits):
        if not ready:
            ready = [min((priorities[place], place) for place in _giving_way(needs, waits, done))]
        place = heapq.heappop(ready)[-1]
        if place in done:
            continue
        done[place] = None
        for after in following[place]:
            left[after] -= 1
            if left[after] == 0:
                heapq.heappush(ready, (priorities[after], after))
    return list(done)


def _giving_way(needs: Sequence[Collection[int]], waits: Sequence[set[int]], done: dict[int, None]) -> list[int]:
    """Places that wait for each other and for nothing else, and that weak edges alone hold back."""
    place = next(place for place in range(len(waits)) if place not in done)
    circle = _awaited(place, waits, done)
    while (other := next((one for one in circle if place not in _awaited(one, waits, done)), None)) is not None:
        place, circle = other, _awaited(other, waits, done)
    return [one for one in circle if done.keys() >= {*needs[one]}]


def _awaited(place: int, waits: Sequence[set[int]], done: dict[int, None]) -> set[int]:
    """Everything a place waits for, directly or not: itself as well, if it is in a circle."""
    found: set[int] = set()
    further = [place]
    while further:
        new = waits[further.pop()] - done.keys() - found
        found |= new
        further += new
    return found
