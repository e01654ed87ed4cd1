"""Playbooks, run as users run them: what they took, and how much memory the controller needed."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.machine import BUILD, ROOT
from tests.bench.pbx import CLIENT, Pbx
from tests.bench.playbooks import floor

PLUGINS = Path(__file__).resolve().parent / "plugins"
_DEFAULTS = """\
  module_defaults:
    group/threecx.xapi.all:
      host: "{{ pbx }}"
"""


@dataclass(frozen=True)
class Ran:
    """One run of a playbook. seconds: from the start of ansible-playbook to its end; peak:
    controller's memory in MB.
    """

    seconds: float
    peak: float
    output: str


@dataclass
class Controller:
    """Environment that runs playbooks, with its own token cache."""

    name: str
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        place = BUILD / "controller" / self.name
        shutil.rmtree(place, ignore_errors=True)
        for folder in ("home", "runtime"):
            (place / folder).mkdir(parents=True, mode=0o700)
        self._place = place
        own = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(place / "home"),
            "XDG_RUNTIME_DIR": str(place / "runtime"),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": f"{ROOT / 'build' / 'collections'}:{floor.PLACE}",
            "ANSIBLE_LIBRARY": str(PLUGINS / "modules"),
            "ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "bench_peak",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "BENCH_PEAK": str(place / "peak"),
        }
        if "PYTHONPATH" in os.environ:
            own["PYTHONPATH"] = os.environ["PYTHONPATH"]
        self.environment = own | self.environment

    def run(self, tasks: str, *, inventory: Mapping[str, Mapping[str, Any]] | None = None, forks: int = 5) -> Ran:
        """Run tasks (YAML, as they stand in a play): on localhost, or on the hosts of an inventory with their
        variables.

        A host's variable `pbx` is the address that our modules use for it, by module_defaults; where there is no
        inventory, the environment says it.

        Raises:
            SystemExit: where a task failed: a figure of that would be one of something else.
        """
        playbook, hosts = self._place / "play.yml", self._place / "hosts.json"
        playbook.write_text(f"- hosts: all\n  gather_facts: false\n{_DEFAULTS if inventory else ''}  tasks:\n{tasks}")
        local = {"ansible_connection": "local"}
        given: dict[str, Any] = {host: local | dict(more) for host, more in (inventory or {"localhost": {}}).items()}
        hosts.write_text(json.dumps({"all": {"hosts": given}}))
        # JSON is YAML, by another extension.
        listed = hosts.rename(hosts.with_suffix(".yml"))
        start = time.perf_counter()
        done = subprocess.run(
            ["ansible-playbook", "--inventory", listed, "--forks", str(forks), playbook],
            cwd=self._place, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"a play of the benchmark failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return Ran(seconds, int((self._place / "peak").read_text()) / 1024, done.stdout)


def controller_of(pbx: Pbx, name: str, **more: str) -> Controller:
    """A controller that knows one PBX by its environment: our modules sign in, `uri` is given a token."""
    known = {
        "THREECX_HOST": pbx.url,
        "THREECX_CLIENT_ID": CLIENT[0],
        "THREECX_CLIENT_SECRET": CLIENT[1],
        "BENCH_TOKEN": pbx.token(),
    }
    return Controller(name, known | more)


def uri(path: str, *, method: str = "GET", status: int = 200, more: str = "") -> str:
    """A request written by hand: a task of `ansible.builtin.uri`, its token given.

    Host and token are variables of the host where there are many, else of the environment; more: further lines.
    """
    return f"""\
    - ansible.builtin.uri:
        url: "{{{{ pbx | default(lookup('env', 'THREECX_HOST')) }}}}/xapi/v1/{path}"
        method: {method}
        status_code: {status}
        headers:
          Authorization: "Bearer {{{{ token | default(lookup('env', 'BENCH_TOKEN')) }}}}"
{more}"""


def looped(task: str, items: str) -> str:
    """A task with a loop over what an expression says.

    An expression, never a list written into the task: Ansible goes through that one again for each item, and 1,000
    items cost it more than everything that is measured here.
    """
    return f"{task}      loop: \"{{{{ {items} }}}}\"\n      loop_control:\n        label: ''\n"


def marginal(many: Sequence[float], few: Sequence[float], more: int) -> float:
    """Milliseconds that one more costs: the median over the runs of the difference of two plays, by
    what lies between.
    """
    return statistics.median([a - b for a, b in zip(many, few, strict=True)]) / more * 1000
