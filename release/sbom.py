"""The bill of materials of the Python package (CycloneDX): its dependencies with versions, licences and relations."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from release.tools import ReleaseError, prepare, run


def write_sbom(tree: Path, version: str, target: Path, epoch: int) -> None:
    """Write the bill of materials. It lists the releases that this environment has, which are the pinned ones.

    Parameters:
        tree: source tree with pyproject.toml
        version: of the package
        target: file to write
        epoch: seconds since 1970, the time that the document states

    Raises:
        ReleaseError: cyclonedx-py fails
    """
    project = tomllib.loads((tree / "pyproject.toml").read_text())["project"]
    extras: dict[str, list[str]] = project["optional-dependencies"]
    requirements = sorted({*project["dependencies"], *(each for needed in extras.values() for each in needed)})
    tools = prepare()
    with tempfile.TemporaryDirectory(prefix="sbom-") as scratch:
        python = _environment(Path(scratch) / "venv", closure(requirements))
        # cyclonedx-py expects the version in pyproject.toml.
        root = Path(scratch) / "pyproject.toml"
        root.write_text(
            f'[project]\nname = "{project["name"]}"\nversion = "{version}"\ndescription = "{project["description"]}"\n'
            f'license = "{project["license"]}"\ndependencies = {requirements}\n'
        )
        run(
            tools / "cyclonedx-py", "environment", "--pyproject", root, "--mc-type", "library", "--output-reproducible",
            "--output-format", "JSON", "--output-file", target, python, epoch=epoch,
        )  # fmt: skip


def closure(requirements: Iterable[str]) -> list[Distribution]:
    """The installed distributions that requirements lead to, each once, by name.

    Parameters:
        requirements: as in pyproject.toml

    Raises:
        PackageNotFoundError: one is not installed
    """
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(each) for each in requirements]
    while waiting:
        requirement = waiting.pop()
        installed = distribution(requirement.name)
        name = canonicalize_name(requirement.name)
        found[name] = installed
        for extra in {"", *requirement.extras} - {known for other, known in seen if other == name}:
            seen.add((name, extra))
            needed = [Requirement(each) for each in installed.requires or ()]
            waiting += [each for each in needed if each.marker is None or each.marker.evaluate({"extra": extra})]
    return [found[name] for name in sorted(found)]


def _environment(folder: Path, distributions: list[Distribution]) -> Path:
    """An environment with the metadata of these distributions and nothing else. Returns its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = next(folder.glob("lib*/python*/site-packages"))
    for each in distributions:
        metadata = _metadata(each)
        (packages / metadata.name).symlink_to(metadata)
    return folder / "bin" / "python"


def _metadata(installed: Distribution) -> Path:
    """The folder with the metadata of a distribution, found by name: an old pip installs some as .egg-info."""
    folder = Path(str(installed.locate_file("")))
    wanted = canonicalize_name(installed.name)
    for found in sorted([*folder.glob("*.dist-info"), *folder.glob("*.egg-info")]):
        if canonicalize_name(found.name.partition("-")[0]) == wanted:
            return found
    raise ReleaseError(f"{installed.name} has no metadata in {folder}: install it again.")
