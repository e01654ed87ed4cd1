"""The packages of this checkout, built once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from release.packages import build

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with wheel, sdist, the collection's tarball and checksums."""
    place = tmp_path_factory.mktemp("dist")
    build(ROOT, place)
    return place
