"""Files beside a PBX, for the commands that compare the two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.config.checks import check
from pbx_as_code.config.loader import load
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.planning.operations import Plan
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.pbx import Pbx

if TYPE_CHECKING:
    from threecx_xapi import XapiClient


def compared(directory: Path, client: XapiClient, parallel: int) -> Plan:
    """Plan the changes that make a PBX be as the files of a directory declare it.

    Parameters:
        directory: of the files
        client: of the PBX; it cannot write
        parallel: requests at a time

    Raises:
        click.ClickException: something is wrong with the files; every problem is named, and nothing was sent
        PbxError: the PBX cannot be read
    """
    try:
        configuration = load(directory)
        problems = check(configuration)
    except ConfigError as error:
        problems = error.problems
    if problems:
        listed = "\n".join(map(str, problems))
        raise click.ClickException(f"The files in {directory} cannot be used. Nothing was sent.\n{listed}")
    own = click.get_current_context().meta["client_id"]
    return plan(configuration, Pbx(client), parallel=parallel, own_number=own)
