"""make fuzz: rounds of inputs that were never tried before, for as many minutes as are given, or until one fails.

What has failed is kept in .hypothesis and tried first the next time.
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
    hostile = sorted(map(str, (ROOT / "tests" / "client").glob("test_hostile_*.py")))
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
