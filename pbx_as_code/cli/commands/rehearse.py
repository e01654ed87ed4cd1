"""threecx rehearse"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pbx_as_code.cli.comparing import LAYERS_HELP, with_consent, with_layers
from pbx_as_code.cli.paths import PATH

if TYPE_CHECKING:
    from pbx_as_code.config.configuration import Configuration
    from pbx_as_code.rehearsal import Rehearsal


@click.command(
    epilog="""\b
Examples:
  threecx rehearse acme --base profile:acme
  threecx rehearse acme --base exported --markdown rehearsal.md
  threecx rehearse acme --base profile:acme --plan plan.json --traits traits.yml

\b
A simulated PBX is built from --base: a directory, such as an export or the main branch,
or profile:NAME for the PBX of a profile (only read). The files are applied to it, a
second plan has to be empty, and calls are traced before and after. With --traits (see
threecx doctor) the simulated PBX answers like the real one. Credentials are invented.

"""
    + LAYERS_HELP
    + """
\b
Exit status: 0 the change can be applied, 1 something was refused or failed.
"""
)
@with_layers
@click.option("--base", required=True, help="Configuration of the PBX before the change: a directory, or profile:NAME.")
@click.option("--plan", "plan_path", type=PATH, help="Plan for the real PBX, to compare with.")
@click.option("--traits", help="File or names of traits of the simulated PBX. Default: as-seen.")
@click.option("--markdown", type=PATH, help="Write the result for a pull request to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_consent
def command(
    layers: list[Path],
    base: str,
    plan_path: Path | None,
    traits: str | None,
    markdown: Path | None,
    as_json: bool,
    consent: dict[str, Any],
) -> int:
    """Try the files in DIRECTORY on a simulated PBX, and show which calls would go elsewhere."""
    from pbx_as_code import rehearsal
    from pbx_as_code.cli.comparing import declaring, loaded
    from pbx_as_code.cli.failures import for_commands
    from pbx_as_code.cli.output import print_json, print_text, write_file
    from pbx_as_code.cli.sources import configuration_of

    wanted = loaded(layers)
    if not any(consent.values()):
        declaring(wanted, layers)
    found = _rehearsed(configuration_of(base), wanted, layers, plan_path, traits, consent)
    if markdown is not None:
        write_file(markdown, for_commands(rehearsal.as_markdown(found)))
    if as_json:
        print_json(rehearsal.as_json(found))
    else:
        print_text(for_commands(rehearsal.as_text(found)))
    return 0 if found.succeeded else 1


def _rehearsed(
    base: Configuration,
    wanted: Configuration,
    layers: list[Path],
    plan_path: Path | None,
    traits: str | None,
    consent: dict[str, Any],
) -> Rehearsal:
    from threecx_xapi import RetryPolicy, XapiClient

    from pbx_as_code.cli.comparing import consent_of, home_of
    from pbx_as_code.cli.progress import steps
    from pbx_as_code.extras import extra
    from pbx_as_code.rehearsal import Stage, rehearse, seed_of

    with extra("simulator"):
        from pbx_simulator import AS_SEEN, SeedError, SimulatedPbx
        from pbx_simulator.traits import read

    try:
        chosen = AS_SEEN if traits is None else read(traits)
        simulated = SimulatedPbx(seed_of(base, wanted), traits=chosen)
    except SeedError as error:
        raise click.ClickException(str(error)) from None
    once = RetryPolicy(attempts=1)
    with (
        simulated as pbx,
        XapiClient(
            pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, retry=once, token_cache=False
        ) as client,
        steps() as progress,
    ):
        return rehearse(
            Stage(
                base, wanted, client, pbx.client_id, consent_of(wanted, consent), home_of(layers),
                _plan(plan_path), progress,
            )
        )  # fmt: skip


def _plan(path: Path | None) -> Any:
    if path is None:
        return None
    from pbx_as_code.config.planning.plan_file import load_plan

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise click.ClickException(f"{path} is no plan that can be read.") from None
    return load_plan(text, path.name)[0]
