"""`make size`: lines of each part, by hand and generated, and files and folders that are too large.

`make lint` fails if hand-written code is too large. Tests are only reported: a folder of tests is one part.
"""

from __future__ import annotations

import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Parts by the beginning of their paths; the first that fits counts. Generated ones say so in their name.
PARTS = {
    "client: operations (generated)": (
        "generated_client/threecx_xapi/api/",
        "generated_client/threecx_xapi/_resources.py",
    ),
    "client: models (generated)": ("generated_client/threecx_xapi/models/",),
    "client: runtime": ("generated_client/",),
    "modules (generated)": ("ansible_collection/plugins/modules/",),
    "entities (generated)": ("pbx_as_code/entities/",),
    "files and command": ("pbx_as_code/config/", "pbx_as_code/fleet/", "pbx_as_code/cli/"),
    "engine": ("pbx_as_code/", "ansible_collection/plugins/module_utils/"),
    "Ansible layer": ("ansible_collection/",),
    "generator": ("openapi/",),
    "simulator": ("pbx_simulator/",),
    "tests": ("tests/",),
}
LONGEST_FILE = 450
FULLEST_FOLDER = 25
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}


@dataclass
class Size:
    """Files, lines, and lines with code: no comments, no docstrings, no blank ones."""

    files: int = 0
    lines: int = 0
    code: int = 0


def python_files() -> list[Path]:
    """Every Python file that git knows, relative to the root."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.splitlines() if (ROOT / name).is_file()]


def part_of(path: Path) -> str | None:
    """The part a file belongs to."""
    return next((part for part, heads in PARTS.items() if path.as_posix().startswith(heads)), None)


def code_lines(path: Path) -> int:
    """Lines that have code on them. A statement that is only a string is a docstring."""
    lines: set[int] = set()
    statement: list[tokenize.TokenInfo] = []
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type not in _NO_CODE and token.type != tokenize.ENDMARKER:
                statement.append(token)
            elif token.type == tokenize.NEWLINE:
                if not all(each.type == tokenize.STRING for each in statement):
                    lines.update(line for each in statement for line in range(each.start[0], each.end[0] + 1))
                statement = []
    return len(lines)


def sizes() -> dict[str, Size]:
    """The size of each part."""
    found = {part: Size() for part in PARTS}
    for path in python_files():
        part = part_of(path)
        if part is not None:
            size = found[part]
            size.files += 1
            size.lines += len((ROOT / path).read_text(encoding="utf-8").splitlines())
            size.code += code_lines(ROOT / path)
    return found


def too_large(paths: Iterable[Path], *, root: Path = ROOT) -> Iterator[str]:
    """Find files and folders of hand-written code above the limits.

    Parameters:
        paths: files relative to the root; generated ones do not count
        root: their root
    """
    folders: dict[Path, int] = {}
    for path in paths:
        if "generated" in (part_of(path) or ""):
            continue
        lines = len((root / path).read_text(encoding="utf-8").splitlines())
        folders[path.parent] = folders.get(path.parent, 0) + 1
        if lines > LONGEST_FILE:
            yield f"{path}: {lines} lines, more than {LONGEST_FILE}. Split the file."
    for folder, count in folders.items():
        if count > FULLEST_FOLDER:
            yield f"{folder}: {count} files of code, more than {FULLEST_FOLDER}. Group them in folders."


def of_tests(path: Path) -> bool:
    """Return whether the file belongs to the tests."""
    return path.parts[0] == "tests"


def main() -> None:
    """Print the table, then files and folders that are too large."""
    print(f"{'part':34} {'files':>6} {'lines':>8} {'code':>8}")
    for part, size in sizes().items():
        print(f"{part:34} {size.files:6} {size.lines:8,} {size.code:8,}")
    for one in too_large(python_files()):
        print(f"too large: {one}")


if __name__ == "__main__":
    main()
