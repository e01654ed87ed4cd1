"""Changelogs of the Python package and of the collection, written from fragments by antsibull-changelog."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from release.tools import ReleaseError, prepare, run
from release.versions import Version, parse

PROJECTS: Final = {"the Python package": "", "the collection": "ansible_collection"}
"""Folders with a changelog."""
_TRIVIAL: Final = {"trivial"}


def fragments(tree: Path, folder: str) -> list[Path]:
    """Fragments of the changes that are not released yet.

    Parameters:
        tree: root of the source tree
        folder: of PROJECTS
    """
    return sorted((tree / folder / "changelogs" / "fragments").glob("*.y*ml"))


def released(tree: Path) -> list[Version]:
    """Versions in the changelogs, in ascending order.

    Parameters:
        tree: root of the source tree
    """
    found: set[Version] = set()
    for folder in PROJECTS.values():
        path = tree / folder / "changelogs" / "changelog.yaml"
        if path.is_file():
            content: dict[str, Any] = yaml.safe_load(path.read_text()) or {}
            found |= {parse(version) for version in content.get("releases") or {}}
    return sorted(found)


def check_fragments(tree: Path) -> None:
    """Check that the changelog of a release would be valid and say something.

    Parameters:
        tree: root of the source tree

    Raises:
        ReleaseError: no fragment describes a change, or one is invalid
    """
    if not any(_says_something(path) for folder in PROJECTS.values() for path in fragments(tree, folder)):
        places = " and ".join(str(Path(folder, "changelogs/fragments")) for folder in PROJECTS.values())
        raise ReleaseError(f"There is nothing to release: {places} have no fragment that describes a change.")
    for folder in PROJECTS.values():
        run(prepare() / "antsibull-changelog", "lint", cwd=tree / folder)


def write_changelogs(tree: Path, version: Version, date: str) -> None:
    """Move the fragments of both projects into their changelogs.

    Parameters:
        tree: root of the source tree
        version: of the release
        date: of the release, such as 2026-11-29

    Raises:
        ReleaseError: antsibull-changelog fails
    """
    tools = prepare()
    for name, folder in PROJECTS.items():
        if not any(_says_something(path) for path in fragments(tree, folder)):
            others = " and ".join(other for other in PROJECTS if other != name)
            place = tree / folder / "changelogs" / "fragments"
            place.mkdir(exist_ok=True)  # git keeps no empty folder
            (place / f"{version}.yml").write_text(f"release_summary: No changes. Released together with {others}.\n")
        run(tools / "antsibull-changelog", "release", "--version", str(version), "--date", date, cwd=tree / folder)
        (tree / folder / "changelogs" / ".plugin-cache.yaml").unlink(missing_ok=True)


def _says_something(fragment: Path) -> bool:
    try:
        content = yaml.safe_load(fragment.read_text())
    except yaml.YAMLError as error:
        raise ReleaseError(f"{fragment.name} is not valid YAML: {error}") from None
    return isinstance(content, dict) and bool(set(content) - _TRIVIAL)
