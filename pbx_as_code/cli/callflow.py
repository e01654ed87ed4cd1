"""Call graphs for commands: from files, or from the PBX of a profile."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.callflow import CallGraph


def profile_of(source: str) -> str | None:
    """The profile that a source names; None if it is a path.

    Parameters:
        source: profile:NAME, or the bare NAME of a profile where there is no such path
    """
    from pbx_as_code.profiles import has_profile

    what, colon, profile = source.partition(":")
    if what == "profile" and colon:
        return profile
    return source if not Path(source).exists() and has_profile(source) else None


def path_of(source: str) -> Path:
    """The directory or file that a source names.

    Parameters:
        source: as it was given

    Raises:
        click.UsageError: there is none
    """
    path = Path(source)
    if not path.exists():
        raise click.UsageError(f"There is no directory {source}. A PBX is profile:NAME, see threecx --help.")
    return path


def graph_of(source: str) -> CallGraph:
    """The call graph of a directory, or of the PBX of a profile, which is only read.

    Parameters:
        source: a path, or profile:NAME

    Raises:
        click.ClickException: there is no such directory or profile
        ConfigError: the files cannot be used
        PbxError: the PBX cannot be read
    """
    from pbx_as_code.callflow import from_directory

    profile = profile_of(source)
    if profile is None:
        return from_directory(path_of(source))
    from pbx_as_code.cli.connection import client_of

    with client_of(None, None, profile) as client:
        return graph_of_client(client)


def graph_of_client(client: XapiClient) -> CallGraph:
    """The call graph of a PBX; reading it shows progress on a terminal.

    Parameters:
        client: of the PBX

    Raises:
        PbxError: the PBX cannot be read
    """
    from pbx_as_code.callflow import from_pbx
    from pbx_as_code.cli.progress import watched

    with watched(client) as pbx:
        return from_pbx(client, pbx=pbx)


def moment_of(graph: CallGraph, text: str) -> datetime:
    """A moment by the clock of the default department; one that exists twice is the first of both.

    Parameters:
        graph: of the department
        text: such as 2026-12-25 18:00, with or without an offset

    Raises:
        click.BadParameter: it is no time, or the clock skips it
    """
    from datetime import UTC

    from pbx_as_code.callflow.hours.moments import instants
    from pbx_as_code.callflow.model.departments import Department

    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text} is no time. Write: 2026-12-25 18:00", param_hint="--at") from None
    if given.tzinfo is not None:
        return given
    default = graph.nodes.get(graph.default_department) if graph.default_department else None
    zone = (default.zone if isinstance(default, Department) else None) or graph.settings.zone
    if zone is None:
        return given.replace(tzinfo=UTC)
    found = instants(given, zone)
    if not found:
        raise click.BadParameter(f"{text} does not exist: the clocks of {zone} skip it.", param_hint="--at")
    return found[0]
