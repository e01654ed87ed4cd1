"""Files of random companies: see tests/config/companies.py and edits.py."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pbx_simulator import AS_SEEN, STRICT_ODATA
from tests.config.companies import check_becomes, check_rebuilt
from tests.config.edits import check_edited

_SEEDS = st.integers(0, 2**32)
#: A smaller seed says nothing.
_FEW = settings(max_examples=50, deadline=None, phases=(Phase.reuse, Phase.generate))


@pytest.fixture(scope="module", params=[AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def traits(request: pytest.FixtureRequest) -> frozenset[str]:
    return frozenset(request.param)


@_FEW
@given(seed=_SEEDS)
def test_a_company_is_built_again(traits: frozenset[str], seed: int) -> None:
    check_rebuilt(traits, seed)


@_FEW
@given(seed=_SEEDS)
def test_a_company_becomes_another(traits: frozenset[str], seed: int) -> None:
    check_becomes(traits, seed, seed + 1)


@_FEW
@given(seed=_SEEDS)
def test_edited_files_are_applied_in_one_go(traits: frozenset[str], seed: int) -> None:
    check_edited(traits, seed)
