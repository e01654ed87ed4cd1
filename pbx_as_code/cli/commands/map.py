"""threecx map"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.cli.callflow import AT_HELP, with_source
from pbx_as_code.cli.paths import PATH

if TYPE_CHECKING:
    from pbx_as_code.callflow import CallGraph
    from pbx_as_code.callflow.map import Picture
    from pbx_as_code.cli.callflow import Source

_FORMS = (".svg", ".html", ".mmd", ".dot")


@click.command(
    "map",
    epilog="""\b
Examples:
  threecx map acme -o map.html
  threecx map acme --number +15550100 -o main-number.svg
  threecx map acme --number +15550100 -o main-number.mmd
  threecx map profile:acme -o map.svg --at "2026-12-25 18:00"
  threecx map -f fleet -f acme -o map.html

\b
SOURCE is a directory of files, or profile:NAME for the PBX of a profile (only read).
The name of the file says its form: .html has all pictures with search, links and a
time slider; .svg all pictures in one file; .mmd is Mermaid for pull requests, one
number at a time; .dot is for Graphviz. --at marks what is live at that time.
""",
)
@with_source
@click.option("-o", "--output", required=True, type=PATH, help="File to write.")
@click.option("--number", help="Draw one entry number only, such as +15550100.")
@click.option("--at", metavar="TIME", help=AT_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print what was drawn as JSON.")
def command(source: Source, output: Path, number: str | None, at: str | None, as_json: bool) -> None:
    """Draw how calls go: one picture for each entry number, department and trunk."""
    from pbx_as_code.callflow import map as maps
    from pbx_as_code.cli.callflow import graph_of
    from pbx_as_code.cli.output import print_json, write_file

    if output.suffix not in _FORMS:
        raise click.BadParameter(f"The name of the file ends with one of {', '.join(_FORMS)}.", param_hint="--output")
    if output.suffix == ".mmd" and number is None:
        raise click.UsageError("A .mmd file has one picture: name the number with --number, or write .html.")
    graph = graph_of(source)
    pictures = [_picture(graph, number)] if number else maps.all_pictures(graph)
    if not pictures:
        raise click.ClickException(f"{source} has nothing to draw.")
    moment = _moment(graph, at) if at else None
    try:
        write_file(output, _written(graph, pictures, output.suffix, str(source), moment))
    except maps.LayoutError as error:
        raise click.ClickException(str(error)) from None
    ways = sum(len(one.lines) for one in pictures)
    if as_json:
        print_json({"file": str(output), "pictures": [one.title for one in pictures], "ways": ways})
    else:
        click.echo(f"{output}: {len(pictures)} picture{'s' if len(pictures) > 1 else ''} with {ways} ways.")


def _moment(graph: CallGraph, at: str) -> datetime:
    """The moment to mark: the first of two, with a note about it if there is one."""
    from pbx_as_code.callflow.trace.starts import moments

    first = moments(graph, at)[0]
    if first.note:
        click.echo(first.note, err=True)
    return first.at


def _picture(graph: CallGraph, number: str) -> Picture:
    from pbx_as_code.callflow.map import of_number
    from pbx_as_code.callflow.trace.matching import bare

    for did in graph.entries:
        if bare(did.key) == bare(number):
            return of_number(graph, did.key)
    known = ", ".join(did.key for did in graph.entries[:20]) or "none"
    raise click.ClickException(f"There is no entry number {number}. There are: {known}.")


def _written(graph: CallGraph, pictures: list[Picture], form: str, title: str, moment: datetime | None) -> str:
    from datetime import UTC

    from pbx_as_code.callflow import map as maps

    if form == ".html":
        return maps.as_page(graph, pictures, f"Calls of {title}", datetime.now(UTC), moment)
    if form == ".svg":
        return maps.as_file(graph, pictures, moment)
    if form == ".mmd":
        return maps.as_mermaid(pictures[0])
    return "".join(maps.as_dot(one) for one in pictures)
