"""threecx export"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.cli.comparing import with_layers, with_selection
from pbx_as_code.cli.connection import connected
from pbx_as_code.config.spelling import counted

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.config.selection import Selection


@click.command(
    epilog="""\b
Examples:
  threecx export acme --profile acme
  threecx export acme --include users --include department:Sales
  threecx export acme --exclude contacts --exclude "users:9*"
  threecx export acme --only-drift --dry-run
  threecx export -f fleet -f acme --only-drift --shared override

\b
Files that exist are edited: only values that differ change, and comments, order, blank
lines, expressions and markers stay. Objects that no file declares are added to the last
layer, unless --only-drift is given.

\b
Some values are left for you to decide, and listed with the options that decide:
  --variables replace   write the value in the place of an expression such as {{ site }}
  --variables change    give the variable in vars.yml this value, if nothing else uses it
  --shared override     write a value that a lower layer declares into the last layer
  --shared change       write it into the lower layer, which counts for other PBXs too
  --missing remove      take objects that are not on the PBX out of the files

\b
Exit status: 0 done, 2 done, but something was left for you to decide, 1 failure.
"""
)
@with_layers
@with_selection("export")
@click.option("--only-drift", is_flag=True, help="Adopt differences only: add nothing that the files do not declare.")
@click.option(
    "--variables",
    type=click.Choice(["keep", "replace", "change"]),
    default="keep",
    help="For values that are expressions.",
)
@click.option(
    "--shared",
    type=click.Choice(["keep", "override", "change"]),
    default="keep",
    help="For values that another layer than the last one declares.",
)
@click.option(
    "--missing", type=click.Choice(["keep", "remove"]), default="keep", help="For objects that are not on the PBX."
)
@click.option("--other-pbx", is_flag=True, help="Adopt into files of another PBX.")
@click.option("--dry-run", is_flag=True, help="Show what would change in existing files, and write nothing.")
@click.option(
    "--parallel", type=click.IntRange(1, 16), default=4, show_default=True, help="Maximum number of parallel requests."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
def command(
    layers: list[Path],
    selection: Selection,
    only_drift: bool,
    variables: str,
    shared: str,
    missing: str,
    other_pbx: bool,
    dry_run: bool,
    parallel: int,
    as_json: bool,
    client: XapiClient,
) -> int:
    """Export a PBX to files in DIRECTORY, or adopt its state into the files that are there.

    Nothing is written to the PBX. The files contain no ids and no states, and markers (!secret NAME) instead of
    credentials.
    """
    from pbx_as_code.cli.adopting import adopt_into
    from pbx_as_code.config.adopting.adopt import Wanted
    from pbx_as_code.config.adopting.outcome import Choices
    from pbx_as_code.config.loader import files_of
    from pbx_as_code.config.variables import VARIABLES

    directory = layers[-1]
    variables_alone = {directory / name for name in VARIABLES}
    there = directory.is_file() or (directory.is_dir() and set(files_of(directory)) - variables_alone)
    if len(layers) == 1 and not there:
        if only_drift or dry_run:
            raise click.ClickException(f"{directory} has no files that could be compared with the PBX.")
        return _new(directory, client, selection, parallel, as_json=as_json)
    if not directory.exists():
        directory.mkdir(parents=True)
    wanted = Wanted(
        Choices(variables, shared, missing),
        selection,
        everything=not only_drift,
        other_pbx=other_pbx,
        parallel=parallel,
        own_number=click.get_current_context().meta["client_id"],
    )
    return adopt_into(layers, client, wanted, dry_run=dry_run, as_json=as_json)


def _new(directory: Path, client: XapiClient, selection: Selection, parallel: int, *, as_json: bool) -> int:
    """Export into a new directory."""
    from pbx_as_code.cli.failures import for_commands
    from pbx_as_code.cli.output import print_json
    from pbx_as_code.cli.progress import watched
    from pbx_as_code.config.export import export
    from pbx_as_code.config.export_folder import check_writable, write_new

    own = click.get_current_context().meta["client_id"]
    check_writable(directory)
    with watched(client) as pbx:
        made = export(pbx, selection, parallel=parallel, own_number=own)
    write_new(directory, made.files)
    unread = {section: for_commands(why) for section, why in made.unread.items()}
    if as_json:
        shown = {"objects": made.counts, "left_out": made.left_out, "unread": unread, "lacking": made.lacking}
        print_json({"files": list(made.files), **shown, "dangling": made.dangling})
        return 0
    exported = counted(sum(made.counts.values()), "object or setting", "objects and settings")
    click.echo(f"{directory}: {exported} in {counted(len(made.files), 'file')}.")
    for section, paths in sorted(made.left_out.items()):
        click.echo(f"Left out, because they apply to this PBX only: {section}: {', '.join(paths)}", err=True)
    for section, why in sorted(unread.items()):
        click.echo(f"Not exported: {section}: {why}", err=True)
    for section, options in sorted(made.lacking.items()):
        click.echo(f"Not exported, because the PBX refuses to show it: {section}: {', '.join(options)}", err=True)
    for problem in made.dangling:
        click.echo(f"Exported as it is on the PBX: {problem}", err=True)
    return 0
