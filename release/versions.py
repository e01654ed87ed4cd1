"""The version: its source, and the files that must repeat it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from release.tools import ReleaseError

SOURCE: Final = "generated_client/threecx_xapi/_version.py"
"""The file that is the source of the version; pyproject.toml reads it."""
_FORM: Final = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


class Version(NamedTuple):
    """MAJOR.MINOR.PATCH. Python packages and collections agree on no notation of anything else."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return ".".join(map(str, self))

    @property
    def next_breaking(self) -> str:
        """The lowest version that may break what uses this one: 0.2 for 0.1.4, and 2 for 1.3.0."""
        return str(self.major + 1) if self.major else f"0.{self.minor + 1}"


class Place(NamedTuple):
    """A line of a file that states the version."""

    path: str
    line: re.Pattern[str]
    form: str

    def stated(self, tree: Path) -> str:
        """The line as it is.

        Parameters:
            tree: root of the source tree

        Raises:
            ReleaseError: there is no such line, or more than one
        """
        found = self.line.findall((tree / self.path).read_text())
        if len(found) != 1:
            raise ReleaseError(f"{self.path} states the version {len(found)} times instead of once.")
        return str(found[0])

    def wanted(self, version: Version) -> str:
        """The line as it is for a version."""
        return self.form.format(version=version, next_breaking=version.next_breaking)


PLACES: Final = (
    Place(SOURCE, re.compile(r"^__version__ = .*$", re.MULTILINE), '__version__ = "{version}"'),
    Place("ansible_collection/galaxy.yml", re.compile(r"^version: .*$", re.MULTILINE), "version: {version}"),
    Place(
        "ansible_collection/requirements.txt",
        re.compile(r"^threecx-xapi.*$", re.MULTILINE),
        "threecx-xapi>={version},<{next_breaking}",
    ),
)
"""Each place that states the version. The collection needs a Python package of the same version or a compatible later
one.
"""


def parse(text: str) -> Version:
    """A version.

    Parameters:
        text: such as 1.2.3

    Raises:
        ReleaseError: it has another form
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ReleaseError(f"VERSION={text} is no version. Give three numbers, such as make release VERSION=1.2.3")
    return Version(*map(int, found.groups()))


def current(tree: Path) -> Version:
    """The version of a source tree.

    Parameters:
        tree: its root

    Raises:
        ReleaseError: it states none
    """
    return parse(PLACES[0].stated(tree).partition('"')[2].rstrip('"'))


def write_version(tree: Path, version: Version) -> list[str]:
    """Write a version to every place, and return the paths.

    Parameters:
        tree: root of the source tree
        version: to write

    Raises:
        ReleaseError: a place is not as expected
    """
    for place in PLACES:
        path = tree / place.path
        path.write_text(path.read_text().replace(place.stated(tree), place.wanted(version), 1))
    return [place.path for place in PLACES]


def check_places(tree: Path) -> None:
    """Check that every place states the version.

    Parameters:
        tree: root of the source tree

    Raises:
        ReleaseError: one states another version, or none
    """
    version = current(tree)
    for place in PLACES:
        if place.stated(tree) != place.wanted(version):
            raise ReleaseError(f"{place.path} says {place.stated(tree)!r} instead of {place.wanted(version)!r}.")
