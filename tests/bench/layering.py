"""Adopting what differs into a large configuration. CPU seconds of a fresh process: nothing is waited for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.figures import Figure, Findings
from tests.bench.machine import ROOT
from tests.bench.progress import step

PROBE = Path(__file__).resolve().parent / "probes" / "adopt.py"
RUNS = 3
CHANGED = 1000


def measure() -> Findings:
    """Time and memory of adopting 1,000 values."""
    found = [_ran(number) for number in range(RUNS)]
    lines = round(found[0]["lines"], -3)
    what = f"layers: adopt {CHANGED:,} values into {lines:,.0f} lines"
    return Findings(
        [
            Figure(what, median(one["adopt"] for one in found), "s", RUNS).aim("< 3 s", lambda v: v < 3),
            Figure("  peak memory, with reading", max(one["peak"] for one in found), "MB", RUNS).aim(
                "< 300 MB", lambda v: v < 300
            ),
            Figure("  reading and typing the files before", median(one["read"] for one in found), "s", RUNS),
        ]
    )


def _ran(number: int) -> dict[str, float]:
    step(f"adopting, {number + 1} of {RUNS}")
    with TemporaryDirectory() as directory:
        done = subprocess.run(
            [sys.executable, str(PROBE), directory], cwd=ROOT, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise SystemExit(f"a probe failed: {PROBE.name}\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    if found["done"] != CHANGED:
        raise SystemExit(f"{found['done']} of {CHANGED} values were adopted")
    return found
