"""threecx plan"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pbx_as_code.cli.comparing import LAYERS_HELP, with_consent, with_layers, with_selection
from pbx_as_code.cli.connection import connected
from pbx_as_code.cli.fleet import FLEET_HELP, with_fleet
from pbx_as_code.cli.output import write_file
from pbx_as_code.cli.paths import PATH

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.config.selection import Selection


@click.command(
    epilog="""\b
Examples:
  threecx plan acme --profile acme
  threecx plan acme --markdown plan.md
  threecx plan acme --owned --out plan.json
  threecx plan acme --prune contacts --prune department:Sales
  threecx plan acme --include department:Sales --exclude "users:9*"
  threecx plan --fleet fleet.yml --limit customers
  threecx plan -f fleet -f acme
  threecx plan -f fleet --preview --markdown joining.md

"""
    + LAYERS_HELP
    + "\n"
    + FLEET_HELP
    + """
\b
Signs: + create, ~ update, > link what was created, < free a unique value, - remove,
! impossible or over a limit, ? not compared, * hint.
Limits of removals: 10 objects, and 30 % of a kind with more than 10. The files may
set others: pbx: {limits: {objects: 20, percent: 50}, removal: owned, prune: [contacts]}.

\b
Exit status: 0 nothing to do, 2 changes, 1 failure or something is impossible.
"""
)
@with_fleet("plan")
@with_layers
@click.option("--out", type=PATH, help="Write the plan to this file, for threecx apply.")
@click.option("--markdown", type=PATH, help="Write the plan for a pull request to this file.")
@click.option(
    "--parallel", type=click.IntRange(1, 16), default=4, show_default=True, help="Maximum number of parallel requests."
)
@click.option("--update-secrets", is_flag=True, help="Set the credentials of existing objects, too.")
@click.option(
    "--preview",
    is_flag=True,
    help="Show what a standard would change: its defaults count for every object of the PBX. Nothing is removed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_selection("plan")
@with_consent
@connected
def command(
    layers: list[Path],
    out: Path | None,
    markdown: Path | None,
    parallel: int,
    update_secrets: bool,
    preview: bool,
    as_json: bool,
    consent: dict[str, Any],
    selection: Selection,
    client: XapiClient,
) -> int:
    """Show the changes that would make the PBX match the files in DIRECTORY. Nothing is written to the PBX.

    Objects that the files do not declare are kept, unless you consent to their removal. With --include or --exclude,
    only the selection is compared; references to other objects are looked up on the PBX.
    """
    from pbx_as_code.cli.comparing import compared, limits_of, loaded
    from pbx_as_code.config.planning.limits import exceeded
    from pbx_as_code.config.planning.plan_file import dump
    from pbx_as_code.config.reporting import report

    if preview and (out is not None or update_secrets or any(consent.values())):
        raise click.UsageError("A preview cannot be applied: leave out --out, --update-secrets and removals.")
    if preview and not selection.everything:
        raise click.UsageError("A preview is about every object of the PBX: leave out --include and --exclude.")
    configuration = loaded(layers, strict=preview)
    made = compared(
        configuration,
        layers,
        client,
        parallel,
        consent,
        update_secrets=update_secrets,
        standard=preview,
        selection=selection,
    )
    over = exceeded(made, limits_of(configuration))
    if out is not None:
        write_file(out, dump(made, list(map(str, layers))))
    if markdown is not None:
        write_file(markdown, report.markdown(made, over))
    if as_json:
        click.echo(json.dumps({**report.as_json(made), "limits": over}, indent=1, default=str))
    else:
        click.echo(report.text(made))
        for sentence in over:
            click.echo(f"! {sentence} To waive the limits for exactly this plan: threecx apply --waive {made.waiver}")
    return 1 if made.impossible else 2 if made.operations else 0
