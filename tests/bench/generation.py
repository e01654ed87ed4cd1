"""`make generate` from scratch: client and modules, from the committed document, with nothing kept from an earlier run.

In a copy of the sources, so that neither the caches nor the generated files of this tree are touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

from tests.bench.figures import Figure, Findings
from tests.bench.machine import BUILD, ROOT
from tests.bench.rounds import interleave, medians

RUNS = 3
SOURCES = ("openapi", "generated_client", "ansible_collection", "pbx_simulator")
FILES = ("Makefile", "pyproject.toml", "requirements-dev.txt")


def measure() -> Findings:
    """Generate, from scratch each time."""
    spent = medians(interleave({"make generate": _generate}, RUNS))["make generate"]
    return Findings([Figure("make generate from scratch", spent, "s", RUNS).aim("<= 12 s", lambda v: v <= 12)])


def _generate() -> float:
    place = BUILD / "generate"
    shutil.rmtree(place, ignore_errors=True)
    for name in SOURCES:
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, place / name)
    for name in ("api", "models"):
        shutil.rmtree(place / "generated_client" / "threecx_xapi" / name)
    for module in (place / "ansible_collection" / "plugins" / "modules").glob("threecx_*.py"):
        module.unlink()
    (place / ".ready").touch()  # newer than what it depends on: nothing is installed
    environment = dict(os.environ) | {"PYTHONPATH": f"{place}:{place / 'generated_client'}"}
    start = time.perf_counter()
    # With the tools of this tree: what is measured is the generation, not the installation.
    done = subprocess.run(
        ["make", "generate", f"PY={sys.executable}", "READY=.ready"], cwd=place, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    spent = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"make generate fails in a copy of the tree:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    _same(place)
    return spent


def _same(place: os.PathLike[str]) -> None:
    """Fail if the generated files differ from the committed ones: the figure would measure something else."""
    for pair in ("generated_client/threecx_xapi", "ansible_collection/plugins/modules"):
        done = subprocess.run(
            ["diff", "--recursive", "--brief", "--exclude", "__pycache__", ROOT / pair, os.path.join(place, pair)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"make generate makes something else than is committed:\n{done.stdout[-2000:]}")
