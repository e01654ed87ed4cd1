"""threecx apply"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pbx_as_code.cli.comparing import LAYERS_HELP, layer_option, with_consent, with_selection
from pbx_as_code.cli.connection import connected_to_write
from pbx_as_code.cli.fleet import FLEET_HELP, with_fleet
from pbx_as_code.cli.paths import PATH
from pbx_as_code.cli.secrets import SECRETS_HELP, with_secrets

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.config.planning.operations import Plan
    from pbx_as_code.config.secrets import Resolver
    from pbx_as_code.config.selection import Selection


@click.command(
    epilog="""\b
Examples:
  threecx apply acme --profile acme
  threecx plan acme --out plan.json && threecx apply plan.json --yes
  threecx apply acme --owned --yes --secrets-file secrets.yml
  threecx apply acme --include department:Sales --yes
  threecx apply --fleet fleet.yml --limit customers
  threecx apply -f fleet -f acme

"""
    + LAYERS_HELP
    + "\n"
    + FLEET_HELP
    + "\n"
    + SECRETS_HELP
    + """\b
Exit status: 0 done or nothing to do, 1 failure.
"""
)
@with_fleet("apply")
@click.argument("source", type=PATH, metavar="[DIRECTORY|PLAN]", required=False)
@layer_option("DIRECTORY")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation. Required without a terminal.")
@click.option("--waive", metavar="WAIVER", help="Waiver of the removal limits, as shown by the plan.")
@click.option("--other-pbx", is_flag=True, help="Apply files of another PBX to this one.")
@click.option(
    "--parallel",
    type=click.IntRange(1, 16),
    default=2,
    show_default=True,
    help="Maximum number of parallel writes; twice as many operations run at a time, unless it is 1.",
)
@click.option("--update-secrets", is_flag=True, help="Set the credentials of existing objects, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_selection("apply")
@with_consent
@with_secrets
@connected_to_write
def command(
    source: Path | None,
    named: tuple[Path, ...],
    yes: bool,
    waive: str | None,
    other_pbx: bool,
    parallel: int,
    update_secrets: bool,
    as_json: bool,
    consent: dict[str, Any],
    selection: Selection,
    secrets: Resolver,
    client: XapiClient,
) -> int:
    """Change the PBX to match the files in DIRECTORY, or carry out exactly the PLAN that `threecx plan --out` wrote.

    A plan is refused if an object that it changes or refers to has changed since it was written. A failure stops only
    the operations that depend on it. threecx.lock records the objects that these files own.
    """
    from pbx_as_code.cli.applying import Run, carry_out
    from pbx_as_code.cli.comparing import compared, home_of, layers_of, limits_of, loaded
    from pbx_as_code.config.applying.checks import check_owner
    from pbx_as_code.config.configuration import Configuration
    from pbx_as_code.config.loader import ENDINGS
    from pbx_as_code.pbx import Pbx

    pbx = Pbx(client)
    directory: Path | None
    if source is None or named or source.is_dir() or (source.suffix.lower() in ENDINGS and not _is_plan(source)):
        layers = layers_of(source, named)
        directory, configuration = home_of(layers), loaded(layers)
        plan = compared(
            configuration,
            layers,
            client,
            max(4, parallel),
            consent,
            update_secrets=update_secrets,
            selection=selection,
        )
    elif any(consent.values()) or update_secrets or not selection.everything:
        raise click.UsageError("A plan holds everything that is to be done: give these options to threecx plan.")
    else:
        plan, layers = _from_file(source, pbx, parallel)
        directory = home_of(layers) if layers else None
        configuration = loaded(layers) if layers else Configuration()
    if not other_pbx:
        check_owner(plan, configuration, client.base_url)
    run = Run(directory, limits_of(configuration), secrets, yes=yes, waive=waive, parallel=parallel, as_json=as_json)
    return carry_out(plan, pbx, run)


def _is_plan(source: Path) -> bool:
    """Whether a file is JSON, as a plan is, whatever it is called. Declarations in JSON have none of its keys."""
    try:
        return '"seal"' in source.read_text(encoding="utf-8").splitlines()[-2]
    except (OSError, UnicodeDecodeError, IndexError):
        return False


def _from_file(source: Path, pbx: Any, parallel: int) -> tuple[Plan, list[Path]]:
    from pbx_as_code.config.applying.checks import check_fresh
    from pbx_as_code.config.applying.from_file import files_of_plan
    from pbx_as_code.config.planning.plan_file import load_plan

    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise click.ClickException(f"{source} is neither a directory nor a plan that can be read.") from None
    plan, named = load_plan(text, source.name)
    check_fresh(plan, pbx, max(4, parallel))
    layers, missing = files_of_plan(named)
    for sentence in missing:
        click.echo(sentence, err=True)
    return plan, layers
