"""threecx get"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from pbx_as_code.cli.connection import connected
from pbx_as_code.description import EntityDescription
from pbx_as_code.entities import NAMES, description

if TYPE_CHECKING:
    from threecx_xapi import XapiClient


def _kind(name: str) -> str:
    """The kind of a name: its singular or its plural, with - or _."""
    wanted = name.replace("-", "_")
    if wanted in NAMES:
        return wanted
    for end, instead in (("ies", "y"), ("es", ""), ("s", "")):
        singular = wanted.removesuffix(end) + instead
        if wanted.endswith(end) and singular in NAMES and _plural(singular) == wanted:
            return singular
    plurals = {_plural(one): one for one in NAMES}
    if wanted in plurals:
        return plurals[wanted]
    from pbx_as_code.config.spelling import unknown

    raise click.BadParameter(unknown("kind", name, [*NAMES, *plurals]), param_hint="KIND")


def _plural(name: str) -> str:
    about = description(name)
    return about.plural if isinstance(about, EntityDescription) else name


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    begun = incomplete.replace("-", "_")
    return [CompletionItem(name) for name in sorted(map(_plural, NAMES)) if name.startswith(begun)]


@click.command(
    epilog="""\b
Examples:
  threecx get users
  threecx get user number=100 -o yaml
  threecx get queues --filter "Number eq '800'" -o json
  threecx get users --columns number,first_name,email_address -o csv
  threecx get call_history_segments start_date=2026-11-01
  threecx get mail_settings --json
"""
)
@click.argument("kind", shell_complete=_complete)
@click.argument("names", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--filter", "filter_", help="OData filter with the names of XAPI, such as \"Number eq '100'\".")
@click.option("--search", help="Text to search for.")
@click.option("--limit", type=click.IntRange(1), help="Maximum number of objects.")
@click.option("--columns", help="Options to show, such as number,first_name or gateway.host. Default: all.")
@click.option("--expand", help="Related objects to read, such as groups,phones. --columns adds those it names.")
@click.option("-o", "--output", type=click.Choice(["table", "yaml", "json", "csv"]), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as -o json.")
@connected
def command(
    kind: str,
    names: tuple[str, ...],
    filter_: str | None,
    search: str | None,
    limit: int | None,
    columns: str | None,
    expand: str | None,
    output: str,
    as_json: bool,
    client: XapiClient,
) -> None:
    """List the objects of a KIND, such as users, or show settings, such as mail_settings.

    NAME=VALUE selects one object by its key, such as number=100, or sets a required option, such as start_date for
    call_history_segments. Credentials are hidden; reveal_secrets=true shows them.
    """
    from pbx_as_code.cli.failures import for_commands
    from pbx_as_code.cli.progress import watched
    from pbx_as_code.cli.rows import chosen, columns_of, relations, written
    from pbx_as_code.engine.options.option_specs import info_argument_spec

    name = _kind(kind)
    wanted = columns_of(name, columns)
    asked: dict[str, Any] = {"filter": filter_, "search": search, "limit": limit}
    accepted = info_argument_spec(description(name))["argument_spec"]
    for option, value in asked.items():
        if value is not None and option not in accepted:
            raise click.BadParameter(f"it has no meaning for {_plural(name)}. Leave it out.", param_hint=f"--{option}")
    for named in names:
        option, given, value = named.partition("=")
        if not given or not option:
            raise click.BadParameter(f"{named} is not NAME=VALUE.", param_hint="NAME=VALUE")
        if asked.get(option) is not None:
            raise click.BadParameter(f"{option} is given twice.", param_hint="NAME=VALUE")
        asked[option] = value
    for option, about in accepted.items():
        if about.get("required") and option not in asked:
            raise click.UsageError(f"{_plural(name)} cannot be listed as a whole. Give {option}=VALUE.")
    expanded = relations(name, wanted or (), expand)
    if expanded:
        asked["expand"] = expanded
    with watched(client) as pbx:
        found = pbx.info(name, **{option: value for option, value in asked.items() if value is not None})
    for warning in found.warnings:
        click.echo(f"Warning: {for_commands(warning)}", err=True)
    rows: list[dict[str, Any]] = found
    format_ = "json" if as_json else output
    if wanted is not None:
        rows = [chosen(row, wanted) for row in rows]
    written(_plural(name), rows, format_, complete=wanted is not None)
