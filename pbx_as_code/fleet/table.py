"""PBXs from a CSV file, as the nodes that the same settings in YAML would be."""

from __future__ import annotations

import csv
import io
import re
import shlex
from typing import Final

from pbx_as_code.config.nodes import ConfigError, Entries, Items, Node, Place, Problem, Scalar

_LISTS: Final = ("groups", "layers")
_DELIMITERS: Final = (",", ";", "\t")
_DECLARED: Final = re.compile(r'"?sep=(?P<delimiter>.)"?\r?\n', re.IGNORECASE)
_ROUNDED: Final = re.compile(r"[0-9][.,][0-9]+E\+[0-9]+", re.IGNORECASE)
_AS_TEXT: Final = re.compile(r'="(?P<text>[^"]*)"')


def read_table(content: bytes, file: str, settings: frozenset[str]) -> Entries:
    """The PBXs of a table, by the column `name`. Columns that are no settings become variables.

    An empty cell is absent. Places have the number of the cell as their column.

    Parameters:
        content: of the file, in UTF-8, UTF-16 with a byte order mark, or Windows-1252
        file: its path, for places
        settings: columns that are settings of a PBX

    Raises:
        ConfigError: the table cannot be read
    """
    text = _text(content)
    if "\0" in text:
        raise ConfigError([Problem(Place(file, 1, 1), "This is no text that can be read. Save the table in UTF-8.")])
    declared = _DECLARED.match(text)
    skipped = 1 if declared else 0
    text = text[declared.end() :] if declared else text
    delimiter = declared["delimiter"] if declared else _delimiter(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    found = Entries(Place(file, 1, 1))
    problems: list[Problem] = []
    try:
        begins = 1 + skipped
        for cells in lines:
            line, begins = begins, lines.line_num + 1 + skipped
            cells = [_cell(cell) for cell in cells]
            if not any(cells):
                continue
            if not names:
                names = _without_empty_end(cells)
                problems += _header_problems(names, file, line)
            elif any(cells[len(names) :]):
                problems.append(Problem(Place(file, line, len(names) + 1), "This row has more cells than the header."))
            else:
                _take(found, dict(zip(names, cells, strict=False)), Place(file, line, 1), settings, problems)
    except csv.Error as error:
        problems.append(Problem(Place(file, lines.line_num + skipped, 1), f"This row cannot be read: {error}."))
    if problems:
        raise ConfigError(problems)
    return found


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    header = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    outside = re.sub(r'"[^"]*"', "", header)  # what is in quotes separates nothing
    return max(_DELIMITERS, key=outside.count)


def _cell(written: str) -> str:
    """The text of a cell; spreadsheets keep 0123 as ="0123"."""
    text = written.strip()
    formula = _AS_TEXT.fullmatch(text)
    return formula["text"].strip() if formula else text


def _without_empty_end(names: list[str]) -> list[str]:
    """Names without those of the empty columns that a spreadsheet writes behind the table."""
    used = max((number for number, name in enumerate(names, 1) if name), default=0)
    return names[:used]


def _header_problems(names: list[str], file: str, line: int) -> list[Problem]:
    problems = []
    for number, name in enumerate(names, 1):
        place = Place(file, line, number)
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            problems.append(Problem(place, f"{name!r} is no name of a column. Use letters, digits and underscores."))
        elif name in names[: number - 1]:
            problems.append(Problem(place, f"The column {name} is there twice."))
    if "name" not in names:
        problems.append(Problem(Place(file, line, 1), "There is no column name. It names each PBX."))
    return problems


def _take(found: Entries, row: dict[str, str], place: Place, settings: frozenset[str], problems: list[Problem]) -> None:
    pbx, variables = Entries(place), Entries(place)
    for number, (column, text) in enumerate(row.items(), 1):
        if not text or column == "name":
            continue
        at = Place(place.file, place.line, number)
        if _ROUNDED.fullmatch(text):
            problems.append(Problem(at, f"A spreadsheet has rounded {text}. Format the column {column} as text."))
        into = pbx if column in settings else variables
        into.keys[column] = at
        # A telephone number or a postcode of a table is a text.
        into.values[column] = _value(column, text, at, problems) if into is pbx else Scalar(text, False, at, True)
    if variables.values:
        pbx.values["vars"], pbx.keys["vars"] = variables, place
    name = row.get("name", "")
    if not name:
        problems.append(Problem(place, "This row has no name."))
    elif name in found.values:
        problems.append(Problem(place, f"{name} is there twice; the first is at {found.keys[name]}."))
    else:
        found.values[name], found.keys[name] = pbx, place


def _value(column: str, text: str, place: Place, problems: list[Problem]) -> Node:
    if column in _LISTS:
        parts = re.split(r"[\s,|]+", text)
    elif column == "client_secret_command":
        try:
            parts = shlex.split(text)
        except ValueError:
            problems.append(Problem(place, f"A quote is not closed in the cell of {column}."))
            parts = []
    else:
        return Scalar(text, True, place)
    return Items(place, [Scalar(part, False, place) for part in parts if part])
