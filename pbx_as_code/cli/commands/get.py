"""threecx get"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import click

from pbx_as_code.cli.connection import connected
from pbx_as_code.description import EntityDescription
from pbx_as_code.entities import NAMES, description

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

_COLUMNS = 6
_FORMULA = ("=", "@", "\t", "\r")


def _kind(name: str) -> str:
    wanted = name.replace("-", "_")
    if wanted in NAMES:
        return wanted
    plurals = {about.plural: one for one in NAMES if isinstance(about := description(one), EntityDescription)}
    if wanted in plurals:
        return plurals[wanted]
    from pbx_as_code.config.spelling import unknown

    raise click.ClickException(unknown("kind", name, [*NAMES, *plurals]))


@click.command(
    epilog="""\b
Examples:
  threecx get users
  threecx get queues --filter "Number eq '800'" -o yaml
  threecx get mail_settings --json
"""
)
@click.argument("kind")
@click.option("--filter", "filter_", help="OData filter with the names of XAPI, such as \"Number eq '100'\".")
@click.option("--search", help="Text to search for.")
@click.option("--limit", type=click.IntRange(1), help="At most so many objects.")
@click.option("-o", "--output", type=click.Choice(["table", "yaml", "json", "csv"]), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as -o json.")
@connected
def command(
    kind: str,
    filter_: str | None,
    search: str | None,
    limit: int | None,
    output: str,
    as_json: bool,
    client: XapiClient,
) -> None:
    """List the objects of a KIND, such as users, or show settings, such as mail_settings.

    Credentials are never shown.
    """
    from pbx_as_code.pbx import Pbx

    name = _kind(kind)
    asked = {"filter": filter_, "search": search, "limit": limit}
    rows = Pbx(client).info(name, **{option: value for option, value in asked.items() if value is not None})
    wanted = "json" if as_json else output
    if wanted == "json":
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    elif wanted == "yaml":
        from pbx_as_code.config.emitter import emit

        click.echo(emit({name: rows}), nl=False)
    elif wanted == "csv":
        click.echo(_csv(rows), nl=False)
    else:
        _table(rows)


def _csv(rows: list[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return written.getvalue()


def _cell(value: Any) -> str:
    text = _text(value)
    # Text that a spreadsheet would take for a formula is escaped; telephone numbers keep their plus.
    formula = text.startswith(_FORMULA) or (text[:1] in "+-" and text[1:2] != "" and not text[1:].isdigit())
    return f"'{text}" if formula else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else str(value)


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        click.echo("There is none.", err=True)
        return
    filled = [c for c in dict.fromkeys(column for row in rows for column in row) if c not in ("id", "etag")]
    simple = [c for c in filled if any(isinstance(row.get(c), str | int) and row.get(c) != "" for row in rows)]
    if len(rows) == 1:
        table = Table("option", "value", box=None)
        for column in simple:
            table.add_row(column, Text(_text(rows[0].get(column))))
    else:
        columns = simple[:_COLUMNS]
        table = Table(*columns, box=None)
        for row in rows:
            table.add_row(*(Text(_text(row.get(column))) for column in columns))
    Console().print(table)
