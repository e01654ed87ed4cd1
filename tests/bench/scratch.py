"""Environments for the alternatives, and a client generated with the stock generator."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from openapi.codegen.document import load
from tests.bench.machine import BUILD, ROOT
from tests.bench.progress import step
from tests.pins import constraints

#: The hand-made client on PyPI, and the release of it that is compared.
SDK = "3cx-xapi-python-sdk==3.0.0"


@cache
def plain() -> Path:
    """Make the environment of somebody who uses the client and nothing else, and return its Python.

    The tools of development are not in it: httpx imports click and rich where it finds them, which would make the
    floor three times as high as it is. The stock client runs in it too; what it needs beside is python-dateutil.
    """
    return _venv("venv", "httpx", "attrs", "python-dateutil")


@cache
def managed() -> Path:
    """The same with our library installed: a Python that modules are shipped to."""
    python = _venv("managed", "httpx", "attrs")
    found = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    packages = Path(found.stdout.strip())
    for package in (ROOT / "generated_client" / "threecx_xapi", ROOT / "pbx_as_code"):
        # Copied: a link to it would keep hatchling, which passes by every folder once, from packing the folder itself.
        shutil.rmtree(packages / package.name, ignore_errors=True)
        shutil.copytree(package, packages / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([python, "-m", "compileall", "-q", packages], check=False)
    return python


@cache
def sdk() -> Path | None:
    """The environment of the hand-made client from PyPI, with httpx as old as ours; None where it
    cannot be installed.
    """
    try:
        return _venv("sdk", SDK)
    except subprocess.CalledProcessError:
        return None


@cache
def stock() -> Path:
    """Generate a client from the same document with the stock generator, and return the folder to import it from."""
    step("the stock generator at work")
    place, document, config = BUILD / "stock", BUILD / "document.json", BUILD / "stock.yaml"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    document.write_text(json.dumps(load()))
    config.write_text("package_name_override: stock\nproject_name_override: stock\n")
    subprocess.run(
        [
            *(Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta", "none", "--overwrite"),
            *("--path", document, "--config", config, "--output-path", place / "stock"),
        ],
        check=True,
        capture_output=True,
        cwd=BUILD,
    )
    return place


def _venv(name: str, *packages: str) -> Path:
    """Create an environment in build/bench, or reuse it if packages and pins are the same."""
    step(f"an environment with {packages[0]}")
    venv, pins = BUILD / name, ROOT / "requirements-dev.txt"
    python, made = venv / "bin" / "python", venv / ".made"
    asked = f"{sys.version}\n{packages}\n{pins.read_text()}"
    if made.exists() and made.read_text() == asked:
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
    install: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    fixed = constraints(pins, BUILD / f"{name}.pins.txt")
    subprocess.run([*install, "-c", fixed, *packages], check=True, capture_output=True)
    made.write_text(asked)
    return python
