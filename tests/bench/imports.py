"""Measure the time a fresh process needs to import one operation, and the amount of generated code behind it.

Each import is timed from within a fresh interpreter, started in an environment that has what the client needs and
nothing else; the sides take turns. "With the client" adds what an operation is called with, `XapiClient`; what it adds
to httpx and attrs is measured in one process, after these, because the difference of two large figures would be mostly
noise.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import scratch
from tests.bench.figures import Figure, Findings, missing
from tests.bench.machine import ROOT
from tests.bench.rounds import interleave, medians

RUNS = 11
FLOOR = "import httpx, attrs"
ONE = "from threecx_xapi.api.fax import FaxApi"
PROGRAM = """
import sys, time
{already}
before, start = len(sys.modules), time.perf_counter()
{statement}
end = time.perf_counter()
print((end - start) * 1000, len(sys.modules) - before)
"""


@dataclass
class Import:
    """Something imported in fresh processes; `modules` is known once it has been."""

    statement: str
    python: Path
    path: str = ""
    already: str = ""
    modules: int = 0

    def __call__(self) -> float:
        """Import it once; milliseconds."""
        done = subprocess.run(
            [self.python, "-c", PROGRAM.format(statement=self.statement, already=self.already)],
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": self.path},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        spent, modules = done.stdout.split()
        self.modules = int(modules)
        return float(spent)


def measure() -> Findings:
    """Import one operation in fresh processes."""
    stock, python, sdk = scratch.stock(), scratch.plain(), scratch.sdk()
    package = str(ROOT / "generated_client")
    client = f"from threecx_xapi import XapiClient; {ONE}"
    sides = {
        "httpx and attrs": Import(FLOOR, python),
        "one operation": Import(ONE, python, package),
        "one operation with the client": Import(client, python, package),
        "the client, after httpx and attrs": Import(client, python, package, already=FLOOR),
        "one operation of the stock client": Import("from stock.api.fax import delete_fax", python, str(stock)),
    }
    if sdk is not None:
        sides["3cx-xapi-python-sdk"] = Import("from threecx import ThreeCXClient", sdk)
    # The first of each may have to write byte code.
    found = medians(interleave(sides, RUNS, warm=1))
    floor, one, whole, added, other, *rest = found.values()
    _, by_one, by_whole, by_added, by_other, *_ = sides.values()
    used = sides["httpx and attrs"].modules
    figures = [
        Figure("importing one operation, fresh process", one, "ms", RUNS, side="threecx_xapi").aim(
            f"<= {floor + 10:.1f} ms (httpx + attrs + 10)", lambda v: v <= floor + 10
        ),
        Figure("  with the client to call it with", whole, "ms", RUNS),
        Figure("  what that adds to httpx and attrs", added, "ms", RUNS).aim("<= 10 ms", lambda v: v <= 10),
        Figure("  httpx and attrs alone", floor, "ms", RUNS, side="httpx"),
        Figure("  the stock client's", other, "ms", RUNS, side="stock client"),
    ]
    if rest:
        figures.append(Figure(f"  {scratch.SDK}, its client", rest[0], "ms", RUNS, side=scratch.SDK))
    else:
        figures.append(missing(f"  {scratch.SDK}", "could not be installed here", side=scratch.SDK))
    return Findings(
        [
            *figures,
            Figure("  times as fast as stock", other / one, "x", RUNS).aim(">= 8x", lambda v: v >= 8),
            # There is no target: httpx and attrs take most of the time.
            Figure("  times as fast as stock, with the client", other / whole, "x", RUNS),
            Figure("  modules loaded by it", by_one.modules, "modules", 1).aim("<= 180", lambda v: v <= 180),
            Figure("  with the client", used + by_added.modules, "modules", 1).aim(
                f"<= {used + 25} (httpx + attrs + 25)", lambda v: v <= used + 25
            ),
            Figure("  by httpx and attrs alone", used, "modules", 1),
            Figure("  by the stock client's", by_other.modules, "modules", 1),
            *_lines(stock),
        ]
    )


def _lines(stock: Path) -> list[Figure]:
    package = ROOT / "generated_client" / "threecx_xapi"
    generated = [*package.glob("api/**/*.py"), *package.glob("models/**/*.py")]
    others = count_lines(sorted(stock.rglob("*.py")))
    return [
        Figure("generated lines", count_lines(generated), "lines", 1).aim(
            f"< {others // 2:,} (half of stock)", lambda v: v < others / 2
        ),
        Figure("  by the stock generator", others, "lines", 1),
    ]


def count_lines(files: Sequence[Path]) -> int:
    """Return the number of lines in all of these files."""
    return sum(len(file.read_bytes().splitlines()) for file in files)
