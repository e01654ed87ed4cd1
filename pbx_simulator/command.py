"""The entry point of threecx-simulator: what it needs is checked first, because it is an extra of the package."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

#: Packages of the extra, each with the modules any of which shows that it is there.
NEEDED = {
    "PyJWT": ("jwt",),
    "PyYAML": ("yaml",),
    "odata-query": ("odata_query",),
    "python-multipart": ("python_multipart", "multipart"),
    "starlette": ("starlette",),
    "trustme": ("trustme",),
    "uvicorn": ("uvicorn",),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Returns the exit status: 1 where the PBX cannot be set up, or a package is missing."""
    if list(sys.argv[1:] if arguments is None else arguments) == ["--version"]:
        print(f"threecx-xapi {package_version()}")
        return 0
    if missing := missing_packages():
        print(f"threecx-simulator: {missing}", file=sys.stderr)
        return 1
    from .cli import main as serve

    return serve(arguments)


def package_version() -> str:
    """Return the version of the package that contains this simulator, which imports nothing else of it."""
    try:
        return version("threecx-xapi")
    except PackageNotFoundError:
        return "(not installed)"


def missing_packages() -> str | None:
    """Return a sentence about packages of the extra that are not installed, or None."""
    missing = [package for package, modules in NEEDED.items() if not any(map(_is_there, modules))]
    if not missing:
        return None
    *others, last = missing
    named = f"{', '.join(others)} and {last} are" if others else f"{last} is"
    return f"{named} not installed. Run: pip install 'threecx-xapi[simulator]'"


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
