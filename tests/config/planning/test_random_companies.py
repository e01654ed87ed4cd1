"""Random companies as files: they plan nothing, are built again elsewhere, and one becomes another.

`make fuzz` tries many more (tests/fuzz/test_files.py).
"""

from __future__ import annotations

import pytest

from pbx_as_code.config.kinds import KINDS
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.config.applying import site
from tests.config.companies import brought_to, company, exported_and_checked, provide

EVERYTHING = tuple(kind.section for kind in KINDS.values() if not kind.settings and kind.name != "group")
"""But departments, which may have members that no file can move."""


@pytest.fixture(params=[AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def traits(request: pytest.FixtureRequest) -> frozenset[str]:
    return frozenset(request.param)


@pytest.mark.parametrize("seed", range(2))
def test_a_random_company_is_built_again_on_an_empty_pbx(traits: frozenset[str], seed: int) -> None:
    with company(traits, seed) as source, SimulatedPbx("empty", traits=traits) as new, site(new) as target:
        files = exported_and_checked(source)
        provide(source.simulated, new)
        brought_to(target, files)


@pytest.mark.parametrize("seed", range(10, 12))
def test_a_random_company_becomes_another(traits: frozenset[str], seed: int) -> None:
    with company(traits, seed) as source, company(traits, seed + 100) as target:
        brought_to(target, exported_and_checked(source), prune=EVERYTHING)
