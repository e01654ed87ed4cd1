"""Fixtures of the fault tests: one simulated PBX per file, without real waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pbx_as_code.engine import connection as _client
from pbx_simulator import SimulatedPbx
from pbx_simulator.traits import registry
from tests.faults.trial import Trials, prepared


@pytest.fixture(autouse=True)
def _private(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test its own token cache and clients, without settings of the user who runs the tests."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    for name in ("HOST", "PORT", "CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD", "ACCESS_TOKEN", "TIMEOUT"):
        monkeypatch.delenv(f"THREECX_{name}", raising=False)
    yield
    _client.forget()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try faults with ETags and without, unless --traits says what the PBX gives."""
    if "trials" not in metafunc.fixturenames:
        return
    gives = "no-etags" if "no-etags" in registry.DEFAULT else "etags"
    tried = [gives] if metafunc.config.getoption("--traits") else ["etags", "no-etags"]
    metafunc.parametrize("trials", tried, indirect=True, scope="module")


@pytest.fixture(scope="module")
def trials(request: pytest.FixtureRequest) -> Iterator[Trials]:
    """Trials on a PBX of this file's own, which gives ETags, and on one that gives none."""
    with pytest.MonkeyPatch.context() as patch, SimulatedPbx(etags=request.param == "etags") as running:
        yield prepared(patch, running, etags=request.param == "etags")
