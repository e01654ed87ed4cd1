"""Fixtures every test folder shares: simulated PBXs on real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx


@pytest.fixture
def pbx() -> Iterator[SimulatedPbx]:
    """A simulated PBX with the built-in company, fresh for this test."""
    with SimulatedPbx() as running:
        yield running


@pytest.fixture
def pbx_factory() -> Iterator[Callable[..., SimulatedPbx]]:
    """Makes running simulated PBXs with SimulatedPbx's arguments; they are closed when the test ends."""
    running: list[SimulatedPbx] = []

    def make(*args: Any, **kwargs: Any) -> SimulatedPbx:
        one = SimulatedPbx(*args, **kwargs).start()
        running.append(one)
        return one

    yield make
    for one in running:
        one.close()
