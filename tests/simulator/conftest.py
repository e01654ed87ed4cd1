from __future__ import annotations

from collections.abc import Iterator

import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api


@pytest.fixture
def api(pbx: SimulatedPbx) -> Iterator[Api]:
    caller = Api(pbx)
    yield caller
    caller.http.close()
