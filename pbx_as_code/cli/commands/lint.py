"""threecx lint"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.cli.comparing import layer_option
from pbx_as_code.cli.paths import PATH

if TYPE_CHECKING:
    from pbx_as_code.callflow.lint import Context, Linted
    from pbx_as_code.cli.callflow import Source

_LEVELS = ("error", "warning", "note")


@click.command(
    epilog="""\b
Examples:
  threecx lint acme
  threecx lint profile:acme --fail-on error
  threecx lint acme --sarif lint.sarif --junit lint.xml
  threecx lint acme --ignore no-second-factor
  threecx lint -f fleet -f acme
  threecx lint --rules

\b
SOURCE is a directory of files, or profile:NAME for the PBX of a profile (only read).
A comment on the line of a finding, or right above it, ignores one rule there:
  # lint: ignore unused-object the night shift dials it

\b
Exit status: 0 nothing found, 2 findings of the level of --fail-on or worse, 1 failure.
"""
)
@click.argument("place", metavar="SOURCE", required=False)
@layer_option("SOURCE")
@click.option("--rule", "only", multiple=True, help="Apply this rule only. Repeatable.")
@click.option("--ignore", multiple=True, help="Leave this rule out. Repeatable.")
@click.option("--fail-on", type=click.Choice(_LEVELS), default="warning", show_default=True, help="Level that fails.")
@click.option("--sarif", type=PATH, help="Write the findings for code scanning to this file.")
@click.option("--junit", type=PATH, help="Write the findings as JUnit XML to this file.")
@click.option("--rules", "list_rules", is_flag=True, help="List the rules.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    place: str | None,
    named: tuple[Path, ...],
    only: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    sarif: Path | None,
    junit: Path | None,
    list_rules: bool,
    as_json: bool,
) -> int:
    """Find faults that calls would run into: lost numbers, loops, closed departments, missing destinations."""
    from threecx_xapi import __version__

    from pbx_as_code.callflow import lint
    from pbx_as_code.cli.callflow import source_of
    from pbx_as_code.cli.output import print_json, print_text, write_file
    from pbx_as_code.config.spelling import unknown

    known = lint.all_rules()
    if list_rules:
        _list(as_json)
        return 0
    source = source_of(place, named)
    for name in (*only, *ignore):
        if name not in known:
            raise click.UsageError(unknown("rule", name, list(known)))
    found = _linted(source, only, ignore)
    if sarif is not None:
        write_file(sarif, json.dumps(lint.as_sarif(found, __version__, _home(source)), indent=1) + "\n")
    if junit is not None:
        write_file(junit, lint.as_junit(found))
    if as_json:
        print_json(lint.as_json(found))
    else:
        print_text(lint.as_text(found))
    worst = found.worst()
    return 2 if worst is not None and _LEVELS.index(worst.value) <= _LEVELS.index(fail_on) else 0


def _home(source: Source) -> Path | None:
    """Directory of the files; None for a PBX."""
    if not source.layers:
        return None
    return source.layers[-1] if source.layers[-1].is_dir() else source.layers[-1].parent


def _linted(source: Source, only: tuple[str, ...], ignore: tuple[str, ...]) -> Linted:
    from pbx_as_code.callflow.lint import lint

    if source.profile is not None:
        return lint(_of_pbx(source.profile), only=only, ignore=ignore)
    return lint(_of_files(source.layers), source.layers[-1], only=only, ignore=ignore)


def _of_files(layers: Sequence[Path]) -> Context:
    from datetime import date

    from pbx_as_code.callflow import from_configuration
    from pbx_as_code.callflow.lint import Context
    from pbx_as_code.cli.callflow import declared

    configuration = declared(layers)
    prompts = configuration.required.get("custom_prompts")
    known = None if prompts is None else frozenset(prompts)
    return Context(from_configuration(configuration), date.today(), known)


def _of_pbx(profile: str) -> Context:
    from datetime import date

    from pbx_as_code.callflow.lint import Context
    from pbx_as_code.callflow.lint.credentials import prompts_of, weak_pins_of
    from pbx_as_code.cli.callflow import graph_of_client
    from pbx_as_code.cli.connection import client_of

    with client_of(None, None, profile) as client:
        return Context(graph_of_client(client), date.today(), prompts_of(client), weak_pins_of(client))


def _list(as_json: bool) -> None:
    from pbx_as_code.callflow.lint import all_rules
    from pbx_as_code.cli.output import print_json

    if as_json:
        print_json([{"rule": one.id, "level": one.level.value, "title": one.title} for one in all_rules().values()])
        return
    width = max(map(len, all_rules()))
    for one in all_rules().values():
        click.echo(f"{one.id:{width}}  {one.level:7}  {one.title}")
