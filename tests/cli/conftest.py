"""The command `threecx` in this process, and a simulated PBX it may talk to."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from threecx_xapi.client import XapiClient

from pbx_as_code.cli.main import main
from pbx_simulator import SimulatedPbx


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which is one JSON value."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The failure that --json shows."""
        assert self.status == 1
        assert list(self.json) == ["error"]
        found: dict[str, Any] = self.json["error"]
        return found


Threecx = Callable[..., Ran]


@pytest.fixture(scope="session")
def shared_pbx() -> Iterator[SimulatedPbx]:
    """A simulated PBX that tests only read."""
    with SimulatedPbx() as running:
        yield running


@pytest.fixture
def simulated() -> Iterator[SimulatedPbx]:
    """A simulated PBX for one test."""
    with SimulatedPbx() as running:
        yield running


@pytest.fixture
def threecx(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Threecx:
    """Run `threecx` with arguments; `pbx` is the one it is to connect to, `stdin` its input."""

    def run(*arguments: str, pbx: SimulatedPbx | None = None, stdin: str = "", **environment: str) -> Ran:
        capsys.readouterr()
        with monkeypatch.context() as patched:
            for name in [name for name in os.environ if name.startswith("THREECX_")]:
                patched.delenv(name)
            if pbx is not None:
                patched.setenv("THREECX_HOST", pbx.url)
                patched.setenv("THREECX_CLIENT_ID", pbx.client_id)
                patched.setenv("THREECX_CLIENT_SECRET", pbx.client_secret)
            for name, value in environment.items():
                patched.setenv(name, value)
            patched.setattr("sys.stdin", io.StringIO(stdin))
            patched.setattr(XapiClient, "_sleep", staticmethod(lambda seconds: None))  # nobody waits before a retry
            with pytest.raises(SystemExit) as ended:
                main(list(arguments))
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return run
