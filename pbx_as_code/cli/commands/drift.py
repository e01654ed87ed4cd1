"""threecx drift"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.cli.comparing import LAYERS_HELP, with_layers, with_selection
from pbx_as_code.cli.connection import connected
from pbx_as_code.cli.fleet import FLEET_HELP, with_fleet
from pbx_as_code.cli.paths import PATH

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.config.selection import Selection


@click.command(
    epilog="""\b
Examples:
  threecx drift acme --profile acme
  threecx drift acme --html drift.html --junit drift.xml
  threecx drift acme --include queues --include department:Sales
  threecx drift --fleet fleet.yml --limit customers
  threecx drift -f fleet -f acme --html drift.html

"""
    + LAYERS_HELP
    + "\n"
    + FLEET_HELP
    + """
\b
Exit status:
  0  no drift: everything is as declared, but for credentials, which a PBX does not show
  2  drift, or an undeclared object of a kind that pbx.complete lists
  1  failure, or a declared value that is no credential could not be compared

\b
JUnit: drift is a failure, an object that could not be compared an error, one whose credentials alone could not be
compared is skipped.
"""
)
@with_fleet("drift")
@with_layers
@click.option("--html", type=PATH, help="Write a self-contained HTML page to this file.")
@click.option("--junit", type=PATH, help="Write JUnit XML to this file.")
@click.option("--markdown", type=PATH, help="Write Markdown to this file.")
@click.option(
    "--parallel", type=click.IntRange(1, 16), default=4, show_default=True, help="Maximum number of parallel requests."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_selection("compare")
@connected
def command(
    layers: list[Path],
    html: Path | None,
    junit: Path | None,
    markdown: Path | None,
    parallel: int,
    as_json: bool,
    selection: Selection,
    client: XapiClient,
) -> int:
    """Report differences between the PBX and the files in DIRECTORY. Nothing is written to the PBX.

    Values that cannot be compared, such as credentials, are listed separately and never count as equal.
    """
    from pbx_as_code.cli.comparing import compared, loaded
    from pbx_as_code.cli.output import print_json, write_file
    from pbx_as_code.config.reporting import report
    from pbx_as_code.config.reporting.drift_page import page

    made = compared(loaded(layers), layers, client, parallel, selection=selection)
    for path, written in ((html, page), (junit, report.junit), (markdown, report.markdown)):
        if path is not None:
            write_file(path, written(made))
    if as_json:
        print_json(report.as_json(made))
    else:
        click.echo(report.text(made))
    return 2 if report.differs(made) or report.undeclared(made) else 1 if report.unsettled(made) else 0
