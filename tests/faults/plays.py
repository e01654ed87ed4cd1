"""Real playbooks on one simulated PBX, as a process that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pbx_simulator import SimulatedPbx
from tests import warm_ansible
from tests.collection.tree import environment

_CALLBACK = Path(__file__).resolve().parents[1] / "playbook" / "plugins" / "callback"


@dataclass
class Played:
    """Result of a run. `tasks` holds the results in order, each with task, host, outcome and result."""

    rc: int
    output: str
    tasks: list[dict[str, Any]]


class Player:
    """Runs plays of the collection in a separate folder.

    Parameters:
        pbx: PBX that all hosts stand for
        scratch: an empty folder
        hosts: how many there are
    """

    def __init__(self, pbx: SimulatedPbx, scratch: Path, hosts: int = 1) -> None:
        self._scratch = scratch
        lines = [f"pbx{n} ansible_connection=local ansible_python_interpreter={sys.executable}" for n in range(hosts)]
        (scratch / "inventory.ini").write_text("\n".join(lines) + "\n")
        self._environment = environment(
            scratch,
            THREECX_HOST=pbx.url,
            THREECX_CLIENT_ID=pbx.client_id,
            THREECX_CLIENT_SECRET=pbx.client_secret,
            ANSIBLE_CALLBACK_PLUGINS=str(_CALLBACK),
            ANSIBLE_CALLBACKS_ENABLED="record",
            ANSIBLE_FORKS=str(hosts),
            RECORD_TO=str(scratch / "record"),
        )

    def _command(self, tasks: list[dict[str, Any]]) -> list[str]:
        """Write a play, and return the command that runs it."""
        book = self._scratch / "play.yml"
        # JSON is YAML, and says precisely what is text and what is a number.
        book.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
        (self._scratch / "record").unlink(missing_ok=True)
        return ["ansible-playbook", "-i", "inventory.ini", book.name]

    def start(self, tasks: list[dict[str, Any]]) -> subprocess.Popen[str]:
        """Start a play in a new process group."""
        command = self._command(tasks)
        with open(self._scratch / "output", "w") as output:
            return subprocess.Popen(
                command,
                env=self._environment,
                cwd=self._scratch,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def end(self, process: subprocess.Popen[str]) -> Played:
        """Wait for its end."""
        rc = process.wait(timeout=600)
        return self._played(rc, (self._scratch / "output").read_text())

    def run(self, tasks: list[dict[str, Any]]) -> Played:
        """Run a play to its end."""
        done = warm_ansible.run(self._command(tasks), env=self._environment, cwd=self._scratch, timeout=600)
        return self._played(done.returncode, done.stdout + done.stderr)

    def _played(self, rc: int, output: str) -> Played:
        record = self._scratch / "record"
        lines = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
        return Played(rc, output, [line for line in lines if "task" in line])


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL for the controller alone, as the kernel does it when memory runs out; it is gone when this returns."""
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)


def bury(process: subprocess.Popen[str]) -> None:
    """End what a killed controller has left behind: its workers, which nobody asks any more."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


__all__ = ["Played", "Player", "bury", "kill"]
