"""The pins of a requirements file, for who needs the versions and not the hashes."""

from __future__ import annotations

from pathlib import Path


def pinned(path: Path) -> list[str]:
    """``name==version``, with the marker where there is one, of each package that a requirements file names."""
    lines = path.read_text().splitlines()
    return [line.removesuffix("\\").strip() for line in lines if line[:1].isalnum()]


def constraints(path: Path, into: Path) -> Path:
    """Write the pins without their hashes to a file for ``pip install -c``, and return it.

    If one requirement has a hash, pip demands hashes for all of them, and other requirements have none.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_text("\n".join(pinned(path)) + "\n")
    return into
