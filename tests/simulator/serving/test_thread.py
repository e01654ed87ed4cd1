"""The thread that serves a simulated PBX tells the caller why it could not start."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pbx_simulator import SimulatedFleet, SimulatedPbx


async def _fails(_ready: Callable[[], None]) -> None:
    raise OSError("no more file descriptors")


def test_a_pbx_that_cannot_serve_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    pbx = SimulatedPbx()
    monkeypatch.setattr(pbx._listener, "serve", _fails)
    with pytest.raises(OSError, match="no more file descriptors"):
        pbx.start()


def test_a_fleet_that_cannot_serve_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = SimulatedFleet(2)
    monkeypatch.setattr(fleet, "serve", _fails)
    with pytest.raises(OSError, match="no more file descriptors"):
        fleet.start()
