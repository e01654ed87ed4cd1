"""Output of commands: JSON and text in which nothing is obeyed by a terminal."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click


def json_text(value: Any) -> str:
    """JSON for people and programs. Characters that a terminal would obey are escaped."""
    return "".join(map(_escaped, json.dumps(value, indent=1, ensure_ascii=False, default=str)))


def write_file(path: Path, text: str) -> None:
    """Write a file that an option names.

    Parameters:
        path: of the file, which is replaced
        text: its content

    Raises:
        OSError: it cannot be written; the failure names it, also where only the end of the content found no room
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def without_reader() -> None:
    """Drop everything that is printed from now on: its reader, such as `head`, has ended."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_json(value: Any) -> None:
    """Print one JSON value to standard output."""
    click.echo(json_text(value))


def print_text(text: str, *, nl: bool = True, data: bool = False) -> None:
    """Print a text with values of a PBX, on a terminal without control characters.

    Parameters:
        text: of any length
        nl: end it with a line break
        data: write it to files and pipes as it is; otherwise it is without colors there
    """
    shown = "".join(c if c.isprintable() or c in "\n\t" else " " for c in text) if sys.stdout.isatty() else text
    click.echo(shown, nl=nl, color=data or None)


def _escaped(character: str) -> str:
    if character.isprintable() or character == "\n":
        return character
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
