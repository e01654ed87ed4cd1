"""threecx test"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.cli.callflow import with_source
from pbx_as_code.cli.output import write_file
from pbx_as_code.cli.paths import PATH

if TYPE_CHECKING:
    from pbx_as_code.callflow import CallGraph
    from pbx_as_code.cli.callflow import Source


@click.command(
    "test",
    epilog="""\b
Examples:
  threecx test acme
  threecx test acme --junit calls.xml
  threecx test profile:acme --calls acme/calls.yml
  threecx test acme --record
  threecx test -f fleet -f acme

\b
calls.yml in the directory has the expectations:
  calls:
  - name: Main number on Christmas Day
    call: "+15550100"
    at: 2026-12-25 18:00
    expect: voicemail 101
  - name: 112 from any extension
    dial: "112"
    extension: "101"
    expect: [trunk 10000, external 112]
  - name: Support overflows if everybody is busy
    call: queue 800
    at: 2026-12-01 10:00
    assume: all=busy
    expect: ring_group 300
    within: 60
A call passes the places of `expect` in this order if nobody answers and no key is
pressed. `take` names conditions that hold, in this order: key 1, busy, not registered,
invalid key, refused; `press: 1` is short for `take: key 1`. A place is a kind and a number or name, or how the
call ends: ended, voicemail, outside, refused, loop. `avoid` names places to avoid.

\b
Exit status: 0 all are fulfilled, 2 some are not, 1 failure.
""",
)
@with_source
@click.option(
    "--calls",
    "calls_path",
    type=PATH,
    help="File of the expectations. Default: calls.yml of each layer.",
)
@click.option("--record", is_flag=True, help="Write calls.yml: where calls go today, at every time that matters.")
@click.option("--junit", type=PATH, help="Write JUnit XML to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(source: Source, calls_path: Path | None, record: bool, junit: Path | None, as_json: bool) -> int:
    """Check where calls go against the expectations in calls.yml.

    SOURCE is a directory of files, or profile:NAME for the PBX of a profile (only read). With layers, the expectations
    of each of them count; --record writes those of the last one.
    """
    from pbx_as_code.callflow import expectations
    from pbx_as_code.cli.callflow import graph_of
    from pbx_as_code.cli.output import print_json, print_text

    if calls_path is None and source.profile is not None:
        raise click.UsageError("Name the file of the expectations with --calls.")
    files = [calls_path] if calls_path is not None else [expectations.file_of(one) for one in source.layers]
    if record:
        return _record(graph_of(source), files[-1])
    graph = graph_of(source) if source.profile is None else None  # a PBX is only read if the expectations are right
    wanted = expectations.read_files(files)
    outcomes = expectations.check(graph or graph_of(source), wanted)
    if not outcomes:
        named = " and ".join(map(str, files))
        raise click.ClickException(f"There are no expectations in {named}, so nothing was tested.")
    if junit is not None:
        write_file(junit, expectations.as_junit(outcomes))
    if as_json:
        print_json(expectations.as_json(outcomes))
    else:
        print_text(expectations.as_text(outcomes))
    return 0 if all(one.state.passes for one in outcomes) else 2


def _record(graph: CallGraph, path: Path) -> int:
    from datetime import UTC, datetime

    from pbx_as_code.callflow.expectations import recorded

    if path.exists():
        raise click.ClickException(f"There is a {path} already. Move it away, or name another file with --calls.")
    text = recorded(graph, datetime.now(UTC).replace(second=0, microsecond=0))
    write_file(path, text)
    click.echo(f"{path}: {text.count('- name:')} expectations.")
    return 0
