"""The packages of this checkout, built once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from release.packages import build

ROOT = Path(__file__).resolve().parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that use the packages in one worker, which builds them once."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if item.path.parent == Path(__file__).parent and {"built", "installed", "released"} & used:
            item.add_marker(pytest.mark.xdist_group("packages"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with wheel, sdist, the collection's tarball and checksums."""
    place = tmp_path_factory.mktemp("dist")
    build(ROOT, place)
    return place
