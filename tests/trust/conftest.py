"""Folders for the shared token: of one user, and one that all users of a machine reach, unlike those of pytest."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from threecx_xapi._token_store import store as token_store


@pytest.fixture(autouse=True)
def forget_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test sees the warnings that a process gives once."""
    monkeypatch.setattr(token_store, "_warned", set())


@pytest.fixture
def shared_tmp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Like /tmp: everybody may write to it, and nobody may remove what is another's."""
    above = Path(tempfile.mkdtemp(prefix="threecx-trust-")).resolve()
    above.chmod(0o755)
    folder = above / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    yield folder
    shutil.rmtree(above)


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the token, which is not made yet, in the user's own runtime folder."""
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
    return run / "threecx-xapi"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A place outside that folder, for the target of a link."""
    return tmp_path / "elsewhere"
