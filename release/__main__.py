"""python -m release COMMAND: build the packages, prepare a release, check a tag."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from release.packages import build, origin_of
from release.prepare import next_steps, prepare_release
from release.tools import ROOT, ReleaseError
from release.versions import check_places, current


def main(arguments: list[str] | None = None) -> int:
    """Run the program. Returns the exit status: 0, or 1 with one message.

    Parameters:
        arguments: of the command line; those of the process if this is None
    """
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build", help="build wheel, sdist, collection and checksums from this work tree")
    building.add_argument("--into", type=Path, default=ROOT / "build" / "dist", help="folder for the packages")
    building.add_argument("--sbom", action="store_true", help="write a bill of materials (CycloneDX) too")
    preparing = commands.add_parser("prepare", help="write version and changelogs, commit, build all packages")
    preparing.add_argument("version", metavar="VERSION", help="such as 1.2.3")
    preparing.add_argument("--into", type=Path, help="folder for the packages (default: build/release/VERSION)")
    preparing.add_argument(
        "--dry-run", action="store_true", help="build the packages, but leave the work tree as it is"
    )
    checking = commands.add_parser("check", help="fail if a tag is not that of the version of this work tree")
    checking.add_argument("tag", metavar="TAG", help="such as v1.2.3")
    given = parser.parse_args(arguments)
    try:
        if given.command == "build":
            _show(build(ROOT, given.into, sbom=given.sbom, origin=origin_of(ROOT)))
        elif given.command == "check":
            check_places(ROOT)
            if given.tag != f"v{current(ROOT)}":
                raise ReleaseError(f"The tag {given.tag} is not that of version {current(ROOT)}.")
        else:
            into = given.into or ROOT / "build" / "release" / given.version
            _show(prepare_release(given.version, ROOT, into, dry_run=given.dry_run))
            print("Nothing was committed." if given.dry_run else next_steps(given.version))
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _show(paths: list[Path]) -> None:
    for path in paths:
        print(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    sys.exit(main())
