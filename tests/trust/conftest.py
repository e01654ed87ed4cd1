"""A machine with several users: a place all of them reach, which pytest's own temporary folders are not."""

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
