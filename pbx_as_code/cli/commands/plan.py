"""threecx plan"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.cli.connection import connected

if TYPE_CHECKING:
    from threecx_xapi import XapiClient


@click.command(
    epilog="""\b
Examples:
  threecx plan acme --profile acme
  threecx plan acme --markdown plan.md

\b
Exit status: 0 nothing to do, 2 changes, 1 failure or something is impossible.
"""
)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--markdown", type=click.Path(path_type=Path), help="Write the plan for a pull request to this file.")
@click.option("--parallel", type=click.IntRange(1, 16), default=4, show_default=True, help="Requests at a time.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
def command(directory: Path, markdown: Path | None, parallel: int, as_json: bool, client: XapiClient) -> int:
    """Show what would make the PBX be as the files in DIRECTORY declare it. Nothing is written to the PBX.

    Objects that the files do not declare are kept.
    """
    from pbx_as_code.cli.comparing import compared
    from pbx_as_code.config.planning import report

    made = compared(directory, client, parallel)
    if markdown is not None:
        markdown.write_text(report.markdown(made), encoding="utf-8")
    click.echo(json.dumps(report.as_json(made), indent=1, default=str) if as_json else report.text(made))
    return 1 if made.impossible else 2 if made.operations else 0
