"""Files of random companies: see tests/config/companies.py."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.config.applying import site
from tests.config.companies import brought_to, company, exported_and_checked, provide
from tests.config.planning.test_random_companies import EVERYTHING

_SEEDS = st.integers(0, 2**32)
_FEW = settings(max_examples=50, deadline=None, phases=(Phase.reuse, Phase.generate))  # a smaller seed says nothing


@pytest.fixture(scope="module", params=[AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def traits(request: pytest.FixtureRequest) -> frozenset[str]:
    return frozenset(request.param)


@_FEW
@given(seed=_SEEDS)
def test_a_company_is_built_again(traits: frozenset[str], seed: int) -> None:
    with company(traits, seed) as source, SimulatedPbx("empty", traits=traits) as new, site(new) as target:
        files = exported_and_checked(source)
        provide(source.simulated, new)
        brought_to(target, files)


@_FEW
@given(seed=_SEEDS)
def test_a_company_becomes_another(traits: frozenset[str], seed: int) -> None:
    with company(traits, seed) as source, company(traits, seed + 1) as target:
        brought_to(target, exported_and_checked(source), prune=EVERYTHING)
