"""The machine and releases on which figures were measured, without which they say nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bench"


def machine() -> dict[str, str]:
    """Machine, Python, ansible-core and commit."""
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {_processor()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "ansible-core": version("ansible-core"),
        "commit": _commit(),
    }


def _commit() -> str:
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:  # no git, as in an unpacked sdist
        return "unknown"
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def busy() -> str:
    """A warning where other work is going on: medians of what takes turns survive that, milliseconds do not. Else
    empty.
    """
    try:
        load, cores = os.getloadavg()[0], os.cpu_count() or 1
    except OSError:  # a system that does not count
        return ""
    return f"other work is going on: a load of {load:.1f} on {cores} cores" if load > cores / 2 else ""
