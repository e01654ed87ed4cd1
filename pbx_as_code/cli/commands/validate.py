"""threecx validate"""

from __future__ import annotations

import json
from pathlib import Path

import click

from pbx_as_code.config.checks import check
from pbx_as_code.config.loader import load
from pbx_as_code.config.nodes import ConfigError


@click.command(
    epilog="""\b
Example:
  threecx validate acme
"""
)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(directory: Path, as_json: bool) -> int:
    """Check the files in DIRECTORY without a PBX: options, values, references and colliding numbers.

    Every problem is printed as file:line:column: message.
    """
    objects = 0
    try:
        configuration = load(directory)
        objects = len(configuration.definitions)
        problems = check(configuration)
    except ConfigError as error:
        problems = error.problems
    if as_json:
        listed = [{**problem.place._asdict(), "message": problem.message} for problem in problems]
        click.echo(json.dumps({"objects": objects, "problems": listed}, indent=1))
    elif problems:
        click.echo("\n".join(map(str, problems)))
        click.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}.", err=True)
    else:
        click.echo(f"{directory}: {objects} objects and settings, no problem.")
    return 1 if problems else 0
