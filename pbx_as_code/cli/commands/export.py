"""threecx export"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.cli.connection import connected

if TYPE_CHECKING:
    from threecx_xapi import XapiClient


@click.command(
    epilog="""\b
Examples:
  threecx export acme --profile acme
  threecx export acme --include users --include department:Sales
  threecx export acme --exclude contacts --exclude "users:9*"
"""
)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--include",
    multiple=True,
    help="Objects to export: KIND, KIND:NAME or department:NAME. * matches any text. Repeatable.",
)
@click.option("--exclude", multiple=True, help="Objects to leave out, in the same notation. Repeatable.")
@click.option(
    "--parallel", type=click.IntRange(1, 16), default=4, show_default=True, help="Maximum number of parallel requests."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connected
def command(
    directory: Path,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    parallel: int,
    as_json: bool,
    client: XapiClient,
) -> None:
    """Export a PBX to files in DIRECTORY, which must be empty or not exist.

    Nothing is written to the PBX. The files contain no ids and no states, and markers (!secret NAME) instead of
    credentials.
    """
    from pbx_as_code.cli.output import print_json
    from pbx_as_code.cli.progress import watched
    from pbx_as_code.config.export import export
    from pbx_as_code.config.selection import Selection

    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise click.ClickException(f"{directory} is not an empty directory. Name a new one, and compare the two.")
    own = click.get_current_context().meta["client_id"]
    with watched(client) as pbx:
        made = export(pbx, Selection(include, exclude), parallel=parallel, own_number=own)
    for name, content in made.files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
    if as_json:
        shown = {"objects": made.counts, "left_out": made.left_out, "unread": made.unread}
        print_json({"files": list(made.files), **shown})
        return
    click.echo(f"{directory}: {sum(made.counts.values())} objects and settings in {len(made.files)} files.")
    for section, paths in made.left_out.items():
        click.echo(f"Left out, because they apply to this PBX only: {section}: {', '.join(paths)}", err=True)
    for section, why in made.unread.items():
        click.echo(f"Not exported: {section}: {why}", err=True)
