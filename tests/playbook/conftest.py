"""Real playbooks, run by the ansible-playbook of the Python that runs these tests."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import warm_ansible, warm_python

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = Path(__file__).parent / "plugins"
INVENTORY = """
[all]
here ansible_connection=local
near ansible_connection=near
later ansible_connection=local
elsewhere ansible_connection=local
root ansible_connection=local
[all:vars]
ansible_python_interpreter=%s
"""


@dataclass
class TaskResult:
    """Result of one task on one host."""

    task: str
    host: str
    outcome: str
    """ok, failed, skipped or unreachable."""
    result: dict[str, Any]
    arguments: dict[str, Any] = field(default_factory=dict)
    """The options of the task, as callbacks see them."""


@dataclass
class Run:
    """Outcome of a run of ansible-playbook."""

    rc: int
    stdout: str
    stderr: str
    log: str
    """Content of the file ANSIBLE_LOG_PATH."""
    tasks: list[TaskResult] = field(default_factory=list)
    inherited: list[str] = field(default_factory=list)
    """Modules of httpcore, httpx and threecx_xapi that the controller had imported before it forked workers."""

    @property
    def output(self) -> str:
        """Everything a person may see or keep."""
        return "\n".join((self.stdout, self.stderr, self.log))

    def on(self, host: str) -> list[TaskResult]:
        """The results of one host, in order."""
        return [task for task in self.tasks if task.host == host]

    def __getitem__(self, name: str) -> dict[str, Any]:
        """The result of the only task of this name."""
        [found] = [task for task in self.tasks if task.task == name]
        return found.result

    def ok(self) -> Run:
        """This run, where nothing failed."""
        assert self.rc == 0, self.output
        return self


Playbook = Callable[..., Run]


@pytest.fixture(scope="session")
def collections_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which Ansible finds the collection: a link to the working tree."""
    path = tmp_path_factory.mktemp("collections")
    (path / "ansible_collections" / "threecx").mkdir(parents=True)
    (path / "ansible_collections" / "threecx" / "xapi").symlink_to(ROOT / "ansible_collection")
    return path


@pytest.fixture
def playbook(tmp_path: Path, collections_path: Path) -> Playbook:
    """Run plays: ``playbook([{"hosts": "here", "tasks": [...]}], "-vvvv", env={...}, variables={...})``.

    Plays may also be the text of a playbook. The host ``near`` has a connection through which modules are shipped; all
    others have the local one. `fresh` runs it and the modules it ships in processes that have imported nothing before.
    """
    (tmp_path / "runtime").mkdir(mode=0o700)
    count = 0

    def run(
        plays: list[dict[str, Any]] | str,
        *arguments: str,
        env: dict[str, str] | None = None,
        variables: dict[str, Any] | None = None,
        fresh: bool = False,
    ) -> Run:
        nonlocal count
        count += 1
        book, record, log = (tmp_path / f"{count}.{ending}" for ending in ("yml", "jsonl", "log"))
        # JSON is YAML, and says precisely what is text and what is a number.
        whole = plays if isinstance(plays, str) else json.dumps([{"gather_facts": False, **play} for play in plays])
        book.write_text(whole)
        (tmp_path / f"{count}.vars").write_text(json.dumps(variables or {}))
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(tmp_path),
            "XDG_RUNTIME_DIR": str(tmp_path / "runtime"),
            "ANSIBLE_HOME": str(tmp_path / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
            "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote"),
            "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
            "ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_CONNECTION_PLUGINS": str(PLUGINS / "connection"),
            "ANSIBLE_LOG_PATH": str(log),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_RETRY_FILES_ENABLED": "0",
            "RECORD_TO": str(record),
            **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
            **(env or {}),
        }
        # Another PYTHONPATH hides the library.
        warm = not fresh and "PYTHONPATH" not in (env or {})
        python = warm_python.interpreter(**warm_python.settings(environment)) if warm else sys.executable
        (tmp_path / "inventory.ini").write_text(INVENTORY % python)
        command = ["ansible-playbook", "-i", "inventory.ini", "-e", f"@{count}.vars", *arguments, book.name]
        start = warm_ansible.run_fresh if fresh else warm_ansible.run
        done = start(command, cwd=tmp_path, env=environment)
        result = Run(done.returncode, done.stdout, done.stderr, log.read_text() if log.exists() else "")
        for line in record.read_text().splitlines() if record.exists() else ():
            entry = json.loads(line)
            if "inherited" in entry:
                result.inherited = entry["inherited"]
            else:
                result.tasks.append(TaskResult(**entry))
        return result

    return run
