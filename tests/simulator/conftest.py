from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a trait changes is told by its own tests: here a PBX has those it is given, whatever --traits says."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("traits") is None:
            item.add_marker(pytest.mark.traits())


@pytest.fixture
def api(pbx: SimulatedPbx) -> Iterator[Api]:
    caller = Api(pbx)
    yield caller
    caller.http.close()
