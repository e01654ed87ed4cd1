"""What a task costs that does not run in the controller: the same module, shipped, against one that does nothing.

A task with an `environment` of its own (as with become, async or another connection) runs in a Python of its own:
Ansible packs the module, starts the interpreter and waits. The least that can cost is measured by a module that imports
httpx and ends. Both are run by a Python that has the client and nothing of the tools of development.
"""

from __future__ import annotations

from tests.bench import scratch
from tests.bench.figures import Figure, Findings
from tests.bench.pbx import seed, started
from tests.bench.plays import controller_of, marginal
from tests.bench.rounds import interleave
from tests.bench.tasks import GONE, ours

RUNS, TASKS = 3, 8
#: Whatever it sets: that there is something to set is what makes it a process of its own.
ENVIRONMENT = "      environment: {BENCH: shipped}\n"
EMPTY = "    - bench_empty: {}\n" + ENVIRONMENT


def measure() -> Findings:
    """Both, in turn."""
    python = str(scratch.managed())
    with started(seed("one", {})) as pbx:
        controller = controller_of(pbx, "shipped", ANSIBLE_PYTHON_INTERPRETER=python)

        def play(count: int) -> float:
            return controller.run("".join(ours(GONE.format(n)) + ENVIRONMENT for n in range(count))).seconds

        found = interleave(
            {
                f"{TASKS} tasks, shipped": lambda: play(TASKS + 1),
                "1 task, shipped": lambda: play(1),
                f"{TASKS} empty modules": lambda: controller.run(EMPTY * (TASKS + 1)).seconds,
                "1 empty module": lambda: controller.run(EMPTY).seconds,
            },
            RUNS,
        )
    many, few, empty_many, empty_few = found.values()
    own, other = marginal(many, few, TASKS), marginal(empty_many, empty_few, TASKS)
    return Findings(
        [
            Figure("a task shipped as a module (not in the controller)", own, "ms", RUNS, side="threecx.xapi"),
            Figure("  an empty module that imports httpx", other, "ms", RUNS, side="an empty module"),
            Figure("  by the empty module", own / other, "x", RUNS).aim("<= 1.15x", lambda v: v <= 1.15),
        ]
    )
