"""Measure how time and memory grow with the number of items and hosts. Both should grow linearly.

Items: one task loops over an increasing number of faxes that no longer exist, on a PBX without faxes, so the rows read
ahead are an empty list (tasks.py loops over a PBX with a thousand faxes). Hosts: three tasks run on an increasing
number of PBXs with forks=20. The time of a play with nothing to do is subtracted, and the rest is divided by the number
of items or hosts. The cost of the first one (connection, sign-in) is part of the figure for one. Memory is the peak of
the controller process, without the workers it forks. The controller keeps the result of every item and host until the
play ends, whatever the module, so the figure is the memory that each additional item or host keeps. For comparison,
each series is also measured with `ansible.builtin.debug`, which sends no request.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from tests.bench.figures import Figure, Findings, Growth, Line, spread
from tests.bench.pbx import fleet, seed, started
from tests.bench.playbooks.hosts import TASKS, inventory_of, signing_in
from tests.bench.playbooks.plays import Controller, Ran, controller_of, looped
from tests.bench.playbooks.tasks import ours
from tests.bench.progress import step

RUNS = 3
ITEMS, HOSTS = (1, 10, 100, 1000, 10_000), (1, 10, 50, 100, 200, 500)
#: From so many on, Ansible's own share is measured once: it is there to be seen beside ours, and takes minutes.
ITEMS_ONCE, HOSTS_ONCE = 1000, 200
FORKS = 20
#: From here on nothing is left of what only the first one costs, and all forks are busy.
ITEMS_SINCE, HOSTS_SINCE, FACTOR = 100, 50, 1.5
OURS = "threecx.xapi"
NOTHING = "    - ansible.builtin.debug: {msg: gone}\n"
Play = Callable[[int], Ran]


def measure() -> Findings:
    """Both."""
    findings = _items()
    findings += _hosts()
    return findings


def _items() -> Findings:
    with started(seed("one", {})) as pbx:
        controller = controller_of(pbx, "growth_items")

        def loop(task: str) -> Play:
            # All numbers differ from one another and none is there.
            return lambda count: controller.run(looped(task, f"range(20000, {20000 + count}) | list"))

        plays = {OURS: loop(ours("{{ item }}")), "ansible.builtin.debug": loop(NOTHING)}
        ran = _grow(plays, ITEMS, "items", ITEMS_ONCE)
    return _panels(ran, "items", "item", ITEMS_SINCE)


def _hosts() -> Findings:
    step("starting 500 PBXs")
    with fleet(max(HOSTS), seed("one", {})) as pbxs:
        inventory = inventory_of(pbxs)
        controller = Controller("growth_hosts", signing_in())

        def over(tasks: str) -> Play:
            def play(count: int) -> Ran:
                # None of the hosts has anything to do where there are to be none: what Ansible takes to begin with.
                hosts = dict(list(inventory.items())[: max(count, 1)])
                return controller.run(tasks if count else "    - meta: noop\n", inventory=hosts, forks=FORKS)

            return play

        plays = {OURS: over(TASKS), "ansible.builtin.debug": over(NOTHING * 3)}
        ran = _grow(plays, HOSTS, "hosts", HOSTS_ONCE)
    return _panels(ran, "hosts", "host", HOSTS_SINCE)


def _grow(plays: Mapping[str, Play], counts: Sequence[int], of: str, once: int) -> dict[str, dict[int, list[Ran]]]:
    ran: dict[str, dict[int, list[Ran]]] = {name: {} for name in plays}
    for count in (0, *counts):
        for number in range(RUNS):
            for name, play in plays.items():
                if number == 0 or name == OURS or count < once:
                    step(f"{name}: {count:,} {of}, {number + 1} of {RUNS}")
                    ran[name].setdefault(count, []).append(play(count))
    return ran


def _panels(ran: Mapping[str, Mapping[int, Sequence[Ran]]], of: str, one: str, since: int) -> Findings:
    each = Growth(f"time for each {one}", of, "ms", first="the first one connects and signs in")
    memory = Growth("memory of the controller", of, "MB")
    figures = []
    for name, sizes in ran.items():
        idle = statistics.median(run.seconds for run in sizes[0])
        counts = [count for count in sizes if count]
        spent = [(n, (statistics.median(run.seconds for run in sizes[n]) - idle) / n * 1000) for n in counts]
        peaks = [(n, statistics.median(run.peak for run in sizes[n])) for n in counts]
        each.lines.append(Line(name, spent, "ms"))
        memory.lines.append(Line(name, peaks, "MB"))
        kept = Line(name, _further(peaks, since), "kB")
        last, runs = counts[-1], len(sizes[counts[-1]])
        if name != OURS:
            figures += [
                Figure(f"  {name}, the same", spent[-1][1], "ms", runs, side=name),
                Figure(f"  {name}, memory of the controller", peaks[-1][1], "MB", runs, side=name),
                Figure(f"  {name}, of it kept for each further {one}", kept.points[-1][1], "kB", runs, side=name),
            ]
            continue
        figures += [
            Figure(f"growth: time for each of {last:,} {of}", spent[-1][1], "ms", runs, side=name),
            _flat(f"  most by least, from {since:,} to {last:,} {of}", each.lines[-1], since),
            Figure("  memory of the controller", peaks[-1][1], "MB", runs, side=name),
            Figure(f"  of it kept for each further {one}", kept.points[-1][1], "kB", runs, side=name),
            _flat(f"  most by least, from {since:,} to {last:,} {of}", kept, since),
        ]
    return Findings(figures, [each, memory])


def _further(peaks: Sequence[tuple[int, float]], since: int) -> list[tuple[int, float]]:
    """Memory in kB that each additional item or host has added, between one number of them and the next."""
    counted = [point for point in peaks if point[0] >= since]
    return [(more, (high - low) / (more - few) * 1000) for (few, low), (more, high) in pairwise(counted)]


def _flat(what: str, line: Line, since: int) -> Figure:
    return Figure(what, spread(line, since), "x", 1).aim(f"<= {FACTOR}x (flat)", lambda v: v <= FACTOR)
