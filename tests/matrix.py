"""`make matrix`: the playbook tests on every supported ansible-core, each in its own venv, and the releases of 3CX.

`make matrix ARGS='2.16 2.19'` tests these releases of ansible-core only, `make matrix ARGS=2.19/3.12` one Python, and
`make matrix ARGS=3cx` the releases of 3CX. Results are kept in docs/compatibility.json.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.compatibility import MATRIX, Counted, Result, counted, record
from tests.pins import pinned

ROOT = Path(__file__).resolve().parents[1]
VENVS = ROOT / ".venvs"
TESTS = ("tests/playbook",)
#: Tests of each release of 3CX. They have it in their names, except for those of the newest one.
OF_RELEASES = ("tests/openapi/test_other_documents.py", "tests/collection/every_module/test_every_release.py")
OF_NEWEST = ("tests/collection/every_module/test_entities.py", "tests/collection/every_module/test_settings.py")


def interpreter(version: str) -> str | None:
    """Return a Python of this version that starts, or None."""
    for name in (f"python{version}", *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))):
        path = shutil.which(name)
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


def prepare(core: str, python: str) -> Path | None:
    """Make the venv of a cell, and return its Python, or None where the package index has no such core."""
    venv = VENVS / f"core{core}-py{python}"
    inside = venv / "bin" / "python"
    if (venv / ".ready").exists():
        return inside
    found = interpreter(python)
    if found is None:
        return None
    subprocess.run([found, "-m", "venv", "--clear", venv], check=True)
    install: list[str | Path] = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The newest of a minor release; everything else as in development.
    others = [pin for pin in pinned(ROOT / "requirements-dev.txt") if not pin.startswith("ansible-core==")]
    pins = VENVS / "pins.txt"
    pins.write_text("\n".join(others) + "\n")
    if subprocess.run([*install, f"ansible-core~={core}.0"], check=False).returncode:
        return None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["simulator"], *extras["redis"]]
    subprocess.run(
        [*install, "-c", pins, *needed, "hatchling", "pydantic", "pytest", "pytest-timeout", "pytest-xdist"], check=True
    )
    subprocess.run([*install, "--no-deps", "--no-build-isolation", "-e", ROOT], check=True)
    (venv / ".ready").touch()
    return inside


def versions(python: Path) -> tuple[str, str]:
    """Releases of ansible-core and Python of an environment."""
    program = "import platform; from ansible.release import __version__; print(__version__, platform.python_version())"
    core, release = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    return core, release


def run(python: Path | str, *tests: str) -> Path:
    """Run tests and return the file with their outcomes."""
    junit = VENVS / "junit.xml"
    junit.unlink(missing_ok=True)
    subprocess.run(
        [python, "-m", "pytest", "-q", "-o", "junit_logging=no", f"--junitxml={junit}", *tests], cwd=ROOT, check=False
    )
    if not junit.is_file():
        sys.exit("error: pytest could not run")
    return junit


def cores(chosen: dict[str, set[str]]) -> dict[str, str]:
    """Run the playbook tests on ansible-cores and return the outcomes.

    Parameters:
        chosen: releases of ansible-core, each with Pythons
    """
    outcomes: dict[str, str] = {}
    for core, python in (
        (core, python) for core, pythons in MATRIX for python in pythons if python in chosen.get(core, ())
    ):
        cell = f"ansible-core {core} on Python {python}"
        print(f"== {cell}", flush=True)
        inside = prepare(core, python)
        if inside is None:
            outcomes[cell] = "skipped: no such Python here, or no such ansible-core for it"
            continue
        outcome = counted(run(inside, *TESTS)).get("", Counted())
        result = Result.of_today("ansible-core", *versions(inside), outcome)
        record(result)
        outcomes[cell] = f"{'FAILED: ' if outcome.failed or not outcome.passed else ''}{result.sentence}"
    return outcomes


def releases() -> dict[str, str]:
    """Run the tests of each release of 3CX and return the outcomes."""
    found = counted(run(sys.executable, *OF_RELEASES), r"\[(\d+\.\d+\.\d+)")
    newest = max(found, key=lambda release: [int(number) for number in release.split(".")])
    more = counted(run(sys.executable, *OF_NEWEST))[""]
    found[newest].passed += more.passed
    found[newest].skipped += more.skipped
    found[newest].failed |= more.failed
    outcomes: dict[str, str] = {}
    for release, outcome in found.items():
        result = Result.of_today("3CX", release, platform.python_version(), outcome)
        record(result)
        outcomes[f"3CX {release}"] = f"{'FAILED: ' if outcome.failed else ''}{result.sentence}"
    return outcomes


def main() -> None:
    """Run every cell, or those that are named. End with status 1 if one failed."""
    VENVS.mkdir(exist_ok=True)
    known = {core: set(pythons) for core, pythons in MATRIX}
    named = sys.argv[1:] or [*known, "3cx"]
    chosen: dict[str, set[str]] = {}
    for name in named:
        core, _, python = name.partition("/")
        if name != "3cx" and (core not in known or (python and python not in known[core])):
            sys.exit(f"error: {name} is not in the matrix; it has {', '.join(known)} and 3cx; 2.19/3.12 names a Python")
        if name != "3cx":
            chosen.setdefault(core, set()).update({python} if python else known[core])
    outcomes = cores(chosen) | (releases() if "3cx" in named else {})
    print("\n".join(f"{cell}: {outcome}" for cell, outcome in outcomes.items()))
    sys.exit(any(outcome.startswith("FAILED") for outcome in outcomes.values()))


if __name__ == "__main__":
    main()
