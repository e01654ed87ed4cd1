"""Results of `make matrix`, kept in docs/compatibility.json, and the page that shows them, docs/compatibility.md.

`python -m tests.compatibility` writes the page again.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import yaml

from release.versions import current
from tests.pins import pinned

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "compatibility.json"
PAGE = ROOT / "docs" / "compatibility.md"
#: ansible-core and the Pythons it supports; `make matrix` skips those that a machine lacks.
MATRIX = (
    ("2.16", ("3.11", "3.12")),
    ("2.17", ("3.11", "3.12")),
    ("2.18", ("3.11", "3.12", "3.13")),
    ("2.19", ("3.11", "3.12", "3.13")),
    ("2.20", ("3.12", "3.13", "3.14")),
    ("2.21", ("3.12", "3.13", "3.14")),
)
_HEAD = """\
<!-- Generated from compatibility.json, which make matrix writes. Do not edit. -->
# Compatibility

The collection and the Python package are released together and have the same version. Install both together. If they do
not fit, each task fails and says which of the two to upgrade.

| with | releases |
|---|---|
| ansible-core | {core} |
| Python | {python} |
| 3CX | {oldest} to {newest} |

The modules lack what a newer release of 3CX adds to the API. Use `client.request` of the Python client for it.

## Tested ansible-cores and Pythons
Results of the playbook tests (`make matrix`), the last run of each. CI runs all tests on ansible-core {pinned} as well.

| ansible-core | Python | package and collection | date | result |
|---|---|---|---|---|
"""
_RELEASES = """
## Tested releases of 3CX
Results of generating client and modules from the document of each release, and of running the modules on a simulated
PBX of that release (`make matrix ARGS=3cx`), the last run of each. No 3CX installation took part.

| 3CX | package and collection | date | result |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Result:
    """The last run of one combination."""

    subject: str
    """ansible-core, or 3CX."""
    release: str
    """Release of the subject, such as 2.19.14."""
    python: str
    version: str
    """Version of the package and of the collection."""
    date: str
    passed: int
    skipped: int = 0
    failed: list[str] = field(default_factory=list)
    """Names of the failed tests."""
    note: str = ""

    @classmethod
    def of_today(cls, subject: str, release: str, python: str, counted: Counted) -> Self:
        """The result of a run that has just ended.

        Parameters:
            subject: ansible-core, or 3CX
            release: of the subject
            python: version of Python
            counted: outcomes of the tests
        """
        today = datetime.now(UTC).date().isoformat()
        failed = sorted(counted.failed)
        return cls(subject, release, python, str(current(ROOT)), today, counted.passed, counted.skipped, failed)

    @property
    def cell(self) -> tuple[str, str, str]:
        """Results of the same cell replace each other: minor releases of ansible-core and Python, releases of 3CX."""
        release = _minor(self.release) if self.subject == "ansible-core" else self.release
        return self.subject, release, _minor(self.python) if self.subject == "ansible-core" else ""

    @property
    def sentence(self) -> str:
        """Outcomes for people."""
        said = [f"{self.passed} passed"]
        if self.failed:
            said.append(f"{len(self.failed)} failed ({', '.join(self.failed)})")
        if self.skipped:
            said.append(f"{self.skipped} skipped")
        return ", ".join(said) + (f"; {self.note}" if self.note else "")


@dataclass
class Counted:
    """Outcomes of tests."""

    passed: int = 0
    skipped: int = 0
    failed: set[str] = field(default_factory=set)


def counted(junit: Path, group: str = "") -> dict[str, Counted]:
    """Outcomes in a JUnit file of pytest, by group.

    Parameters:
        junit: the file
        group: regular expression whose first group names the group of a test; by default there is one group
    """
    found: dict[str, Counted] = {}
    for case in ElementTree.parse(junit).iter("testcase"):  # written by pytest a moment ago
        name = case.get("name", "")
        match = re.search(group, name)
        if match is None:
            continue
        outcome = found.setdefault(match[1] if group else "", Counted())
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed.add(name)
        elif case.find("skipped") is not None:
            outcome.skipped += 1
        else:
            outcome.passed += 1
    return found


def read() -> list[Result]:
    """All results."""
    return [Result(**each) for each in json.loads(RESULTS.read_text())]


def record(result: Result) -> None:
    """Keep a result in place of the earlier one of the same cell, and write the page.

    Parameters:
        result: of a run
    """
    kept = [each for each in read() if each.cell != result.cell]
    results = sorted([*kept, result], key=lambda each: (each.subject, _numbers(each.release), _numbers(each.python)))
    RESULTS.write_text(json.dumps([asdict(each) for each in results], indent=2) + "\n")
    PAGE.write_text(page(results))


def page(results: list[Result]) -> str:
    """The page.

    Parameters:
        results: of all cells
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime = yaml.safe_load((ROOT / "ansible_collection" / "meta" / "runtime.yml").read_text())
    releases = yaml.safe_load((ROOT / "openapi" / "catalogue" / "since.yaml").read_text())["since"]["releases"]
    head = _HEAD.format(
        core=runtime["requires_ansible"],
        python=project["requires-python"],
        oldest=releases[0],
        newest=releases[-1],
        pinned=next(pin for pin in pinned(ROOT / "requirements-dev.txt") if pin.startswith("ansible-core=="))[14:],
    )
    known = {each.cell: each for each in results}
    rows = []
    for core, pythons in MATRIX:
        for python in pythons:
            result = known.get(("ansible-core", core, python))
            rows.append(
                f"| {result.release} | {result.python} | {result.version} | {result.date} | {result.sentence} |"
                if result
                else f"| {core} | {python} | | | not run yet |"
            )
    of_3cx = [known.get(("3CX", release, "")) for release in releases]
    released = [
        f"| {each.release} | {each.version} | {each.date} | {each.sentence} |"
        if each
        else f"| {release} | | | not run yet |"
        for release, each in zip(releases, of_3cx, strict=True)
    ]
    return head + "\n".join(rows) + "\n" + _RELEASES + "\n".join(released) + "\n"


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


if __name__ == "__main__":
    PAGE.write_text(page(read()))
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} is written\n")
