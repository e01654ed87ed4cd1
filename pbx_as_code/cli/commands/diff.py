"""threecx diff"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.cli.comparing import with_selection
from pbx_as_code.cli.paths import PATH, refuse_empty

if TYPE_CHECKING:
    from pbx_as_code.config.diff import Side
    from pbx_as_code.config.selection import Selection


@click.command(
    epilog="""\b
Examples:
  threecx diff acme beta
  threecx diff acme profile:acme
  threecx diff profile:acme profile:beta --include users --include queues
  threecx diff plan.json profile:acme
  threecx diff fleet+acme fleet+beta

\b
Each of FIRST and SECOND is a directory of files, layers joined with +, a plan file, or
profile:NAME for the PBX of a profile. Of a plan, what it sets and removes is compared.
Signs: - only in FIRST, + only in SECOND, ~ in both, ? not compared.

\b
Exit status: 0 no difference, 2 differences, 1 failure.
"""
)
@click.argument("first")
@click.argument("second")
@with_selection("compare")
@click.option(
    "--bound",
    is_flag=True,
    help="Also compare what applies to one PBX only, such as its domain name and sign-in names.",
)
@click.option("--markdown", type=PATH, help="Write the difference as Markdown to this file.")
@click.option(
    "--parallel", type=click.IntRange(1, 16), default=4, show_default=True, help="Maximum number of parallel requests."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    first: str,
    second: str,
    selection: Selection,
    bound: bool,
    markdown: Path | None,
    parallel: int,
    as_json: bool,
) -> int:
    """Compare two configurations by name: directories, plan files and PBXs. Nothing is written to a PBX."""
    from pbx_as_code.cli.failures import for_commands
    from pbx_as_code.cli.output import print_json, print_text, write_file
    from pbx_as_code.config import diff

    sides = [_side(name, selection, parallel, bound) for name in (first, second)]
    if not any(side.partial for side in sides):  # a plan declares the objects alone that it changes
        sides[0].named.check_both(
            sides[1].named, {*sides[0].unread, *sides[1].unread}, f"{sides[0].name} nor {sides[1].name}"
        )
    found = diff.difference(*sides, bound=bound)
    found.unread = [(side, section, for_commands(why)) for side, section, why in found.unread]
    if markdown is not None:
        write_file(markdown, diff.as_markdown(found))
    if as_json:
        print_json(diff.as_json(found))
    else:
        print_text(diff.as_text(found))
    return 2 if found else 0


def _side(name: str, chosen: Selection, parallel: int, bound: bool) -> Side:
    from pbx_as_code.cli.callflow import profile_of
    from pbx_as_code.config import diff

    if (profile := profile_of(name)) is not None:
        return _of_pbx(name, profile, chosen, parallel, bound)
    path = Path(name)
    if path.is_file() and path.suffix == ".json":
        from pbx_as_code.config.planning.plan_file import load_plan

        plan, _ = load_plan(path.read_text(encoding="utf-8"), name)
        return diff.of_plan(name, plan)
    named = [path] if path.exists() else name.split("+")
    for one in named:
        refuse_empty(one)
    layers = list(map(Path, named))
    missing = [one for one in layers if not one.exists()]
    if not missing:
        from pbx_as_code.cli.comparing import declaring, loaded

        return diff.of_files(name, declaring(loaded(layers), layers), chosen)
    raise click.UsageError(
        f"There is no directory and no plan file {missing[0]}. A PBX is profile:NAME, see threecx --help."
    )


def _of_pbx(name: str, profile: str, chosen: Selection, parallel: int, bound: bool) -> Side:
    from pbx_as_code.cli.connection import client_of
    from pbx_as_code.cli.progress import watched
    from pbx_as_code.config import diff

    with client_of(None, None, profile) as client, watched(client) as pbx:
        own = click.get_current_context().meta["client_id"]
        return diff.of_pbx(name, pbx, chosen, parallel=parallel, own_number=own, bound=bound)
