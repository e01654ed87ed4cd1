"""Rows as table, YAML, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

import click

from pbx_as_code.cli.output import print_json, print_text
from pbx_as_code.description import EntityDescription

_COLUMNS: Final = 6
"""Columns of a table whose columns nobody has named."""
_WIDE: Final = 4000
_FORMULA: Final = ("=", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def columns_of(kind: str, named: str | None) -> list[str] | None:
    """The columns that a list names; None for all.

    Parameters:
        kind: of the rows
        named: separated by commas; a dot leads to an option within a structure

    Raises:
        click.BadParameter: there is no such option; the nearest is named
    """
    if named is None:
        return None
    from pbx_as_code.config.spelling import unknown
    from pbx_as_code.entities import description

    about = description(kind)
    columns = [column.strip() for column in named.split(",") if column.strip()]
    for column in columns:
        properties = about.properties
        known = {"etag", *(key.option for key in about.keys), *(prop.option for prop in properties)}
        for step in column.split("."):
            if step not in known:
                raise click.BadParameter(unknown(f"option of {about.one}", step, known), param_hint="--columns")
            properties = next((prop.fields for prop in properties if prop.option == step), ())
            known = {prop.option for prop in properties}
    if not columns:
        raise click.BadParameter("Name at least one column.", param_hint="--columns")
    return columns


def relations(kind: str, columns: Iterable[str], named: str | None) -> list[str]:
    """Relations to expand: those that are named, and those that columns lead into.

    Parameters:
        kind: of the rows
        columns: see columns_of
        named: relations separated by commas, or None

    Raises:
        click.BadParameter: there is no such relation; the nearest is named
    """
    from pbx_as_code.config.spelling import unknown
    from pbx_as_code.engine.options.option_specs import expandable
    from pbx_as_code.entities import description

    about = description(kind)
    known = {prop.option for prop in expandable(about)} if isinstance(about, EntityDescription) else set()
    wanted = [name.strip() for name in (named or "").split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            raise click.BadParameter(unknown(f"relation of {about.one}", name, known), param_hint="--expand")
    leading = [column.partition(".")[0] for column in columns]
    return list(dict.fromkeys([*wanted, *(name for name in leading if name in known)]))


def chosen(row: Mapping[str, Any], columns: list[str]) -> dict[str, Any]:
    """The columns of a row."""
    return {column: _at(row, column.split(".")) for column in columns}


def _at(value: Any, path: list[str]) -> Any:
    for number, step in enumerate(path):
        if isinstance(value, list):
            return [_at(item, path[number:]) for item in value]
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def written(section: str, rows: list[dict[str, Any]], form: str, *, complete: bool) -> None:
    """Print rows.

    Parameters:
        section: the key under which YAML shows them
        rows: to print
        form: table, yaml, json or csv
        complete: show every column in a table; otherwise only the first simple ones
    """
    if form == "json":
        print_json(rows)
    elif form == "yaml":
        from pbx_as_code.config.exporting.emitter import emit

        click.echo(emit({section: rows}), nl=False)
    elif form == "csv":
        print_text(_csv(rows), nl=False, data=True)
    else:
        _table(rows, complete)


def _csv(rows: list[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if columns:
        writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row.get(column)) for column in columns])
    return text.getvalue()


def cell(value: Any) -> str:
    """A value in CSV. A text that a spreadsheet would take for a formula gets an apostrophe before it; telephone
    numbers keep their plus.
    """
    text = _text(value)
    number = text[1:].isascii() and text[1:].isdigit()
    formula = isinstance(value, str) and (text.startswith(_FORMULA) or (text[:1] in ("+", "-") and not number))
    return f"'{text}" if formula else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else str(value)


def _shown(value: Any) -> str:
    """A value in one line of a terminal, which would obey control characters. Structures are shown without nulls."""
    return "".join(character if character.isprintable() else " " for character in _text(_filled(value)))


def _filled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(inner) for name, inner in value.items() if inner is not None}
    return [_filled(item) for item in value] if isinstance(value, list) else value


def _table(rows: list[dict[str, Any]], complete: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        click.echo("There is none.", err=True)
        return
    filled = [c for c in dict.fromkeys(column for row in rows for column in row) if complete or c not in ("id", "etag")]
    simple = [c for c in filled if any(isinstance(row.get(c), str | int | float) and row[c] != "" for row in rows)]
    columns = filled if complete else simple or filled
    if len(rows) == 1 and not complete:
        table = Table("option", "value", box=None)
        for column in columns:
            table.add_row(column, Text(_shown(rows[0].get(column))))
    else:
        shown = columns if complete else columns[:_COLUMNS]
        table = Table(*shown, box=None)
        for row in rows:
            table.add_row(*(Text(_shown(row.get(column))) for column in shown))
    # A file or a pipe has no width: nothing is cut off.
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)
