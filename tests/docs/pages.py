"""A tutorial as steps: commands with the output that the page shows, files to write, and changes of files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
_STEP = re.compile(
    r"^(?:<!-- (?P<kind>file|change): (?P<name>\S+) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Command:
    """A command and the output that the page shows below it."""

    line: int
    text: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class NewFile:
    """A file that the reader is told to write."""

    line: int
    name: str
    text: str


@dataclass(frozen=True)
class Change:
    """Lines of a file that the reader is told to replace, as a diff."""

    line: int
    name: str
    before: str
    after: str


Step = Command | NewFile | Change


def steps(page: str) -> list[Step]:
    """The steps of a page, in order.

    A block of the language `console` holds commands after `$ `, continued on lines that begin with `> `, and their
    output.
    A comment `<!-- file: NAME -->` before a block makes it a file; `<!-- change: NAME -->` makes it a diff of a file.

    Parameters:
        page: its path below docs/
    """
    text = (DOCS / page).read_text()
    found: list[Step] = []
    for block in _STEP.finditer(text):
        line = text.count("\n", 0, block.start("text")) + 1
        if block["kind"] == "file":
            found.append(NewFile(line, block["name"], block["text"]))
        elif block["kind"] == "change":
            rows = block["text"].splitlines(keepends=True)
            before = "".join(row[1:] for row in rows if row[0] in " -")
            found.append(Change(line, block["name"], before, "".join(row[1:] for row in rows if row[0] in " +")))
        elif block["language"] == "console":
            found += _commands(block["text"].splitlines(), line)
    return found


def _commands(lines: list[str], first: int) -> Iterator[Command]:
    start, text, shown = first, "", list[str]()
    for number, line in enumerate(lines, first):
        if line.startswith("$ "):
            if text:
                yield Command(start, text, tuple(shown))
            start, text, shown = number, line.removeprefix("$ "), []
        elif line.startswith("> ") and not shown:
            text += "\n" + line.removeprefix("> ")
        else:
            shown.append(line)
    if text:
        yield Command(start, text, tuple(shown))
