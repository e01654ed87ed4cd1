"""The sequence of places of a graph: edges hold, and weak ones give way in a circle only."""

from __future__ import annotations

from random import Random

from pbx_as_code.config.planning.sorting import in_sequence


def test_a_place_that_waits_for_a_circle_goes_on_waiting() -> None:
    # 0 needs 1, 1 should come after 2, 2 needs 0: 1 gives way, although 3, which should follow 0, has priority
    assert in_sequence([{1}, set(), {0}, set()], [set(), {2}, set(), {0}], [(5,), (9,), (5,), (1,)]) == [1, 0, 3, 2]


def test_needs_always_hold_and_weak_edges_without_circles_too() -> None:
    dice = Random(7)
    for _ in range(300):
        many = dice.randint(1, 12)
        line = dice.sample(range(many), many)
        needs: list[set[int]] = [set() for _ in range(many)]
        weak: list[set[int]] = [set() for _ in range(many)]
        for _ in range(dice.randint(0, 2 * many)):
            before, after = sorted(dice.sample(range(many), 2), key=line.index) if many > 1 else (0, 0)
            if before != after:
                dice.choice((needs, weak))[after].add(before)
        against = dice.random() < 0.5
        for _ in range(many if against and many > 1 else 0):
            one, other = dice.sample(range(many), 2)
            weak[one].add(other)
        found = in_sequence(needs, weak, [(dice.randint(0, 3), place) for place in range(many)])
        assert sorted(found) == list(range(many))
        for edges in (needs,) if against else (needs, weak):
            assert all(found.index(before) < found.index(n) for n, places in enumerate(edges) for before in places)
