"""Call flows of a PBX with values that no task could set: dates beyond the calendar, characters that nobody sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx, simulated, threecx
from tests.config.odd_values import OddPbx

__all__ = ["simulated", "threecx"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_calls_are_linted_drawn_and_traced(
    simulated: SimulatedPbx, threecx: Threecx, tmp_path: Path, number: int
) -> None:
    OddPbx(simulated).hold(number)
    acme = str(tmp_path / "acme")
    assert threecx("export", acme, pbx=simulated).status == 0
    assert threecx("lint", acme).out
    drawn = threecx("map", acme, "-o", str(tmp_path / "map.html"))
    assert drawn.status == 0, drawn.err
    for start in ("+15550100", "800"):
        assert threecx("trace", start, "--from", acme, "--at", "2026-12-25 18:00").status in (0, 2)
