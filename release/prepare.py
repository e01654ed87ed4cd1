"""A release, prepared in a clone. The work tree gets the release's commit only if everything has succeeded."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from release.changelog import check_fragments, released, write_changelogs
from release.packages import build, commit_time, origin_of
from release.tools import ReleaseError
from release.versions import Version, parse, write_version


def prepare_release(text: str, root: Path, into: Path, *, dry_run: bool) -> list[Path]:
    """Prepare a release and return the paths of its packages. Nothing is tagged, pushed or published.

    Parameters:
        text: the version
        root: work tree
        into: folder for the packages
        dry_run: leave the work tree without the commit

    Raises:
        ReleaseError: it cannot be made; the work tree is unchanged
    """
    version = parse(text)
    check(version, root)
    moment = commit_time(root) if dry_run else int(time.time())
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        tree = Path(scratch) / "tree"
        _git(root, "clone", "--quiet", str(root), str(tree))
        write_version(tree, version)
        write_changelogs(tree, version, datetime.fromtimestamp(moment, UTC).date().isoformat())
        _commit(tree, f"Release {version}", moment, _identity(root, dry_run))
        # From the clone, so that ignored files of the work tree cannot get into a package.
        packages = build(tree, into, epoch=moment, sbom=True, origin=origin_of(root))
        if not dry_run:
            _git(root, "fetch", "--quiet", str(tree), "HEAD")
            _git(root, "merge", "--quiet", "--ff-only", "FETCH_HEAD")
    return packages


def check(version: Version, root: Path) -> None:
    """Check that a release of this version can be made.

    Parameters:
        version: of the release
        root: work tree

    Raises:
        ReleaseError: it cannot
    """
    if changed := _git(root, "status", "--porcelain"):
        names = ", ".join(line[3:] for line in changed.splitlines()[:3])
        raise ReleaseError(f"The work tree has changes that are not committed ({names}). Commit or remove them first.")
    known = released(root)
    if version in known or _git(root, "tag", "--list", f"v{version}"):
        raise ReleaseError(f"Version {version} exists already. Choose a higher one.")
    if known and version < known[-1]:
        raise ReleaseError(f"Version {version} is lower than {known[-1]}, the latest release. Choose a higher one.")
    check_fragments(root)


def next_steps(version: str) -> str:
    """Commands to run after the preparation of a release.

    Parameters:
        version: of the release
    """
    return (
        f"Release {version} is committed and built, but not published. Next:\n"
        "  git show --stat        # review the commit; git reset --hard HEAD^ undoes it\n"
        f"  git tag --annotate v{version} --message 'Release {version}'\n"
        f"  git push origin HEAD v{version}        # .github/workflows/release.yml publishes the tag"
    )


def _identity(root: Path, dry_run: bool) -> dict[str, str]:
    """Name and e-mail address of the author, for a clone that lacks the settings of the work tree."""
    found: dict[str, str] = {}
    for setting, invented in (("user.name", "Nobody"), ("user.email", "nobody@example.com")):
        asked = subprocess.run(["git", "config", setting], cwd=root, capture_output=True, text=True, check=False)
        value = asked.stdout.strip() or (invented if dry_run else "")
        if not value:
            raise ReleaseError(f"git does not know {setting}. Run: git config {setting} ...")
        found[setting] = value
    return found


def _commit(tree: Path, subject: str, moment: int, settings: dict[str, str]) -> None:
    """Commit everything, with the time that the packages state."""
    options = [each for name, value in settings.items() for each in ("-c", f"{name}={value}")]
    _git(tree, "add", "--all")
    done = subprocess.run(
        ["git", *options, "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", subject],
        cwd=tree, capture_output=True, text=True, check=False,
        env={**os.environ, "GIT_AUTHOR_DATE": f"{moment} +0000", "GIT_COMMITTER_DATE": f"{moment} +0000"},
    )  # fmt: skip
    if done.returncode:
        raise ReleaseError(f"git commit failed: {done.stderr.strip() or done.stdout.strip()}")


def _git(folder: Path, *arguments: str) -> str:
    """Output of git.

    Raises:
        ReleaseError: it fails
    """
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.rstrip("\n")
