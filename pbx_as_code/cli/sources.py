"""Configurations that commands take from a directory or from the PBX of a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pbx_as_code.config.configuration import Configuration


def configuration_of(source: str, parallel: int = 4) -> Configuration:
    """The configuration of a directory, or of the PBX of a profile, which is only read.

    Parameters:
        source: a path, or profile:NAME
        parallel: requests at a time

    Raises:
        click.ClickException: there is no such directory or profile
        ConfigError: something is wrong with the files
        PbxError: the PBX cannot be read
    """
    from pbx_as_code.cli.callflow import path_of, profile_of
    from pbx_as_code.cli.comparing import loaded

    profile = profile_of(source)
    if profile is None:
        return loaded([path_of(source)], strict=True)
    from pbx_as_code.cli.connection import client_of
    from pbx_as_code.cli.progress import watched
    from pbx_as_code.config.checks import checked
    from pbx_as_code.config.export import export
    from pbx_as_code.config.structure import as_structure, load_structure

    with client_of(None, None, profile) as client, watched(client) as pbx:
        own = click.get_current_context().meta["client_id"]
        contents = export(pbx, parallel=parallel, own_number=own).contents.values()
        return checked(load_structure(as_structure(contents), "export"))
