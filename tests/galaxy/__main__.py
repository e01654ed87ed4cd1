"""python -m tests.galaxy [CHECK ...]: run the checks of Ansible Galaxy and its tools on the collection.

The tools are in a separate venv, .venvs/galaxy, because galaxy-importer pins an older attrs than the client needs.
Each run works on its own copy below build/galaxy, so several runs can work at the same time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openapi.codegen.document import ROOT
from openapi.codegen.errors import CodegenError, one_clear_line
from release import tools
from release.tools import VENV

COLLECTION = ROOT / "ansible_collection"
SCRATCH = ROOT / "build" / "galaxy"
#: Galaxy requires the address of the repository. The publisher of the collection sets it; the copy uses an invalid one.
REPOSITORY = "repository: https://example.invalid/threecx-xapi\n"
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", "*.tar.gz", ".mypy_cache", ".ruff_cache", "output")
# `make sanity` runs ansible-test, and a separate, stricter check runs ansible-lint.
_IMPORTER = (
    "[galaxy-importer]\nRUN_ANSIBLE_TEST = False\nRUN_ANSIBLE_LINT = False\nRUN_ANSIBLE_DOC = True\nRUN_FLAKE8 = "
    "False\n"
)


@dataclass(frozen=True)
class Place:
    """Working folder of one run: a copy of the collection, and an environment without personal settings."""

    scratch: Path
    copy: Path
    environment: dict[str, str]

    def run(self, *command: str | Path, cwd: Path | None = None) -> str:
        """Run a program of the venv and return everything it said.

        Raises:
            CodegenError: with all of that, where it fails.
        """
        done = subprocess.run(
            [VENV / "bin" / command[0], *command[1:]],
            cwd=cwd or self.copy,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CodegenError(done.stdout.strip() or f"{command[0]} failed with status {done.returncode}")
        return done.stdout


def changelog(place: Place) -> None:
    """antsibull-changelog: configuration and fragments of the collection and of the Python package."""
    place.run("antsibull-changelog", "lint")
    place.run("antsibull-changelog", "lint", cwd=ROOT)


def lint(place: Place) -> None:
    """ansible-lint: playbooks, roles, and the examples of every module, by the profile for production; warnings fail
    too.
    """
    place.run("ansible-lint", "--nocolor", "--profile", "production", "--strict", "--offline", "-c", os.devnull, ".")


def environment(place: Place) -> None:
    """ansible-builder: an execution environment with the collection gets the client, and ours is accepted."""
    said = place.run("ansible-builder", "introspect", place.scratch / "collections")
    if "threecx-xapi" not in said:
        raise CodegenError(f"an execution environment would lack the client: {said}")
    context = place.scratch / "environment"
    place.run("ansible-builder", "create", "--file", ROOT / "awx" / "execution-environment.yml", "--context", context)
    if "threecx.xapi" not in (context / "_build" / "requirements.yml").read_text():
        raise CodegenError("awx/execution-environment.yml does not install the collection")


def importer(place: Place) -> None:
    """galaxy-importer: what Galaxy does with a tarball that is uploaded; what it warns of fails too."""
    configuration = place.scratch / "importer.cfg"
    configuration.write_text(_IMPORTER)
    dist = place.scratch / "dist"
    place.run("ansible-galaxy", "collection", "build", "--output-path", dist, place.copy)
    place.environment["GALAXY_IMPORTER_CONFIG"] = str(configuration)
    said = place.run("python", "-m", "galaxy_importer.main", next(dist.glob("*.tar.gz")), cwd=place.scratch)
    complaints = [line for line in said.splitlines() if line.startswith(("WARNING", "ERROR"))]
    if complaints or "completed successfully" not in said:
        raise CodegenError("\n".join(complaints) or said)


CHECKS: dict[str, Callable[[Place], None]] = {
    check.__name__: check for check in (changelog, lint, environment, importer)
}


def prepare(scratch: Path) -> Place:
    """Create the environment of the tools if necessary, and lay out a copy of the collection."""
    tools.prepare()
    copy = scratch / "collections" / "ansible_collections" / "threecx" / "xapi"
    shutil.copytree(COLLECTION, copy, ignore=_IGNORED)
    with (copy / "galaxy.yml").open("a") as galaxy:
        galaxy.write(REPOSITORY)
    # The copy needs its own repository: ours ignores build/, so ansible-lint would see no file.
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "THREECX_", "PYTHON"))
    }
    return Place(
        scratch,
        copy,
        {
            **kept,
            "PATH": os.pathsep.join((str(VENV / "bin"), os.environ.get("PATH", os.defpath))),
            "HOME": str(scratch),
            "XDG_CACHE_HOME": str(scratch / "cache"),
            "ANSIBLE_COLLECTIONS_PATH": str(scratch / "collections"),
            "ANSIBLE_NOCOLOR": "1",
        },
    )


@one_clear_line
def main() -> None:
    """Run the program; exit status 1 where a check fails, with what it said."""
    parser = argparse.ArgumentParser(prog="python -m tests.galaxy", description=__doc__)
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=f"default: {' '.join(CHECKS)}")
    checks = parser.parse_args().checks or list(CHECKS)
    if unknown := set(checks) - set(CHECKS):
        raise CodegenError(f"there is no check {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    SCRATCH.mkdir(parents=True, exist_ok=True)
    failed = []
    with tempfile.TemporaryDirectory(prefix="run-", dir=SCRATCH, ignore_cleanup_errors=True) as scratch:
        place = prepare(Path(scratch))
        for check in checks:
            begun = time.monotonic()
            try:
                CHECKS[check](place)
            except CodegenError as error:
                failed.append(check)
                said = "".join(f"       {line}\n" for line in str(error).splitlines())
                sys.stdout.write(f"FAILED {check:12} {time.monotonic() - begun:5.1f} s\n{said}")
            else:
                sys.stdout.write(f"ok     {check:12} {time.monotonic() - begun:5.1f} s\n")
            sys.stdout.flush()
    if failed:
        raise CodegenError(f"{len(failed)} of {len(checks)} checks failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
