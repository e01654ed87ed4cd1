"""threecx validate"""

from __future__ import annotations

from pathlib import Path

import click

from pbx_as_code.cli.failures import FilesRefused
from pbx_as_code.cli.output import print_json


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
    from pbx_as_code.config.checks import check
    from pbx_as_code.config.loader import load
    from pbx_as_code.config.nodes import ConfigError

    objects = 0
    try:
        configuration = load(directory)
        objects = len(configuration.definitions)
        problems = check(configuration)
    except ConfigError as error:
        problems = error.problems
    number = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    if problems and as_json:
        raise FilesRefused(f"{directory}: {number}.", problems)
    if as_json:
        print_json({"objects": objects, "problems": []})
    elif problems:
        click.echo("\n".join(map(str, problems)))
        click.echo(f"{number}.", err=True)
    else:
        click.echo(f"{directory}: {objects} objects and settings, no problem.")
    return 1 if problems else 0
