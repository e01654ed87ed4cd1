"""Files beside a PBX, for the commands that compare the two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pbx_as_code.cli.failures import FilesRefused
from pbx_as_code.cli.progress import watched
from pbx_as_code.config.checks import check
from pbx_as_code.config.loader import load
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.planning.operations import Plan
from pbx_as_code.config.planning.planner import plan

if TYPE_CHECKING:
    from threecx_xapi import XapiClient


def compared(directory: Path, client: XapiClient, parallel: int) -> Plan:
    """Plan the changes that make a PBX be as the files of a directory declare it.

    Parameters:
        directory: of the files
        client: of the PBX; it cannot write
        parallel: requests at a time

    Raises:
        FilesRefused: something is wrong with the files; every problem is named, and nothing was sent
        click.UsageError: the files declare nothing, which is no agreement
        PbxError: the PBX cannot be read
    """
    try:
        configuration = load(directory)
        problems = check(configuration)
    except ConfigError as error:
        problems = error.problems
    if problems:
        raise FilesRefused(f"The files in {directory} cannot be used. Nothing was sent.", problems)
    if not (configuration.definitions or configuration.required or configuration.complete):
        raise click.UsageError(f"No file in {directory} declares anything, so there is nothing to compare.")
    own = click.get_current_context().meta["client_id"]
    with watched(client) as pbx:
        return plan(configuration, pbx, parallel=parallel, own_number=own)
