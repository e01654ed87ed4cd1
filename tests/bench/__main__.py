"""`make bench`: measures, shows, writes build/bench/, and fails where a target is missed.

`make bench ARGS='import client'` measures some groups only, `make bench ARGS=config:far` a part of one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from importlib import import_module

from rich.console import Console

from tests.bench.figures import Findings
from tests.bench.machine import ROOT, busy, machine
from tests.bench.progress import showing
from tests.bench.report import Report

#: Modules of this package by the group they measure; each has a `measure`.
GROUPS = {
    "import": "imports",
    "tasks": "playbooks.tasks",
    "hosts": "playbooks.hosts",
    "nodes": "playbooks.nodes",
    "client": "reading",
    "shipped": "playbooks.shipped",
    "generate": "generation",
    "simulator": "simulating",
    "growth": "playbooks.growth",
    "config": "configuring",
    "layers": "layering",
    "callflow": "callflow",
    "fleets": "fleets",
}


def measure(group: str) -> Findings:
    """Measure one group of figures, or a part of it such as config:far."""
    name, _, part = group.partition(":")
    module = import_module(f"tests.bench.{GROUPS[name]}")
    found: Findings = module.PARTS[part]() if part else module.measure()
    return found


def known() -> list[str]:
    """The groups and their parts."""
    parts = {name: getattr(import_module(f"tests.bench.{GROUPS[name]}"), "PARTS", {}) for name in GROUPS}
    return [name for group, within in parts.items() for name in (group, *(f"{group}:{part}" for part in within))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; returns the exit status: 1 where a target is missed."""
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measure what is promised, against the alternatives."
    )
    parser.add_argument("groups", nargs="*", metavar="group", help=f"of {', '.join(GROUPS)} (default: all)")
    groups = parser.parse_args(arguments).groups or list(GROUPS)
    if any(group not in GROUPS for group in groups) and (unknown := set(groups) - set(known())):
        parser.error(f"there is no group {', '.join(sorted(unknown))}, only {', '.join(known())}")
    console = Console(stderr=True)
    report = Report(machine())
    if warning := busy():
        console.print(f"[yellow]{warning}[/]")
        report.machine["load"] = warning
    start = time.monotonic()
    for group in groups:
        with showing(group):
            report.groups[group] = measure(group)
    return finish(report, console, time.monotonic() - start)


def finish(report: Report, console: Console, seconds: float) -> int:
    """Show the report and write it; returns the exit status."""
    report.show()
    for path in report.write():
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        console.print(f"[dim]{shown}[/]")
    aimed = [figure for figure in report.figures if figure.met is not None]
    console.print(f"{len(aimed) - len(report.missed)} of {len(aimed)} targets met, in {seconds / 60:.0f} minutes")
    for figure in report.missed:
        console.print(f"[bold red]missed:[/] {figure.what.strip()}: {figure.shown()}, {figure.target}", highlight=False)
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
