from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ignore --traits in these tests. Each trait has its own tests, which enable it."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("traits") is None:
            item.add_marker(pytest.mark.traits())


@pytest.fixture
def api(pbx: SimulatedPbx) -> Iterator[Api]:
    caller = Api(pbx)
    yield caller
    caller.http.close()
