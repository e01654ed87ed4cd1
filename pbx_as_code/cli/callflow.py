"""Call graphs for commands: from files, or from the PBX of a profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import click

from pbx_as_code.cli.comparing import layer_option
from pbx_as_code.cli.paths import refuse_empty

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.callflow import CallGraph
    from pbx_as_code.config.configuration import Configuration

_Command = TypeVar("_Command", bound=Callable[..., Any])

AT_HELP: Final = (
    'Time, such as "2026-12-25 18:00", by the clock of the PBX; or with a zone: '
    '"2026-12-25 18:00 America/New_York", "2026-12-25T18:00-05:00".'
)
"""Help of the option --at."""


def profile_of(source: str) -> str | None:
    """The profile that a source names; None if it is a path.

    Parameters:
        source: profile:NAME, or the bare NAME of a profile where there is no such path

    Raises:
        click.BadParameter: it is empty
    """
    from pbx_as_code.profiles import has_profile

    refuse_empty(source)

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


class Source(NamedTuple):
    """The files or the PBX that a command about calls reads."""

    layers: tuple[Path, ...] = ()
    """Directories or files, the lowest first; empty for a PBX."""
    profile: str | None = None

    def __str__(self) -> str:
        return " + ".join(map(str, self.layers)) if self.profile is None else f"profile:{self.profile}"


def with_source(command: _Command) -> _Command:
    """Give a command the argument SOURCE and the option -f, and a `Source` as its argument `source`."""

    @click.argument("place", metavar="SOURCE", required=False)
    @layer_option("SOURCE")
    @wraps(command)
    def reading(*arguments: Any, place: str | None, named: tuple[Path, ...], **options: Any) -> Any:
        return command(*arguments, source=source_of(place, named), **options)

    return reading  # type: ignore[return-value]


def source_of(named: str | None, layers: tuple[Path, ...]) -> Source:
    """The source that the arguments of a command name.

    Parameters:
        named: a path, profile:NAME, or the bare NAME of a profile
        layers: directories of the option -f

    Raises:
        click.UsageError: there is none, or both are given, or there is no such path
    """
    if named is not None and layers:
        raise click.UsageError(f"Name {named} with -f as well, in the order of the layers: the last one wins.")
    if layers:
        return Source(layers)
    if named is None:
        raise click.UsageError(
            "Name the SOURCE: a directory of files, profile:NAME for a PBX, or layers: -f DIRECTORY -f DIRECTORY."
        )
    profile = profile_of(named)
    return Source((path_of(named),)) if profile is None else Source(profile=profile)


def graph_of(source: Source) -> CallGraph:
    """The call graph of files, or of the PBX of a profile, which is only read.

    Parameters:
        source: files or PBX

    Raises:
        click.UsageError: the files declare nothing
        ConfigError: the files cannot be used
        PbxError: the PBX cannot be read
    """
    if source.profile is None:
        from pbx_as_code.callflow import from_configuration

        return from_configuration(declared(source.layers))
    from pbx_as_code.cli.connection import client_of

    with client_of(None, None, source.profile) as client:
        return graph_of_client(client)


def declared(layers: Sequence[Path]) -> Configuration:
    """The configuration of layers, which declares something.

    Parameters:
        layers: directories or files, the lowest first

    Raises:
        click.UsageError: the files declare nothing
        ConfigError: the files cannot be used
    """
    from pbx_as_code.cli.comparing import declaring
    from pbx_as_code.config.loader import load_layers

    return declaring(load_layers(layers), layers)


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
        graph = from_pbx(client, pbx=pbx)
    for text in graph.unread:
        click.echo(f"Unknown: {text}", err=True)
    return graph
