"""threecx schema"""

from __future__ import annotations

import json

import click

from pbx_as_code.config.schema import MODELINE, schema


@click.command(
    epilog=f"""\b
Example:
  threecx schema > acme/.schema.json

Editors read it if a file begins with: {MODELINE}.schema.json (in a directory below: ../.schema.json). VS Code
also needs the setting "yaml.customTags": ["!secret scalar"]."""
)
def command() -> None:
    """Write the JSON Schema of the files to standard output."""
    click.echo(json.dumps(schema(), indent=1))
