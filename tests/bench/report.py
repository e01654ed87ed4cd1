"""What a benchmark found, against its target: a table for people, JSON for machines."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bench"


@dataclass
class Figure:
    """One measured figure; `value` in `unit`."""

    what: str
    value: float
    unit: str
    runs: int
    target: str = ""
    met: bool | None = None

    def aim(self, words: str, test: Callable[[float], bool]) -> Figure:
        """Say what was aimed at, and whether it was reached."""
        self.target, self.met = words, test(self.value)
        return self


@dataclass
class Report:
    """All figures of a run, and what they were measured on."""

    figures: list[Figure] = field(default_factory=list)

    @property
    def machine(self) -> dict[str, str]:
        """Machine, Python, ansible-core and commit: a figure without them says nothing."""
        commit = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.strip()
        return {
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, {_processor()}",
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "ansible-core": version("ansible-core"),
            "commit": commit or "unknown",
        }

    def show(self) -> None:
        """Print the table and write build/bench/report.json."""
        table = Table(title=" · ".join(f"{key} {value}" for key, value in self.machine.items()), title_justify="left")
        for heading, side in (("what", "left"), ("median", "right"), ("of", "right"), ("target", "left"), ("", "left")):
            table.add_column(heading, justify="right" if side == "right" else "left")
        for figure in self.figures:
            mark = {True: "met", False: "MISSED", None: ""}[figure.met]
            number = f"{figure.value:,.0f}" if figure.unit in ("lines", "modules") else f"{figure.value:,.1f}"
            table.add_row(figure.what, f"{number} {figure.unit}", str(figure.runs), figure.target, mark)
        Console(width=None if os.isatty(1) else 120).print(table)
        BUILD.mkdir(parents=True, exist_ok=True)
        path = BUILD / "report.json"
        path.write_text(json.dumps({**self.machine, "figures": [asdict(f) for f in self.figures]}, indent=2) + "\n")
        print(f"also as JSON: {path.relative_to(ROOT)}")

    @property
    def met(self) -> bool:
        """No target was missed."""
        return all(figure.met is not False for figure in self.figures)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"
