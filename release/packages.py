"""The packages of a source tree: wheel, sdist, the collection's tarball, and their checksums."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from release.repack import repack
from release.sbom import write_sbom
from release.tools import ReleaseError, run
from release.versions import current

CHECKSUMS: Final = "SHA256SUMS"
_JUNK: Final = shutil.ignore_patterns("__pycache__", "*.pyc", "*.tar.gz", ".*_cache", "output")
_NO_COMMIT: Final = 1580601600
"""Time in packages of a tree without commits: that of hatchling, 2020-02-02."""


def build(
    tree: Path, into: Path, *, epoch: int | None = None, sbom: bool = False, origin: str | None = None
) -> list[Path]:
    """Build the packages of a source tree and return their paths. The same sources give the same bytes.

    Parameters:
        tree: root of the source tree
        into: folder for the packages; packages of the same names are replaced
        epoch: seconds since 1970, the time of every file in them; that of the last commit if this is None
        sbom: whether to write a bill of materials too
        origin: address of the repository, which Galaxy requires in a collection that is published

    Raises:
        ReleaseError: a package cannot be built
    """
    into.mkdir(parents=True, exist_ok=True)
    time = commit_time(tree) if epoch is None else epoch
    version = current(tree)
    with tempfile.TemporaryDirectory(prefix="packages-") as scratch:
        made = Path(scratch) / "dist"
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", made, tree, epoch=time)
        collection = Path(scratch) / "collection"
        shutil.copytree(tree / "ansible_collection", collection, ignore=_JUNK)
        for folder in sorted((path for path in collection.rglob("*") if path.is_dir()), reverse=True):
            if not any(folder.iterdir()):  # git keeps no empty folder, so another checkout does not have it
                folder.rmdir()
        if origin is not None:
            with (collection / "galaxy.yml").open("a") as galaxy:
                galaxy.write(f"repository: {origin}\n")
        run(_beside("ansible-galaxy"), "collection", "build", "--output-path", scratch, collection)
        name = f"threecx-xapi-{version}"
        repack(Path(scratch) / f"{name}.tar.gz", made / f"{name}.tar.gz", time)
        if sbom:
            write_sbom(tree, str(version), made / f"{name}.cdx.json", time)
        names = sorted(path.name for path in made.iterdir())
        sums = "".join(f"{hashlib.sha256((made / each).read_bytes()).hexdigest()}  {each}\n" for each in names)
        (made / CHECKSUMS).write_text(sums)
        return [Path(shutil.copy(made / each, into / each)) for each in (*names, CHECKSUMS)]


def commit_time(tree: Path) -> int:
    """Seconds since 1970 of SOURCE_DATE_EPOCH, or else of the last commit.

    Parameters:
        tree: root of the source tree

    Raises:
        ReleaseError: SOURCE_DATE_EPOCH is no number
    """
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        if not given.isdecimal():
            raise ReleaseError(f"SOURCE_DATE_EPOCH={given} is no number of seconds.")
        return int(given)
    asked = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=tree, capture_output=True, text=True, check=False)
    return int(asked.stdout) if asked.returncode == 0 and asked.stdout.strip() else _NO_COMMIT


def origin_of(tree: Path) -> str | None:
    """The public address of the repository a tree was cloned from, or None.

    Parameters:
        tree: root of the source tree
    """
    asked = subprocess.run(
        ["git", "remote", "get-url", "origin"], cwd=tree, capture_output=True, text=True, check=False
    )
    found = re.fullmatch(
        r"(?:https://(?:[^@/]*@)?|(?:ssh://)?git@)([\w.-]+)[:/]([\w./-]+?)(?:\.git)?/?\n", asked.stdout
    )
    return f"https://{found[1]}/{found[2]}" if found else None


def _beside(program: str) -> Path:
    """A program of the environment that runs this."""
    return Path(sys.executable).with_name(program)
