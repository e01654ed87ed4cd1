"""Measure a task that does not run in the controller: our module against a module that only sends one request.

A task with `environment` (like one with become, async or another connection) runs in a separate Python: Ansible packs
the module, starts the interpreter and waits. The minimum is measured with a module that sends one GET by httpx, as ours
does. The Python of both has the library installed, but no development tools.
"""

from __future__ import annotations

from tests.bench import scratch
from tests.bench.figures import Figure, Findings
from tests.bench.pbx import seed, started
from tests.bench.playbooks.plays import controller_of, marginal
from tests.bench.playbooks.tasks import GONE, ours
from tests.bench.rounds import interleave

RUNS, TASKS = 3, 8
#: Any variable will do: `environment` makes Ansible ship the module to a separate process.
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
            Figure("  an empty module that sends one GET by httpx", other, "ms", RUNS, side="an empty module"),
            Figure("  by the empty module", own / other, "x", RUNS).aim("<= 1.05x", lambda v: v <= 1.05),
        ]
    )
