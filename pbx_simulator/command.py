"""The entry point of threecx-simulator: what it needs is checked first, because it is an extra of the package."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence

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
    if missing := missing_packages():
        print(f"threecx-simulator: {missing}", file=sys.stderr)
        return 1
    from .cli import main as serve

    return serve(arguments)


def missing_packages() -> str | None:
    """Return a sentence about packages of the extra that are not installed, or None."""
    missing = [package for package, modules in NEEDED.items() if not any(map(_is_there, modules))]
    if not missing:
        return None
    verb = "is" if len(missing) == 1 else "are"
    return f"{' and '.join(missing)} {verb} not installed. Run: pip install 'threecx-xapi[simulator]'"


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
