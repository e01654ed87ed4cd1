"""Every module in every state, told by the PBX what nobody expects: the right structure with something else in it.

The client's own tests have bodies of every kind; here it is what a module makes of one that was almost right.
"""

from __future__ import annotations

import copy
import json
import math
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given as driven_by
from hypothesis import strategies as st
from threecx_xapi._request import session, steps
from threecx_xapi.client import XapiClient

from pbx_simulator import SimulatedPbx
from tests.collection import memory
from tests.collection.clocks import fall
from tests.collection.tasks import tasks_on
from tests.faults.states import MODULES, State, states
from tests.figures import record
from tests.profiles import tries

#: Invented values of every kind, and texts that are almost one.
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, math.nan, 10**40, "", "x", "\ud800", "100", 'W/"1"', "x" * 3000,
    "2024-99-99", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "24:00:00", "P99999999999999999999D", "-P1D", "T",
    [], {}, [None], [[]], [{}], ["a", 1], [1] * 50, {"value": []}, {"Id": None}, {"a": {"b": [1]}},
)  # fmt: skip
_TRIES = 6
_FEWER = 6
"""One in so many modules is tried, where there is not much time."""


class Mutated:
    """Exchanges some values of what is answered; `dice` decides, None leaves everything as it is."""

    def __init__(self) -> None:
        self.dice: random.Random | None = None
        self.last = ""

    def body(self, content: bytes) -> bytes:
        """Another body in the place of this one, every other time."""
        if self.dice is None or not content.startswith(b"{") or self.dice.random() < 0.5:
            return content
        whole = {"": json.loads(content)}
        for _ in range(self.dice.choice((1, 1, 1, 2, 5))):
            within, at = self.dice.choice(list(_places(whole)))
            if isinstance(within, dict) and at and self.dice.random() < 0.2:
                del within[at]
            elif at != "" or self.dice.random() < 0.2:
                within[at] = copy.deepcopy(self.dice.choice(STRANGE))
        self.last = json.dumps(whole[""])
        return self.last.encode()


def _places(within: Any) -> Iterator[tuple[Any, Any]]:
    """Every value of plain data, as what holds it and where."""
    names = list(within) if isinstance(within, dict) else range(len(within)) if isinstance(within, list) else ()
    for at in names:
        yield within, at
        yield from _places(within[at])


@pytest.fixture(scope="module")
def pbx() -> Iterator[SimulatedPbx]:
    with SimulatedPbx() as pbx:
        yield pbx


@pytest.fixture(scope="module")
def seeded(pbx: SimulatedPbx) -> Any:
    return pbx.snapshot()


@pytest.fixture(scope="module")
def mutated() -> Iterator[Mutated]:
    mutated, judge = Mutated(), session.Session._judge

    def instead(self: Any, outcome: Any, method: str, url: str, sent: Any, token: Any = None) -> Any:
        if token is not None and isinstance(outcome, steps.Answer) and outcome.status < 300:
            outcome = steps.Answer(outcome.status, outcome.headers, mutated.body(outcome.content))
        return judge(self, outcome, method, url, sent, token)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session.Session, "_judge", instead)
        patch.setattr(XapiClient, "_sleep", staticmethod(lambda _: None))
        fall(patch)
        yield mutated


@pytest.fixture(scope="module")
def known() -> dict[str, list[State]]:
    """The states of each module, as they are asked for."""
    return {}


@pytest.mark.parametrize(
    "module", MODULES if tries(_TRIES).max_examples > _TRIES else MODULES[::_FEWER], ids=lambda name: str(name)
)
@tries(_TRIES)
@driven_by(seed=st.integers(0, 10**9))
def test_what_a_module_makes_of_it(
    pbx: SimulatedPbx, seeded: Any, mutated: Mutated, known: dict[str, list[State]], module: str, seed: int
) -> None:
    task = tasks_on(pbx)
    mutated.dice = None
    if module not in known:
        known[module] = list(states(pbx, task, seeded, module))
    for state in known[module]:
        pbx.restore(state.baseline)
        memory.forget()
        mutated.dice, mutated.last = random.Random(f"{state} {seed}"), ""
        result = task(module, check_mode=seed % 5 == 1, **state.options)
        record("hostile answers given to modules")
        said = json.dumps([result.data, result.warnings], ensure_ascii=False)
        said.encode()  # or nobody could be told
        assert "mistake of the collection" not in said, f"{state}: {result.data['msg']}\nanswered {mutated.last[:2000]}"
