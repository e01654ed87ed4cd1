"""Report of a run: figures and targets as a table, as JSON and as plots."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.figures import Figure, Findings
from tests.bench.machine import BUILD

_MARKS = {True: "[green]met[/]", False: "[bold red]MISSED[/]", None: ""}


@dataclass
class Report:
    """All findings of a run, by group, and what they were measured on."""

    machine: dict[str, str]
    groups: dict[str, Findings] = field(default_factory=dict)

    @property
    def figures(self) -> list[Figure]:
        """The figures of all groups."""
        return [figure for group in self.groups.values() for figure in group.figures]

    @property
    def missed(self) -> list[Figure]:
        """Figures that missed their target."""
        return [figure for figure in self.figures if figure.met is False]

    def table(self) -> Table:
        """The report for a terminal."""
        stated = " · ".join(f"{key} {value}" for key, value in self.machine.items())
        table = Table(title=stated, title_justify="left")
        for heading in ("what", "median", "of", "target", ""):
            table.add_column(heading, justify="right" if heading in ("median", "of") else "left")
        for name, group in self.groups.items():
            table.add_section()
            table.add_row(f"[bold]{name}[/]")
            for figure in group.figures:
                runs = str(figure.runs) if figure.runs else ""
                target = figure.target if not figure.note else f"{figure.target}  {figure.note}".strip()
                table.add_row(figure.what, figure.shown(), runs, target, _MARKS[figure.met])
        return table

    def as_json(self) -> dict[str, Any]:
        """The report for a program."""
        return {
            **self.machine,
            "groups": {name: asdict(group) for name, group in self.groups.items()},
            "missed": [figure.what.strip() for figure in self.missed],
        }

    def write(self, folder: Path | None = None) -> list[Path]:
        """Write report.json and the plots into a folder, build/bench if none is given; returns what was written."""
        from tests.bench.plots import draw

        folder = folder or BUILD
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "report.json"
        path.write_text(json.dumps(self.as_json(), indent=2) + "\n")
        stated = " · ".join(f"{key} {value}" for key, value in self.machine.items())
        growth = [panel for group in self.groups.values() for panel in group.growth]
        return [path, *draw(self.figures, growth, stated, folder)]

    def show(self, console: Console | None = None) -> None:
        """Print the table."""
        (console or Console(width=None if os.isatty(1) else 140)).print(self.table())
