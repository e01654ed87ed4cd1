# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables and lists as people keep them: files that Excel, LibreOffice or an editor saved, and cells for such files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

_DELIMITERS = (",", ";", "\t")
_DECLARED = re.compile(r'"?sep=(?P<delimiter>.)"?\r?\n', re.IGNORECASE)
_AS_TEXT = re.compile(r'="(?P<text>[^"]*)"')
_ROUNDED = re.compile(r"[0-9][.,][0-9]+E\+[0-9]+", re.IGNORECASE)
_TELEPHONE = re.compile(r"\+[0-9][0-9 ()./-]*")
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LINE_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def decoded(content: bytes) -> str:
    """The text of a file: UTF-16 with a byte order mark, UTF-8 with or without one, otherwise Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:  # five of its bytes mean nothing
        return content.decode("latin-1")


def rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file by the names in its first line; cells are trimmed, and empty rows left out.

    Raises:
        ValueError: a row has more cells than the first line, a name is there twice, a quote is not closed, a
            spreadsheet has rounded a number, or the file is no text
    """
    text = decoded(content)
    if "\0" in text:
        raise ValueError("it is no text that can be read. Save it in UTF-8.")
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    delimiter = declared["delimiter"] if declared else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    skipped = 1 if declared else 0
    names: list[str] = []
    found: list[dict[str, str]] = []
    try:
        for cells in reader:
            cells = [_text_of(cell) for cell in cells]
            if not any(cells):
                continue
            if not names:
                names = _names(cells)
            else:
                found.append(_row(names, cells, reader.line_num + skipped))
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num + skipped} cannot be read: {error}. Is a quote missing?") from None
    return found


def lines(content: bytes) -> list[str]:
    """The lines of a text file, trimmed, without the empty ones."""
    return [line for line in map(str.strip, re.split(r"\r\n|\r|\n", decoded(content))) if line]


def cell(value: Any) -> str:
    """A quoted cell of a CSV file that no spreadsheet takes for a formula; a telephone number stays as it is.

    Line breaks, tabs and other control characters become blanks.
    """
    text = "" if value is None else _LINE_BREAKS.sub(" ", str(value)).strip()
    if text.startswith(_FORMULA) and not _TELEPHONE.fullmatch(text):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"'


def _text_of(written: str) -> str:
    """The text of a cell; spreadsheets keep 0123 as ="0123"."""
    text = written.strip()
    formula = _AS_TEXT.fullmatch(text)
    return formula["text"].strip() if formula else text


def _delimiter(text: str) -> str:
    """Return the separator of the names in the first line; a comma if there is only one name."""
    counts = dict.fromkeys(_DELIMITERS, 0)
    for letter in _unquoted_first_line(text):
        if letter in counts:
            counts[letter] += 1
    return max(counts, key=lambda delimiter: counts[delimiter])


def _unquoted_first_line(text: str) -> Iterator[str]:
    quoted = False
    for letter in text.lstrip("\r\n"):
        if letter == '"':
            quoted = not quoted
        elif not quoted:
            if letter in "\r\n":
                return
            yield letter


def _names(cells: list[str]) -> list[str]:
    for name in cells:
        if name and cells.count(name) > 1:
            raise ValueError(f"its first line names the column {name} twice.")
    return cells


def _row(names: list[str], cells: list[str], line: int) -> dict[str, str]:
    if any(cells[len(names) :]):
        raise ValueError(f"line {line} has {len(cells)} cells, and the first line names {len(names)} columns.")
    for name, text in zip(names, cells, strict=False):
        if _ROUNDED.fullmatch(text):
            raise ValueError(
                f"line {line} has {text} as {name}: a spreadsheet has rounded it. Format the column as text."
            )
    return {name: cells[n] if n < len(cells) else "" for n, name in enumerate(names) if name}
