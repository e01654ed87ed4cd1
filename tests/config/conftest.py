"""A simulated PBX with each set of traits: alone, with a `Pbx` that only reads it, and with one that may write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.config.applying import Site, site


@pytest.fixture(params=[AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def simulated(request: pytest.FixtureRequest) -> Iterator[SimulatedPbx]:
    with SimulatedPbx(traits=request.param) as running:
        yield running


@pytest.fixture
def pbx(simulated: SimulatedPbx) -> Iterator[Pbx]:
    with XapiClient(
        simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret, read_only=True
    ) as client:
        yield Pbx(client)


@pytest.fixture
def at(simulated: SimulatedPbx) -> Iterator[Site]:
    """Plans and applies on it."""
    with site(simulated) as made:
        yield made
