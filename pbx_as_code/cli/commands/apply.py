"""threecx apply"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pbx_as_code.cli.comparing import LAYERS_HELP, layer_option, with_consent
from pbx_as_code.cli.connection import connected_to_write
from pbx_as_code.cli.failures import Interrupted
from pbx_as_code.cli.fleet import FLEET_HELP, with_fleet
from pbx_as_code.cli.secrets import SECRETS_HELP, with_secrets

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.config.applying.apply import Applied, Fate
    from pbx_as_code.config.planning.operations import Plan
    from pbx_as_code.config.secrets import Resolver


@click.command(
    epilog="""\b
Examples:
  threecx apply acme --profile acme
  threecx plan acme --out plan.json && threecx apply plan.json --yes
  threecx apply acme --owned --yes --secrets-file secrets.yml
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
@click.argument("source", type=click.Path(path_type=Path), metavar="[DIRECTORY|PLAN]", required=False)
@layer_option
@click.option("--yes", is_flag=True, help="Do not ask for confirmation. Required without a terminal.")
@click.option("--waive", metavar="WAIVER", help="Waiver of the removal limits, as shown by the plan.")
@click.option("--other-pbx", is_flag=True, help="Apply files of another PBX to this one.")
@click.option(
    "--parallel", type=click.IntRange(1, 16), default=2, show_default=True, help="Maximum number of parallel writes."
)
@click.option("--update-secrets", is_flag=True, help="Set the credentials of existing objects, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
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
    secrets: Resolver,
    client: XapiClient,
) -> int:
    """Change the PBX to match the files in DIRECTORY, or carry out exactly the PLAN that `threecx plan --out` wrote.

    A plan is refused if an object that it changes or refers to has changed since it was written. A failure stops only
    the operations that depend on it. threecx.lock records the objects that these files own.
    """
    from pbx_as_code.cli.comparing import compared, home_of, layers_of, limits_of, loaded
    from pbx_as_code.config.applying.checks import check_plan
    from pbx_as_code.config.applying.files import Recorded
    from pbx_as_code.config.configuration import Configuration
    from pbx_as_code.config.planning import report
    from pbx_as_code.pbx import Pbx

    pbx = Pbx(client)
    directory: Path | None
    if source is None or named or source.is_dir():
        layers = layers_of(source, named)
        directory, configuration = home_of(layers), loaded(layers)
        plan = compared(configuration, layers, client, max(4, parallel), consent, update_secrets=update_secrets)
    elif any(consent.values()) or update_secrets:
        raise click.UsageError("A plan holds everything that is to be done: give these options to threecx plan.")
    else:
        plan, layers = _from_file(source, pbx, parallel)
        directory = home_of(layers) if layers else None
        configuration = loaded(layers) if layers else Configuration()
    limits = limits_of(configuration)
    made_for = configuration.pbx.get("identity")
    if made_for and made_for != plan.identity and not other_pbx:
        raise click.ClickException(
            f"These files are of the PBX {made_for}, and {client.base_url} is {plan.identity}. Nothing was written. If "
            "they are meant for it, give --other-pbx, or change pbx.identity in the files."
        )
    recorded = Recorded(plan, directory)
    for text in recorded.interrupted:
        click.echo(
            f"The last apply of these files was interrupted. It may or may not have done this: {text}.", err=True
        )
    check_plan(plan, secrets, limits, waive)
    if not as_json:
        click.echo(report.text(plan))
    if plan.operations and not (yes or _agreed(as_json, plan.identity)):
        click.echo("Nothing was written.", err=True)
        return 1
    fates: list[Fate] = []

    def report_fate(fate: Fate) -> None:
        fates.append(fate)
        if not as_json:
            _said(fate)

    try:
        applied = recorded.apply(
            pbx, secrets=secrets, parallel=parallel, limits=limits, waiver=waive, report=report_fate
        )
    except KeyboardInterrupt:
        raise Interrupted(_so_far(fates, len(plan.operations), recorded.directory)) from None
    _tell(plan, applied, as_json)
    return 1 if applied.failed else 0


def _from_file(source: Path, pbx: Any, parallel: int) -> tuple[Plan, list[Path]]:
    from pbx_as_code.config.applying.checks import check_fresh
    from pbx_as_code.config.planning.plan_file import load_plan

    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise click.ClickException(f"{source} is neither a directory nor a plan that can be read.") from None
    plan, named = load_plan(text, source.name)
    check_fresh(plan, pbx, max(4, parallel))
    layers = list(map(Path, named))
    missing = [str(layer) for layer in layers if not layer.exists()]
    if missing:
        click.echo(f"There is no directory {missing[0]} here: what its files own is not recorded.", err=True)
        return plan, []
    return plan, layers


def _agreed(as_json: bool, where: str) -> bool:
    if as_json or not sys.stdin.isatty():
        raise click.UsageError("Nothing was written. Without a terminal, --yes is needed to carry it out.")
    return click.confirm(f"Carry it out on {where}?")


def _so_far(fates: list[Fate], operations: int, directory: Path | None) -> str:
    done = sum(fate.state.value in ("done", "unchanged") for fate in fates)
    journal = f" The journal stays in {directory}." if directory is not None else ""
    return (
        f"Interrupted: {done} of {operations} operations are done, {len(fates) - done} were not successful, the others "
        f"were not begun.{journal} Run the same command again to do the rest."
    )


def _said(fate: Fate) -> None:
    click.echo(f"{fate.state.value}: {fate.doing.value} {fate.title}{f': {fate.why}' if fate.why else ''}")


def _tell(plan: Plan, applied: Applied, as_json: bool) -> None:
    if as_json:
        from pbx_as_code.config.applying.apply import as_json as applied_as_json

        click.echo(json.dumps({"waiver": plan.waiver, **applied_as_json(applied)}, indent=1, default=str))
        return
    for warning in applied.warnings:
        click.echo(f"Note: {warning}", err=True)
    counts = ", ".join(f"{count} {state}" for state, count in applied.counts.items() if count)
    click.echo(f"{counts or 'Nothing to do'}.")
