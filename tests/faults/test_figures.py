"""The figures are sums over every test, whichever worker ran it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COUNTING = """
import pytest
from tests import figures

@pytest.mark.parametrize("n", [1, 20, 300, 1000])
def test_counts(n):
    figures.record("things tried", n)
    figures.record("things lost", 0)
"""


@pytest.mark.parametrize("workers", ["2"])
def test_they_are_summed_and_printed(tmp_path: Path, workers: str) -> None:
    # The hooks are those of the real conftest.
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import pytest_sessionfinish, pytest_terminal_summary, pytest_testnodedown\n"
    )
    (tmp_path / "test_counting.py").write_text(COUNTING)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", workers, "--rootdir", tmp_path,
            tmp_path],
        cwd=tmp_path, env={**{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "PYTHONPATH": f"{ROOT}:{ROOT / 'generated_client'}"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "\nthings tried: 1,321\n" in run.stdout
    assert "\nthings lost: 0\n" in run.stdout
