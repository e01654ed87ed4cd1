"""Environments of tools that are needed for one target of make only, below .venvs: galaxy, docs."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def tools(name: str) -> Path:
    """Create .venvs/NAME from requirements-NAME.txt if it is missing or its pins have changed, and return it.

    Parameters:
        name: of the requirements file and of the folder

    Raises:
        subprocess.CalledProcessError: pip failed, and has said why
    """
    venv, pins = ROOT / ".venvs" / name, ROOT / f"requirements-{name}.txt"
    venv.parent.mkdir(exist_ok=True)
    ready = venv / ".ready"
    with (venv.parent / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != pins.read_text():
            subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
            pip: list[str | Path] = [
                venv / "bin" / "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
                pins,
            ]
            subprocess.run(pip, check=True)
            ready.write_text(pins.read_text())
    return venv
