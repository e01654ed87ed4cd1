"""`make bounds`: the client's tests on the lowest releases that pyproject.toml declares, in a separate venv."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from release.tools import install
from tests.pins import pinned

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venvs" / "bounds"
#: All tests of the client, except those of the generator, which needs the pinned releases.
TESTS = ("tests/client", "--ignore", "tests/client/calls/test_generated_operations.py")
#: Packages the tests need in addition to the distribution's dependencies, in the pinned releases.
TOOLS = ("hatchling", "hypothesis", "jsonpath-ng", "mypy", "pytest", "pytest-xdist")


def lowest(requirements: list[str]) -> list[str]:
    """Each requirement at its lower bound: ``httpx>=0.27,<1`` is ``httpx==0.27``.

    Raises:
        ValueError: one has none
    """
    bounds = []
    for requirement in requirements:
        found = re.fullmatch(r"([\w.-]+)>=([\w.]+)(,.*)?", requirement.replace(" ", ""))
        if found is None:
            raise ValueError(f"{requirement!r} has no lower bound")
        bounds.append(f"{found[1]}=={found[2]}")
    return bounds


def prepare() -> Path:
    """Make the venv, where it is not there or the bounds have changed, and return its Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = lowest([*project["dependencies"], *project["optional-dependencies"]["simulator"]])
    tools = [pin for pin in pinned(ROOT / "requirements-dev.txt") if pin.partition("==")[0] in TOOLS]
    inside, ready = VENV / "bin" / "python", VENV / ".ready"
    said = "\n".join([*wanted, *tools])
    if ready.exists() and ready.read_text() == said:
        return inside
    install(VENV, [*wanted, *tools], ["--no-deps", "--no-build-isolation", "-e", ROOT])
    ready.write_text(said)
    return inside


def main() -> None:
    """Run them; end with their status."""
    inside = prepare()
    names = r"attrs|httpx|httpcore|anyio|starlette|uvicorn|trustme|PyJWT|PyYAML|python-multipart|odata-query"
    freeze = "from importlib.metadata import distributions as all; [print(f'{d.name}=={d.version}') for d in all()]"
    listed = subprocess.run([inside, "-c", freeze], capture_output=True, text=True, check=True).stdout
    found = sorted(line for line in listed.splitlines() if re.match(rf"({names})==", line, re.IGNORECASE))
    print(", ".join(found), flush=True)
    command: list[str | Path] = [inside, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS, *sys.argv[1:]]
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main()
