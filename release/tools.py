"""Environments of tools that the product does not need: `galaxy` for Ansible Galaxy and releases, because
galaxy-importer pins an attrs that is older than the client's; `docs` for the documentation.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venvs" / "galaxy"


class ReleaseError(Exception):
    """A release cannot be made. The message says why, and what to do."""


def prepare(name: str = "galaxy") -> Path:
    """Create an environment if it does not exist or its pins have changed. Returns the folder of its programs.

    Parameters:
        name: of the environment below .venvs; requirements-NAME.txt has its pins

    Raises:
        ReleaseError: the tools cannot be installed
    """
    venv, pins = ROOT / ".venvs" / name, ROOT / f"requirements-{name}.txt"
    venv.parent.mkdir(exist_ok=True)
    ready = venv / ".ready"
    with (venv.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != pins.read_text():
            install(venv, ["-r", pins])
            ready.write_text(pins.read_text())
    return venv / "bin"


def install(venv: Path, *requirements: list[str | Path]) -> None:
    """Create an environment, or empty it, and install packages.

    uv does it if the variable UV names it or it is on the path, in a tenth of the time of pip; the environment then has
    no pip. pip does it if there is no uv, and if uv fails: uv does not read the settings of pip.

    Parameters:
        venv: folder of the environment
        requirements: arguments of `pip install`; each list is installed after the one before it

    Raises:
        ReleaseError: pip cannot install them either
    """
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv:
        try:
            run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, venv)
            for some in requirements:
                run(uv, "pip", "install", "--quiet", "--python", venv / "bin" / "python", *some)
        except (ReleaseError, OSError):
            pass
        else:
            return
    run(sys.executable, "-m", "venv", "--clear", venv)
    pip: list[str | Path] = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    for some in requirements:
        run(*pip, *some)


def run(*command: str | Path, cwd: Path | None = None, epoch: int | None = None) -> str:
    """Run a program without personal settings of Ansible, and return its standard output.

    Parameters:
        command: the program and its arguments
        cwd: folder to run it in
        epoch: value of SOURCE_DATE_EPOCH, the time that its results state

    Raises:
        ReleaseError: with what it printed, if it fails
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    environment["PATH"] = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    if epoch is not None:
        environment["SOURCE_DATE_EPOCH"] = str(epoch)
    done = subprocess.run(
        list(command), cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise ReleaseError("\n".join([f"{Path(command[0]).name} failed:", *said[-20:]]))
    return done.stdout
