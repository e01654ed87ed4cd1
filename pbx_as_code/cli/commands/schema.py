"""threecx schema"""

from __future__ import annotations

import json
from typing import Final

import click

MODELINE: Final = "# yaml-language-server: $schema="
"""The comment by which editors find the schema of a file; its path or address follows."""


@click.command(
    epilog=f"""\b
Examples:
  threecx schema > acme/.schema.json
  threecx schema --calls > acme/.calls.schema.json

Editors read it if a file begins with: {MODELINE}.schema.json (in a directory below: ../.schema.json). VS Code
also needs the setting "yaml.customTags": ["!secret scalar", "!remove scalar",
"!remove mapping", "!replace sequence", "!replace mapping"]."""
)
@click.option("--calls", is_flag=True, help="The schema of calls.yml, see threecx test, instead.")
@click.option("--json", is_flag=True, expose_value=False, help="Accepted as everywhere: a schema is always JSON.")
def command(calls: bool) -> None:
    """Write the JSON Schema of the files to standard output."""
    if calls:
        from pbx_as_code.callflow.expectations.schema import schema
    else:
        from pbx_as_code.config.schema import schema  # reads every description

    click.echo(json.dumps(schema(), indent=1))
