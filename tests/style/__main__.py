"""Report riddles in hand-written files, and code that is too large: `python -m tests.style`, part of `make lint`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.size import of_tests, python_files, too_large
from tests.style.riddles import riddles

ROOT = Path(__file__).resolve().parents[2]
SUFFIXES = {".py", ".yml", ".yaml", ".md", ".jinja"}
#: Folders and files that are generated, quoted from elsewhere, or hold the patterns.
SKIPPED = (
    ".",
    "ansible_collection/changelogs/changelog.yaml",
    "ansible_collection/docs/modules.md",
    "ansible_collection/docs/operations.md",
    "ansible_collection/plugins/modules/",
    "build/",
    "generated_client/threecx_xapi/api/",
    "generated_client/threecx_xapi/models/",
    "openapi/xapi-v1.yaml",
    "pbx_as_code/entities/",
    "tests/style/riddles.py",
    "tests/style/test_style.py",
)


def files(root: Path) -> Iterator[Path]:
    """Yield the paths to check, relative to `root`, in order."""
    for folder, folders, names in os.walk(root):
        place = Path(folder).relative_to(root)
        folders[:] = sorted(name for name in folders if not _skipped(f"{(place / name).as_posix()}/"))
        for name in sorted(names):
            path = place / name
            if (path.suffix in SUFFIXES or name == "Makefile") and not _skipped(path.as_posix()):
                yield path


def _skipped(path: str) -> bool:
    return path.startswith(SKIPPED) or "__pycache__" in path


def main() -> int:
    """Print the findings; return 1 if there are any."""
    found: list[object] = [one for path in files(ROOT) for one in riddles(path, (ROOT / path).read_text("utf-8"))]
    found += too_large(path for path in python_files() if not of_tests(path))
    for one in found:
        sys.stderr.write(f"{one}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
