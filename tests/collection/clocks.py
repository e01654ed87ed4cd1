"""Time that passes when somebody sleeps, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from pbx_as_code.engine.access import target
from pbx_as_code.engine.write import change, creation


@dataclass
class Night:
    """Fake clock: the current time, and the sleeps so far."""

    time: float = 1000.0
    slept: list[float] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None
    """Function to call during each sleep."""

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.time += seconds
        if self.meanwhile is not None:
            self.meanwhile()


def fall(monkeypatch: pytest.MonkeyPatch) -> Night:
    """From now on nobody really waits."""
    night = Night()
    for module in (target, change, creation):
        monkeypatch.setattr(module, "CLOCK", target.Clock(night.now, night.sleep))
    return night
