"""Programs of Ansible, forked from a process that has imported already what they import.

A run is still a process with its own arguments, environment, directory and output. Modules that read Ansible's
configuration, and the collection, are imported after the fork.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

#: The module of ansible.cli that is each program.
PROGRAMS = {
    "ansible": "adhoc",
    "ansible-doc": "doc",
    "ansible-inventory": "inventory",
    "ansible-playbook": "playbook",
}
#: Packages in which modules are looked for that do not read Ansible's configuration.
PACKAGES = (
    "ansible.errors",
    "ansible.module_utils.common",
    "ansible.module_utils._internal",
    "ansible.parsing",
    "ansible.utils",
    "ansible._internal",
    "pbx_as_code",
    "threecx_xapi._transport",
)
#: Modules of other packages that a run imports.
OTHERS = (
    "ansible.module_utils.basic", "ansible.module_utils.urls", "asyncio", "attr", "cmd", "concurrent.futures",
    "configparser", "cryptography.hazmat.backends", "cryptography.hazmat.primitives.ciphers", "ctypes", "difflib",
    "getpass", "httpx", "importlib.metadata", "jinja2", "jinja2.nativetypes", "jinja2.sandbox", "logging",
    "multiprocessing.queues", "packaging.requirements", "packaging.version", "pbx_as_code.config.collection.module",
    "pty", "resolvelib", "shutil", "ssl", "tarfile", "urllib.request", "uuid", "yaml", "zipfile",
)  # fmt: skip


class Starter:
    """A process that starts Ansible's programs, all with the same Python settings and the same locale.

    Parameters:
        env: environment of the first program
    """

    def __init__(self, env: dict[str, str]) -> None:
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="warm-ansible-")
        ours, theirs = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(theirs)],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs],
            start_new_session=True,
        )
        os.close(theirs)
        self._replies = open(ours, "rb", buffering=0)  # noqa: SIM115 - it is closed with the process
        atexit.register(self.close)

    def run(
        self, command: Sequence[str], env: dict[str, str], cwd: Path, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a program; see `run` of this module."""
        assert self._process.stdin is not None
        with self._lock:
            out, err = (Path(self._folder.name, name) for name in ("out", "err"))
            asked = {"command": list(command), "env": env, "cwd": str(cwd), "out": str(out), "err": str(err)}
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
            if not select.select([self._replies], [], [], timeout)[0]:
                self.close()
                raise subprocess.TimeoutExpired(list(command), timeout, out.read_text(), err.read_text())
            reply = self._replies.read(4)
            assert reply, "the process that starts Ansible has ended"
            status = os.waitstatus_to_exitcode(int.from_bytes(reply, "little"))
            return subprocess.CompletedProcess(list(command), status, out.read_text(), err.read_text())

    def close(self) -> None:
        """End the process and what it runs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._replies.close()
        self._folder.cleanup()
        _STARTERS.pop(next((key for key, value in _STARTERS.items() if value is self), ()), None)


_STARTERS: dict[tuple[tuple[str, str], ...], Starter] = {}


def run(
    command: Sequence[str], *, env: dict[str, str], cwd: Path, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run a program of Ansible as subprocess.run does, with captured output and no input.

    Parameters:
        command: a name in PROGRAMS and arguments
        env: the whole environment
        timeout: seconds

    Raises:
        subprocess.TimeoutExpired: the program took longer
    """
    # Python reads these variables only when it starts, so each combination needs a process. All others take effect in
    # the fork.
    key = tuple(sorted((name, env[name]) for name in env if name.startswith(("PYTHON", "LC_", "LANG"))))
    if key not in _STARTERS:
        _STARTERS[key] = Starter(env)
    return _STARTERS[key].run(command, env, cwd, timeout)


def run_fresh(
    command: Sequence[str], *, env: dict[str, str], cwd: Path, timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Do as `run` does, in a new process of Python."""
    program = str(Path(sys.executable).with_name(command[0]))
    return subprocess.run(
        [program, *command[1:]], env=env, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False
    )


class _NoConfiguration:
    """Keeps modules that read Ansible's configuration from being imported."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in ("ansible.constants", "ansible.cli"):
            raise ImportError(name)


def _preload() -> None:
    """Import what programs import, unless it depends on Ansible's configuration."""
    finder: Any = _NoConfiguration()
    sys.meta_path.insert(0, finder)
    for name in OTHERS:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in PACKAGES:
        with contextlib.suppress(ImportError):
            package = importlib.import_module(name)
            for module in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{name}.", onerror=lambda _: None):
                with contextlib.suppress(ImportError):
                    importlib.import_module(module.name)
    sys.meta_path.remove(finder)


@dataclass
class _Asked:
    command: list[str]
    env: dict[str, str]
    cwd: str
    out: str
    err: str


def _next(requests: IO[bytes], replies: int) -> _Asked | None:
    """Fork for every request; return it in the child, and None in the parent when there are no more."""
    for line in requests:
        asked = _Asked(**json.loads(line))
        child = os.fork()
        if not child:
            os.close(replies)
            return asked
        os.write(replies, os.waitpid(child, 0)[1].to_bytes(4, "little"))
    return None


def _become(asked: _Asked) -> None:
    """Give this process the environment, directory, arguments and files of a request."""
    os.environ.clear()
    os.environ.update(asked.env)
    time.tzset()
    os.chdir(asked.cwd)
    program = str(Path(sys.executable).with_name(Path(asked.command[0]).name))
    sys.argv = [program, *asked.command[1:]]
    sys.path.insert(0, str(Path(program).parent))
    for source, flags, target in (
        (os.devnull, os.O_RDONLY, 0),
        (asked.out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 1),
        (asked.err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 2),
    ):
        opened = os.open(source, flags, 0o600)
        os.dup2(opened, target)
        os.close(opened)


def _main() -> None:
    _preload()
    # Processes that are forked neither look at what is imported already, nor get copies of it by looking.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    asked = _next(open(os.dup(0), "rb"), int(sys.argv[1]))  # noqa: SIM115
    if asked is not None:
        _become(asked)
        cli = PROGRAMS[Path(asked.command[0]).name]
        sys.exit(importlib.import_module(f"ansible.cli.{cli}").main())


if __name__ == "__main__":
    _main()
