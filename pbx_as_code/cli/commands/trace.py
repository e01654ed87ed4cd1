"""threecx trace"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.cli.callflow import AT_HELP
from pbx_as_code.cli.comparing import layer_option
from pbx_as_code.cli.connection import Connect, connectable

if TYPE_CHECKING:
    from pbx_as_code.callflow import CallGraph
    from pbx_as_code.callflow.trace.calls import Call
    from pbx_as_code.callflow.trace.starts import Moment
    from pbx_as_code.callflow.trace.tracing import Trace


@click.command(
    epilog="""\b
Examples:
  threecx trace +15550100 --from acme --at "2026-12-25 18:00"
  threecx trace queue 800 --assume 101=busy --assume 102=away
  threecx trace +15550100 --profile acme --caller +15551234
  threecx trace --out 0049301234 --from-extension 101
  threecx trace +15550100 -f fleet -f acme

\b
Words of --assume: busy, unregistered, free, logged-in, logged-out, available,
away, out-of-office, dnd, custom-1, custom-2. all=WORD is every user.
"""
)
@click.argument("start", nargs=-1)
@click.option("--at", metavar="TIME", help=f"{AT_HELP} Default: now.")
@click.option("--caller", metavar="NUMBER", help="Number of the caller.")
@click.option(
    "--from",
    "source",
    metavar="SOURCE",
    help="Directory of files, or profile:NAME for the PBX of a profile. Default: here.",
)
@layer_option("--from")
@click.option("--assume", multiple=True, metavar="EXT=WORD", help="State of an extension: 101=busy. Repeatable.")
@click.option("--ignore-state", is_flag=True, help="Ignore states: profiles, logins, registrations, overrides.")
@click.option("--out", metavar="NUMBER", help="Trace a call to an outside number. Needs --from-extension.")
@click.option("--from-extension", metavar="EXT", help="Extension of the caller.")
@click.option("--brief", is_flag=True, help="Leave out reasons and places.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@connectable
def command(
    start: tuple[str, ...],
    at: str | None,
    caller: str | None,
    source: str | None,
    named: tuple[Path, ...],
    assume: tuple[str, ...],
    ignore_state: bool,
    out: str | None,
    from_extension: str | None,
    brief: bool,
    as_json: bool,
    connect: Connect,
) -> None:
    """Show where a call goes: to START, a DID or any object, or with --out to an outside number.

    START is a number, or a kind and a number or name: queue 800, user 101, menu 801, department Sales. Each step names
    the rule it rests on; the PBX is only read.
    """
    from pbx_as_code.callflow.model.refs import Kind, Ref
    from pbx_as_code.callflow.trace.as_json import as_json as json_of
    from pbx_as_code.callflow.trace.calls import Call, assumptions
    from pbx_as_code.callflow.trace.starts import moments, start_of
    from pbx_as_code.callflow.trace.tracing import trace, trace_out
    from pbx_as_code.cli.output import print_json

    if bool(start) == (out is not None):
        raise click.UsageError(
            "Name the START of the call, such as +15550100 or queue 800, or an outside number with --out."
        )
    if out is not None and from_extension is None:
        raise click.UsageError("--out needs --from-extension, the extension that dials.")
    graph = _graph(source, named, connect)
    begins = Ref(Kind.USER, str(from_extension)) if out is not None else start_of(graph, start)
    given = assumptions(graph, assume)
    found = []
    for moment in moments(graph, at):
        call = Call(begins, moment.at, caller, from_extension, given, ignore_state)
        made = trace(graph, call) if out is None else trace_out(graph, call, out)
        found.append((made, _title(graph, call, out, moment)))
    if as_json:
        print_json({"traces": [json_of(made) for made, _ in found]})
        return
    for position, (made, title) in enumerate(found):
        if position:
            click.echo()
        _show(made, title, brief)


def _graph(source: str | None, layers: tuple[Path, ...], connect: Connect) -> CallGraph:
    from pbx_as_code.cli.callflow import Source, graph_of, graph_of_client, source_of

    here = Path("pbx.yml")
    options = click.get_current_context().params
    named = options.get("url") or options.get("profile") or os.environ.get("THREECX_HOST")
    if source is not None or layers:
        return graph_of(source_of(source, layers))
    if not named and here.is_file():
        return graph_of(Source((Path(),)))
    with connect() as client:
        return graph_of_client(client)


def _title(graph: CallGraph, call: Call, out: str | None, moment: Moment) -> str:
    node = graph.nodes.get(call.start)
    begins = node.title if node else str(call.start)
    what = f"{begins} dials {out}" if out is not None else f"call to {begins}"
    zone = "" if moment.floating else f" {getattr(call.at.tzinfo, 'key', None) or call.at.tzinfo}"
    who = f", caller {call.caller}" if call.caller else f", from extension {call.extension}" if call.extension else ""
    states = "" if not graph.live else f", states of {graph.taken_at:%Y-%m-%d %H:%M} UTC"
    shown = f"{what}, {call.at:%a %Y-%m-%d %H:%M}{zone}{'' if out else who}{states}"
    return f"{shown} ({moment.note})" if moment.note else shown


def _show(made: Trace, title: str, brief: bool) -> None:
    from pbx_as_code.callflow.trace.text import plain, printable, tree
    from pbx_as_code.cli.output import print_text

    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        from rich.console import Console

        Console(highlight=False).print(tree(made, title, brief=brief))
    else:
        print_text(plain(made, title, brief=brief))
    for warning in made.warnings:
        click.echo(printable(warning), err=True)
