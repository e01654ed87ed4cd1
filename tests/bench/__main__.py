"""`make bench`: measures, shows, and fails where a target is missed."""

from __future__ import annotations

import sys

from rich.console import Console

from tests.bench import imports, tasks
from tests.bench.report import Report


def main() -> None:
    """Run every benchmark."""
    report = Report()
    console = Console(stderr=True)
    with console.status("generating a client with the stock generator ..."):
        stock, python = imports.generate_stock(), imports.make_venv()
    with console.status("importing one operation in fresh processes ..."):
        report.figures += imports.measure(stock, python)
    with console.status("running plays against a simulated PBX ..."):
        report.figures += tasks.measure()
    report.show()
    sys.exit(0 if report.met else "a target was missed")


if __name__ == "__main__":
    main()
