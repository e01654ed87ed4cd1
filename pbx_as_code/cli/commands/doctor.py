"""threecx doctor"""

from __future__ import annotations

from pathlib import Path

import click

from pbx_as_code.cli.connection import Connect, connectable
from pbx_as_code.cli.paths import NamedPath


@click.command(
    epilog="""\b
Examples:
  threecx doctor --profile acme
  threecx doctor --profile acme --json
  threecx doctor --profile acme --write-probe --traits traits.yml
  threecx-simulator --traits traits.yml

\b
--write-probe creates a department, a user, holidays in 2001 and a client, all with
the mark threecx-doctor, and removes them again. A run that was killed is cleaned
up by the next one with --write-probe.
"""
)
@click.option("--write-probe", is_flag=True, help="Also learn how writes behave, by creating and removing objects.")
@click.option("--force", is_flag=True, help="With --write-probe: also during calls and office hours.")
@click.option(
    "--traits", "traits_path", type=NamedPath(path_type=Path, dir_okay=False),
    help="File to write the traits to, for threecx-simulator --traits. It has no names, numbers or secrets.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connectable
def command(write_probe: bool, force: bool, traits_path: Path | None, as_json: bool, connect: Connect) -> None:
    """Report how a PBX answers, compared with what the simulator assumes.

    Without --write-probe it only reads: about 150 requests, none of them for much.
    """
    if force and not write_probe:
        raise click.UsageError("--force is for --write-probe only.")
    from threecx_xapi import RetryPolicy, XapiClient

    from pbx_as_code import doctor
    from pbx_as_code.cli.output import print_json, print_text, write_file
    from pbx_as_code.cli.progress import steps

    once = RetryPolicy(attempts=1)
    with connect(read_only=not write_probe, retry=once) as client, steps() as progress:

        def alike(**credentials: str) -> XapiClient:
            return connect(retry=once, token_cache=False, credentials=credentials)

        probe = doctor.Probe(
            sign_in=lambda name, secret: alike(client_id=name, client_secret=secret),
            with_token=lambda token: alike(access_token=token),
            forced=force,
        )
        try:
            found = doctor.examine(client, probe if write_probe else None, progress)
        except doctor.NotQuiet as reason:
            raise click.ClickException(
                f"{reason} Nothing was created. Wait for an empty hour, or use --force."
            ) from None
        except doctor.ProbeFailed as reason:
            raise click.ClickException(str(reason)) from None
    if traits_path is not None:
        write_file(traits_path, doctor.traits_file(found))
    if as_json:
        print_json(doctor.as_json(found))
    else:
        print_text(doctor.as_text(found))
