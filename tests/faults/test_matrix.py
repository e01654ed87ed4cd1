"""Every module in every state, and every fault: what must hold is in trial._Checks and Trials._again.

The whole product is what make soak runs. Here every fault meets some modules of every kind, and every module meets some
faults, others for each; together they meet all.
"""

from __future__ import annotations

import pytest

from tests.faults.soak import SOAK
from tests.faults.trial import KINDS, MODULES, Kind, Trials, places, rotated

#: One module of each kind: entity, settings, settings written by an action, entity within another entity, ...
OF_EVERY_KIND = (
    "mail_settings",
    "backup_settings",
    "dn_property",
    "backup",
    "service",
    "operation",
    "group",
    "user_info",
)
#: How many faults each state of each module meets.
ROTATING = 1


def fails(wrong: list[str]) -> None:
    """Say everything that did not hold, a page at most."""
    assert not wrong, f"{len(wrong)} do not hold:\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_fault_at_every_request_of_an_entity(trials: Trials, kind: Kind) -> None:
    wrong: list[str] = []
    for row, (state, told) in enumerate(trials.of("fax")):
        at = places(told)
        once = kind.before or (kind.heavy and not SOAK)
        for n in (at[-1 - row % len(at)],) if once else at:
            wrong += trials.attempt(state, told, kind, n)
    fails(wrong)


@pytest.mark.parametrize("module", OF_EVERY_KIND)
def test_every_fault_and_every_kind_of_module(trials: Trials, module: str) -> None:
    wrong: list[str] = []
    for row, (state, told) in enumerate(trials.of(module)):
        at = places(told)
        for column, kind in enumerate(KINDS.values()):
            if (row + column) % 4 == 0 and not kind.heavy:
                wrong += trials.attempt(state, told, kind, at[(row + column // 4) % len(at)])
    fails(wrong)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_and_some_faults(trials: Trials, module: str) -> None:
    """In check mode too."""
    wrong: list[str] = []
    number = MODULES.index(module)
    for row, (state, told) in enumerate(trials.of(module)):
        at = places(told)
        for step, kind in enumerate(rotated(number * 5 + row, ROTATING + 1)):
            n = at[(number + row + step) % len(at)]
            if not kind.heavy:
                wrong += trials.attempt(state, told, kind, n, check_mode=step == ROTATING)
    fails(wrong)


@pytest.mark.parametrize("module", MODULES if SOAK else [])
def test_every_module_and_every_fault_at_every_request(trials: Trials, module: str) -> None:
    """Half an hour; empty unless by make soak."""
    wrong: list[str] = []
    for state, told in trials.of(module):
        for kind in KINDS.values():
            for n in (1,) if kind.before else places(told):
                for check_mode in (False, True):
                    wrong += trials.attempt(state, told, kind, n, check_mode=check_mode)
    fails(wrong)


def test_the_rotation_reaches_every_fault() -> None:
    met = {kind.name for number in range(len(MODULES)) for kind in rotated(number * 5, ROTATING + 1)}
    assert met == set(KINDS)
