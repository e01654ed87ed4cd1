"""Fixtures of the collection's tests: tasks on a simulated PBX, in a separate environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pbx_as_code.engine import connection as _client
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Result, Task, tasks_on

__all__ = ["Result", "Task"]


@pytest.fixture(autouse=True)
def _private(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A token cache, an environment and clients of this test's own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    for name in (
        "HOST",
        "PORT",
        "CLIENT_ID",
        "CLIENT_SECRET",
        "USERNAME",
        "PASSWORD",
        "ACCESS_TOKEN",
        "TIMEOUT",
        "DEADLINE",
    ):
        monkeypatch.delenv(f"THREECX_{name}", raising=False)
    yield
    _client.forget()


@pytest.fixture
def task_on() -> Callable[[SimulatedPbx], Task]:
    """Tasks on a PBX; see tasks.tasks_on."""
    return tasks_on


@pytest.fixture
def task(pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]) -> Task:
    """Tasks on this test's PBX."""
    return task_on(pbx)
