"""Random companies as files: they plan nothing, are built again elsewhere, become another one, and are edited.

`make fuzz` tries many more (tests/fuzz/test_files.py).
"""

from __future__ import annotations

import pytest

from pbx_simulator import AS_SEEN, STRICT_ODATA
from tests.config.companies import check_becomes, check_rebuilt
from tests.config.edits import check_edited


@pytest.fixture(params=[AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def traits(request: pytest.FixtureRequest) -> frozenset[str]:
    return frozenset(request.param)


@pytest.mark.parametrize("seed", range(2))
def test_a_random_company_is_built_again_on_an_empty_pbx(traits: frozenset[str], seed: int) -> None:
    check_rebuilt(traits, seed)


@pytest.mark.parametrize("seed", range(10, 12))
def test_a_random_company_becomes_another(traits: frozenset[str], seed: int) -> None:
    check_becomes(traits, seed, seed + 100)


@pytest.mark.parametrize("seed", range(20, 23))
def test_edited_files_of_a_random_company_are_applied_in_one_go(traits: frozenset[str], seed: int) -> None:
    check_edited(traits, seed)
