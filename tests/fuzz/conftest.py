"""One simulated PBX for each file, tasks on it, and how much there was of them at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from threecx_xapi.client import XapiClient

from pbx_as_code.engine import connection as _client
from pbx_simulator import SimulatedPbx
from tests.fuzz.running import Tasks


@pytest.fixture(scope="module", autouse=True)
def _private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Separate token cache and environment for each file, since hypothesis runs each test many times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        for name in [name for name in os.environ if name.startswith("THREECX_")]:
            patch.delenv(name)
        patch.setattr(XapiClient, "_sleep", staticmethod(lambda seconds: None))  # nobody waits before a retry
        yield
    _client.forget()


@pytest.fixture(scope="module")
def tasks() -> Iterator[Tasks]:
    """Tasks on a PBX with the built-in company."""
    with SimulatedPbx() as pbx:
        yield Tasks(pbx)
