"""threecx version"""

from __future__ import annotations

import json
import platform

import click
from threecx_xapi import __version__


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Show the versions of threecx and Python."""
    versions = {"threecx-xapi": __version__, "python": platform.python_version()}
    click.echo(json.dumps(versions) if as_json else "\n".join(f"{name} {one}" for name, one in versions.items()))
