"""make fuzz: rounds of new random inputs, for the given number of minutes or until one fails.

Failing inputs are kept in .hypothesis and tried first in the next run.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests import figures

ROOT = Path(__file__).resolve().parents[2]


def rounds(minutes: float, more: list[str]) -> int:
    """Go round until the time is up; the exit status of pytest.

    Args:
        minutes: no round begins after that
        more: arguments for pytest, such as -k user
    """
    os.environ["HYPOTHESIS_PROFILE"] = "fuzz"
    hostile = sorted(map(str, (ROOT / "tests" / "client").rglob("test_hostile_*.py")))
    assert hostile, "the tests of hostile answers were moved"
    end = time.monotonic() + 60 * minutes
    n = 0
    while True:
        n += 1
        print(f"round {n}", flush=True)
        status = int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", str(ROOT / "tests" / "fuzz"), *hostile, *more]))
        if status or time.monotonic() > end:
            break
    print(f"rounds: {n}", *figures.lines(), sep="\n")
    return status


if __name__ == "__main__":
    sys.exit(rounds(float(sys.argv[1]), sys.argv[2:]))
