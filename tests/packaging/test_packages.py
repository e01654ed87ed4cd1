"""Contents of wheel, sdist and collection: everything they need, and no other files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

# One worker runs all tests of packages, so that each package is built once.
pytestmark = pytest.mark.xdist_group("packages")

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1 << 20


@pytest.fixture(scope="session")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(place)
    return place


def test_the_wheel_holds_the_client_the_simulator_and_its_document(installed: Path) -> None:
    for name in (
        "threecx_xapi/py.typed",
        "threecx_xapi/index.json",
        "threecx_xapi/api/fax.py",
        "threecx_xapi/models/fax.py",
        "pbx_as_code/py.typed",
        "pbx_as_code/entities/fax.py",
        "pbx_simulator/py.typed",
        "pbx_simulator/seeds/empty.yaml",
        "pbx_simulator/seeds/seed.yaml",
        "pbx_simulator/xapi-v1.yaml",
        "pbx_simulator/since.yaml",
    ):
        assert (installed / name).is_file(), name
    tops = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"threecx_xapi", "pbx_as_code", "pbx_simulator"}


def test_the_metadata_says_what_pip_needs(installed: Path) -> None:
    metadata = next(installed.glob("*.dist-info/METADATA")).read_text()
    assert "License-Expression: MIT" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert {"attrs", "httpx"} == set(re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", metadata, re.MULTILINE))
    assert "Provides-Extra: simulator" in metadata
    scripts = next(installed.glob("*.dist-info/entry_points.txt")).read_text()
    assert "threecx-simulator = pbx_simulator.command:main" in scripts


def test_an_installed_simulator_and_client_work_without_the_repository(installed: Path, tmp_path: Path) -> None:
    program = (
        "import pbx_simulator, threecx_xapi\n"
        "from threecx_xapi import XapiClient\n"
        "from threecx_xapi.api.fax import FaxApi\n"
        "with pbx_simulator.SimulatedPbx() as pbx, XapiClient(pbx.url, client_id=pbx.client_id,"
        " client_secret=pbx.client_secret, token_cache=False) as client:\n"
        "    print(len(list(client.fax.iterate())) > 0, pbx_simulator.__file__, threecx_xapi.__file__)\n"
    )
    # -P and an empty folder: nothing of the checkout but what the editable install adds, which PYTHONPATH precedes.
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(installed)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    worked, *homes = done.stdout.split()
    assert worked == "True"
    assert all(home.startswith(str(installed)) for home in homes)


def test_the_sdist_builds_and_holds_nothing_of_the_vendors(built: Path) -> None:
    with tarfile.open(next(built.glob("threecx_xapi-*.tar.gz"))) as sdist:
        names = {name.split("/", 1)[1] for name in sdist.getnames() if "/" in name}
    assert {"pyproject.toml", "openapi/xapi-v1.yaml", "README.md", "CHANGELOG.md", "LICENSE"} <= names
    assert not [name for name in names if "vendor" in name or "shared" in name or name.startswith((".venv", "build/"))]


def test_the_collection_is_small_and_whole(built: Path) -> None:
    [path] = built.glob("threecx-xapi-*.tar.gz")
    assert path.stat().st_size < 20 * MEGABYTE
    with tarfile.open(path) as tarball:
        names = set(tarball.getnames())
        manifest = tarball.extractfile("MANIFEST.json")
        assert manifest is not None
        info = json.load(manifest)["collection_info"]
    assert info["license"] == ["GPL-3.0-or-later"]
    assert {"LICENSE", "README.md", "CHANGELOG.rst", "meta/runtime.yml", "playbooks/clean_up.yml"} <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_nothing_committed_names_a_machine_or_a_workplace() -> None:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    if not files:
        pytest.skip("not a git checkout")
    # Put together here, so that this file does not name them either.
    words = [
        "/".join(("", "work", "main")),
        "/".join(("", "root", "")),
        "pypi" + ".org",
        "files.python" + "hosted",
        "/opt/" + "pypi",
    ]
    found = [
        (name, word)
        for name in files.split("\0")
        if name and (ROOT / name).is_file()
        for word in words
        if word.encode() in (ROOT / name).read_bytes()
    ]
    assert found == []
