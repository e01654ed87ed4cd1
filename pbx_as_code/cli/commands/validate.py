"""threecx validate"""

from __future__ import annotations

from pathlib import Path

import click

from pbx_as_code.cli.comparing import LAYERS_HELP, declaring, with_layers
from pbx_as_code.cli.failures import FilesRefused
from pbx_as_code.cli.output import print_json


@click.command(
    epilog="""\b
Examples:
  threecx validate acme
  threecx validate -f fleet -f acme

"""
    + LAYERS_HELP
)
@with_layers
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(layers: list[Path], as_json: bool) -> int:
    """Check the files in DIRECTORY without a PBX: options, values, references and colliding numbers.

    Every problem is printed as file:line:column: message.
    """
    from pbx_as_code.config.checks import check
    from pbx_as_code.config.loader import load_layers
    from pbx_as_code.config.nodes import ConfigError
    from pbx_as_code.config.spelling import counted

    objects, named = 0, " + ".join(map(str, layers))
    try:
        configuration = load_layers(layers)
        objects = len(configuration.definitions)
        if not (configuration.defaults or configuration.pbx):  # a standard may have these alone
            declaring(configuration, layers)
        problems = check(configuration)
    except ConfigError as error:
        problems = error.problems
    number = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    if problems and as_json:
        raise FilesRefused(f"{named}: {number}.", problems)
    if as_json:
        print_json({"objects": objects, "problems": []})
    elif problems:
        click.echo("\n".join(map(str, problems)))
        click.echo(f"{number}.", err=True)
    else:
        click.echo(f"{named}: {counted(objects, 'object or setting', 'objects and settings')}, no problem.")
    return 1 if problems else 0
