"""What one more item of a loop, and one more task, cost: with our modules and with ansible.builtin.uri."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from pbx_simulator import SimulatedPbx
from tests.bench.report import BUILD, ROOT, Figure

RUNS = 3
PLAY = """\
- hosts: localhost
  gather_facts: false
  tasks:
{tasks}
"""
OURS = """\
    - threecx.xapi.threecx_fax:
        number: "9{item}"
        state: absent
{more}
"""
#: What people write by hand for the same: look the fax up by its number, and see that there is nothing to remove.
URI = """\
    - ansible.builtin.uri:
        url: "{{{{ lookup('env', 'THREECX_HOST') }}}}/xapi/v1/Fax?$filter=Number%20eq%20'9{item}'"
        headers:
          Authorization: "Bearer {{{{ lookup('env', 'BENCH_TOKEN') }}}}"
{more}
"""
LOOP = "      loop: \"{{{{ range(0, {count}) | list }}}}\"\n      loop_control:\n        label: ''"


def measure() -> list[Figure]:
    """Run plays of few and of many against one simulated PBX, and divide the difference."""
    with SimulatedPbx() as pbx:
        environment = _environment(pbx)
        ours_loop = _marginal(environment, OURS, 20, 520, loop=True)
        uri_loop = _marginal(environment, URI, 5, 25, loop=True)
        ours_task = _marginal(environment, OURS, 2, 22, loop=False)
        uri_task = _marginal(environment, URI, 2, 12, loop=False)
    return [
        Figure("one more item of a loop: a fax that is gone already", ours_loop, "ms", RUNS),
        Figure("  the same by ansible.builtin.uri", uri_loop, "ms", RUNS),
        Figure("one more task of its own: a fax that is gone already", ours_task, "ms", RUNS),
        Figure("  the same by ansible.builtin.uri", uri_task, "ms", RUNS),
    ]


def _environment(pbx: SimulatedPbx) -> dict[str, str]:
    import httpx

    form = {"grant_type": "client_credentials", "client_id": pbx.client_id, "client_secret": pbx.client_secret}
    # The modules are given a token too: what is compared is the task, not the sign-in.
    token = httpx.post(f"{pbx.url}/connect/token", data=form).json()["access_token"]
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(BUILD / "home"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "THREECX_HOST": pbx.url,
        "THREECX_ACCESS_TOKEN": token,
        "BENCH_TOKEN": token,
        "LC_ALL": "C.UTF-8",
    }


def _marginal(environment: Mapping[str, str], task: str, few: int, many: int, *, loop: bool) -> float:
    times: dict[int, list[float]] = {few: [], many: []}
    for _ in range(RUNS):
        for count in times:
            times[count].append(_seconds(environment, _play(task, count, loop=loop)))
    return (statistics.median(times[many]) - statistics.median(times[few])) / (many - few) * 1000


def _play(task: str, count: int, *, loop: bool) -> str:
    if loop:
        tasks = task.format(item="{{ item }}", more=LOOP.format(count=count))
    else:
        tasks = "".join(task.format(item=number, more="") for number in range(count))
    return PLAY.format(tasks=tasks)


def _seconds(environment: Mapping[str, str], play: str) -> float:
    BUILD.mkdir(parents=True, exist_ok=True)
    path = BUILD / "play.yml"
    path.write_text(play)
    start = time.perf_counter()
    done = subprocess.run(
        ["ansible-playbook", path], cwd=BUILD, env=dict(environment), capture_output=True, text=True, check=False
    )
    spent = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"the play of the benchmark failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return spent
