"""How hypothesis drives the tests: `ci` tries the same few inputs each time, `fuzz` many new ones.

HYPOTHESIS_PROFILE chooses; `make fuzz` goes on with `fuzz` for as long as it is told.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers

CI, FUZZ = "ci", "fuzz"
#: How many times as many inputs a round of `fuzz` tries.
_MORE = 10

# Inputs are drawn from the descriptions of 203 modules: slow to draw at first, and nothing is learnt from being told
# so.
_common = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
# Neither is what has failed made small: that takes longer than everything else, and `fuzz` does it.
_quick = (Phase.explicit, Phase.generate)
settings.register_profile(CI, parent=_common, derandomize=True, database=None, phases=_quick)
settings.register_profile(FUZZ, parent=_common, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", CI))
if settings.get_current_profile_name() == CI:
    # hypothesis tries constants of all modules that are imported by then. Each change of the code, and each other order
    # of tests, would lead to other inputs; and reading all those modules takes every worker seconds.
    providers._get_local_constants = lambda: providers._local_constants


def tries(n: int) -> settings:
    """How many inputs a test tries: n in `ci`, more in `fuzz`."""
    return settings(max_examples=n * (_MORE if settings.get_current_profile_name() == FUZZ else 1))


def some(modules: Iterable[str], of_each: Callable[[Sequence[str]], list[str]]) -> list[str]:
    """Modules that a test tries: those that stand for the others in `ci`, all of them in `fuzz`.

    Parameters:
        modules: all of them, names without threecx_
        of_each: chooses those that stand for the others; see tests/shapes.py
    """
    every = list(modules)
    return every if settings.get_current_profile_name() == FUZZ else of_each(every)
