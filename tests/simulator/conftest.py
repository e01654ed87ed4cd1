from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ignore --traits in these tests. Each trait has its own tests, which enable it."""
    here = f"{Path(__file__).parent}{os.sep}"
    for item in items:
        if str(item.path).startswith(here) and item.get_closest_marker("traits") is None:
            item.add_marker(pytest.mark.traits())


@pytest.fixture
def api(pbx: SimulatedPbx) -> Iterator[Api]:
    caller = Api(pbx)
    yield caller
    caller.http.close()
