"""`make matrix`: the playbook tests on every supported ansible-core, each in its own venv.

`make matrix ARGS='2.16 2.19'` tests these releases only.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.pins import pinned

ROOT = Path(__file__).resolve().parents[1]
VENVS = ROOT / ".venvs"
#: ansible-core and the Pythons it is tried on; one that this machine lacks is said to be skipped.
MATRIX = (
    ("2.16", ("3.11", "3.12")),
    ("2.17", ("3.11", "3.12")),
    ("2.18", ("3.11", "3.12", "3.13")),
    ("2.19", ("3.11", "3.12", "3.13")),
    ("2.20", ("3.12", "3.13", "3.14")),
    ("2.21", ("3.12", "3.13", "3.14")),
)
TESTS = ("tests/playbook",)


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
    needed = [*project["dependencies"], *project["optional-dependencies"]["simulator"]]
    subprocess.run(
        [*install, "-c", pins, *needed, "hatchling", "pydantic", "pytest", "pytest-timeout", "pytest-xdist"], check=True
    )
    subprocess.run([*install, "--no-deps", "--no-build-isolation", "-e", ROOT], check=True)
    (venv / ".ready").touch()
    return inside


def main() -> None:
    """Run every cell, or those of the cores that are named; end with status 1 where one failed."""
    VENVS.mkdir(exist_ok=True)
    outcomes: dict[str, str] = {}
    chosen = sys.argv[1:] or [core for core, _ in MATRIX]
    unknown = set(chosen) - {core for core, _ in MATRIX}
    if unknown:
        sys.exit(f"error: no such ansible-core in the matrix: {', '.join(sorted(unknown))}")
    for core, pythons in ((core, pythons) for core, pythons in MATRIX if core in chosen):
        for python in pythons:
            cell = f"ansible-core {core} on Python {python}"
            print(f"== {cell}", flush=True)
            inside = prepare(core, python)
            if inside is None:
                outcomes[cell] = "skipped: no such Python here, or no such ansible-core for it"
                continue
            done = subprocess.run([inside, "-m", "pytest", "-q", *TESTS], cwd=ROOT, check=False)
            outcomes[cell] = "passed" if done.returncode == 0 else "FAILED"
    print("\n".join(f"{cell}: {outcome}" for cell, outcome in outcomes.items()))
    sys.exit("FAILED" in outcomes.values())


if __name__ == "__main__":
    main()
