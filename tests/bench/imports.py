"""What it costs a fresh process to make one operation available, and how much code was generated for that."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from openapi.codegen.document import load
from tests.bench.report import BUILD, ROOT, Figure
from tests.pins import constraints

RUNS = 15
FLOOR = "import httpx, attrs"
OURS = "from threecx_xapi.api.fax import delete_fax"
READY = "from threecx_xapi import XapiClient; from threecx_xapi.api.fax import delete_fax"
STOCK = "from stock.api.fax import delete_fax"
PROGRAM = """
import sys, time
{already}
before, start = len(sys.modules), time.perf_counter()
{statement}
end = time.perf_counter()
print((end - start) * 1000, len(sys.modules) - before)
"""


def generate_stock() -> Path:
    """Generate a client from the same document with the stock generator, and return where it lies."""
    place = BUILD / "stock"
    document = BUILD / "document.json"
    config = BUILD / "stock.yaml"
    BUILD.mkdir(parents=True, exist_ok=True)
    document.write_text(json.dumps(load()))
    config.write_text("package_name_override: stock\nproject_name_override: stock\n")
    subprocess.run(
        [
            *(Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta", "none", "--overwrite"),
            *("--path", document, "--config", config, "--output-path", place / "stock"),
        ],
        check=True,
        capture_output=True,
        cwd=BUILD,
    )
    return place


def make_venv() -> Path:
    """Make the environment of somebody who uses the client and nothing else, and return its Python.

    The tools of development are not in it: httpx imports click and rich where it finds them, which would make the
    floor three times as high as it is.
    """
    venv = BUILD / "venv"
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    install: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pins: list[str | Path] = ["-c", constraints(ROOT / "requirements-dev.txt", BUILD / "pins.txt")]
    subprocess.run([*install, *pins, "httpx", "attrs", "python-dateutil"], check=True)
    return python


def measure(stock: Path, python: Path) -> list[Figure]:
    """Import one operation in fresh processes, the three sides in turn, so that a busy moment hits all of them."""
    package = str(ROOT / "generated_client")
    # What the client adds is the difference of two large figures: taken within one process, a busy moment hits neither.
    sides = {(FLOOR, ""): "", (OURS, ""): package, (READY, FLOOR): package, (STOCK, ""): str(stock)}
    times: dict[tuple[str, str], list[float]] = {side: [] for side in sides}
    modules: dict[tuple[str, str], int] = {}
    for _ in range(RUNS + 1):
        for side, path in sides.items():
            spent, modules[side] = _once(python, *side, path)
            times[side].append(spent)
    # The first of each may have had to write byte code.
    floor, ours, added, other = (statistics.median(times[side][1:]) for side in sides)
    lines, stock_lines = count_lines(_generated()), count_lines(sorted(stock.rglob("*.py")))
    return [
        Figure(FLOOR, floor, "ms", RUNS),
        Figure(OURS, ours, "ms", RUNS).aim(f"<= {floor + 10:.1f} ms (httpx + attrs + 10)", lambda v: v <= floor + 10),
        Figure("  and the client to call it with, on top of httpx and attrs", added, "ms", RUNS),
        Figure(f"{STOCK} (stock generator)", other, "ms", RUNS),
        Figure("modules loaded by one operation", modules[OURS, ""], "modules", 1).aim("<= 180", lambda v: v <= 180),
        Figure("  and the client to call it with", modules[FLOOR, ""] + modules[READY, FLOOR], "modules", 1).aim(
            "<= 180", lambda v: v <= 180
        ),
        Figure("  by httpx and attrs alone", modules[FLOOR, ""], "modules", 1),
        Figure("  by the stock generator's operation", modules[STOCK, ""], "modules", 1),
        Figure("generated lines", lines, "lines", 1).aim(
            f"< {stock_lines // 2:,} (half of stock)", lambda v: v < stock_lines / 2
        ),
        Figure("  by the stock generator", stock_lines, "lines", 1),
    ]


def _once(python: Path, statement: str, already: str, path: str) -> tuple[float, int]:
    done = subprocess.run(
        [python, "-c", PROGRAM.format(statement=statement, already=already)],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    spent, modules = done.stdout.split()
    return float(spent), int(modules)


def _generated() -> Sequence[Path]:
    package = ROOT / "generated_client" / "threecx_xapi"
    return [*package.glob("api/**/*.py"), *package.glob("models/**/*.py"), package / "types.py"]


def count_lines(files: Sequence[Path]) -> int:
    """Return the number of lines in all of these files."""
    return sum(len(file.read_bytes().splitlines()) for file in files)
