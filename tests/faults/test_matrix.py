"""Every module in every state, and every fault: what must hold is in trial._Checks and Trials._again.

The whole product is what make soak runs. Here every fault meets one module of every shape, and every module of the list
meets some faults, others for each; together they meet all.
"""

from __future__ import annotations

import pytest

from tests.faults.soak import SOAK
from tests.faults.trial import KINDS, MODULES, Kind, Trials, places, places_in_check_mode, rotated
from tests.shapes import of_each_shape

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
#: Modules that differ in nothing but names and plain properties meet a fault by the same code.
OF_EVERY_SHAPE = MODULES if SOAK else of_each_shape(MODULES)
#: How many faults each state of each module meets.
ROTATING = 1


def fails(wrong: list[str]) -> None:
    """Say everything that did not hold, a page at most."""
    assert not wrong, f"{len(wrong)} do not hold:\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_fault_at_every_request_of_an_entity(trials: Trials, kind: Kind) -> None:
    """A task signs in before its first request, whatever its state: one state of each fault is enough."""
    wrong: list[str] = []
    known, turn = trials.of("fax"), list(KINDS).index(kind.name)
    for row, (state, told) in enumerate(known):
        at = trials.places(told, sign_in=row == turn % len(known))
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


@pytest.mark.parametrize("module", OF_EVERY_SHAPE)
def test_every_module_and_some_faults(trials: Trials, module: str) -> None:
    """In check mode too."""
    wrong: list[str] = []
    number = OF_EVERY_SHAPE.index(module)
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
                wrong += trials.attempt(state, told, kind, n)
            for n in (1,) if kind.before else places_in_check_mode(told):
                wrong += trials.attempt(state, told, kind, n, check_mode=True)
    fails(wrong)


def test_the_rotation_reaches_every_fault() -> None:
    met = {kind.name for number in range(len(OF_EVERY_SHAPE)) for kind in rotated(number * 5, ROTATING + 1)}
    assert met == set(KINDS)


def test_there_are_fewer_shapes_than_modules_and_the_largest_modules_have_one_each() -> None:
    chosen = of_each_shape(MODULES)
    assert len(chosen) < len(MODULES) * 3 / 5
    assert {"user", "trunk", "queue", "group", "inbound_rule", "fax", "service"} <= set(chosen)
