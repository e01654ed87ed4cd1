"""Compare files with a PBX, for the commands plan, apply and drift."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from pbx_as_code.cli.paths import PATH

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.config.configuration import Configuration
    from pbx_as_code.config.planning.consent import Consent
    from pbx_as_code.config.planning.limits import Limits
    from pbx_as_code.config.planning.operations import Plan
    from pbx_as_code.config.selection import Selection

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _complete_kind(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The kinds that begin so, as keys of files."""
    from pbx_as_code.config.kinds import SECTIONS

    return sorted(name for name in SECTIONS if name.startswith(incomplete))


def _complete_pattern(context: click.Context, of: click.Parameter, incomplete: str) -> list[str]:
    """The same, and how a pattern for departments begins."""
    return [
        *_complete_kind(context, of, incomplete),
        *(["department:"] if "department:".startswith(incomplete) else []),
    ]


def with_consent(command: _Command) -> _Command:
    """Give a command the options of consent to removals, and a dict of them as its argument `consent`."""

    @click.option(
        "--owned",
        is_flag=True,
        help="Remove objects that these files created or adopted (threecx.lock) and no longer declare.",
    )
    @click.option(
        "--prune",
        multiple=True,
        help="Remove undeclared objects: KIND, KIND:NAME or department:NAME. Repeatable.",
        shell_complete=_complete_pattern,
    )
    @click.option(
        "--replace",
        multiple=True,
        help="KIND:NAME of a new object that replaces one with another number. Repeatable.",
        shell_complete=_complete_kind,
    )
    @click.option(
        "--remove",
        multiple=True,
        help="KIND:NAME of one object to remove, even if it is protected. Repeatable.",
        shell_complete=_complete_kind,
    )
    @wraps(command)
    def consenting(
        *arguments: Any,
        owned: bool,
        prune: tuple[str, ...],
        replace: tuple[str, ...],
        remove: tuple[str, ...],
        **options: Any,
    ) -> Any:
        consent = {"owned": owned, "prune": prune, "replace": replace, "remove": remove}
        return command(*arguments, consent=consent, **options)

    return consenting  # type: ignore[return-value]


def with_selection(verb: str) -> Callable[[_Command], _Command]:
    """Give a command the options --include and --exclude, and a Selection as its argument `selection`.

    Parameters:
        verb: for the help: the action on objects that are included
    """

    def decorate(command: _Command) -> _Command:
        @click.option(
            "--include",
            multiple=True,
            help=f"Objects to {verb}: KIND, KIND:NAME or department:NAME. * matches any text. Repeatable.",
            shell_complete=_complete_pattern,
        )
        @click.option(
            "--exclude",
            multiple=True,
            help="Objects to leave out, in the same notation. Repeatable.",
            shell_complete=_complete_pattern,
        )
        @wraps(command)
        def selecting(*arguments: Any, include: tuple[str, ...], exclude: tuple[str, ...], **options: Any) -> Any:
            from pbx_as_code.config.selection import Selection

            return command(*arguments, selection=Selection(include, exclude), **options)

        return selecting  # type: ignore[return-value]

    return decorate


LAYERS_HELP: Final = """\b
Layers: -f fleet -f acme reads both directories as one configuration. Later ones win,
value by value; lists of structures are merged by their keys, other lists replaced.
!remove takes away what a layer below declares, !replace replaces a whole value.
threecx.lock is kept in the last one.
"""
"""For the epilog of a command with layers."""


def with_layers(command: _Command) -> _Command:
    """Give a command the argument DIRECTORY and the option -f, and a list of directories as its argument `layers`."""

    @click.argument("directory", type=PATH, required=False)
    @layer_option("DIRECTORY")
    @wraps(command)
    def layered(*arguments: Any, directory: Path | None, named: tuple[Path, ...], **options: Any) -> Any:
        return command(*arguments, layers=layers_of(directory, named), **options)

    return layered  # type: ignore[return-value]


def layer_option(instead: str) -> Callable[[_Command], _Command]:
    """Give a command the option -f, as its argument `named`.

    Parameters:
        instead: argument or option that it takes the place of
    """
    return click.option(
        "-f",
        "--layer",
        "named",
        multiple=True,
        type=PATH,
        help=f"Directory of a layer, the lowest first, instead of {instead}. Repeatable.",
    )


def layers_of(directory: Path | None, named: tuple[Path, ...]) -> list[Path]:
    """The layers that the arguments of a command name.

    Parameters:
        directory: the argument DIRECTORY
        named: those of -f

    Raises:
        click.UsageError: there are none, or both are given
    """
    if directory is not None and named:
        raise click.UsageError(f"Name {directory} with -f as well, in the order of the layers: the last one wins.")
    if directory is None and not named:
        raise click.UsageError("Missing argument 'DIRECTORY', or layers: -f DIRECTORY -f DIRECTORY.")
    return list(named) if directory is None else [directory]


def home_of(layers: Sequence[Path]) -> Path:
    """Directory of the last layer, which keeps threecx.lock."""
    from pbx_as_code.config.lock import home

    return home(layers[-1])


def loaded(layers: Sequence[Path], *, strict: bool = False) -> Configuration:
    """The configuration of layers, without problems.

    Parameters:
        layers: directories, from the lowest
        strict: whether values that no task can set are problems, also if the PBX has them

    Raises:
        ConfigError: something is wrong with the files; every problem is named
    """
    from pbx_as_code.config.checks import checked
    from pbx_as_code.config.loader import load_layers

    return checked(load_layers(layers, strict=strict), strict=strict)


def declaring(configuration: Configuration, layers: Sequence[Path]) -> Configuration:
    """The same configuration, which declares something: a wrong directory in CI must not pass.

    Parameters:
        configuration: of the layers
        layers: their directories

    Raises:
        click.UsageError: the files declare nothing, which is no agreement
    """
    if configuration.declares_nothing:
        named = " or ".join(map(str, layers))
        raise click.UsageError(f"No file in {named} declares anything, so there is nothing to do.")
    return configuration


def compared(
    configuration: Configuration,
    layers: Sequence[Path],
    client: XapiClient,
    parallel: int,
    consent: dict[str, Any] | None = None,
    *,
    update_secrets: bool = False,
    standard: bool = False,
    selection: Selection | None = None,
) -> Plan:
    """Plan the changes that make a PBX match the files of layers.

    Parameters:
        configuration: see loaded
        layers: its directories; the last one has what the files own
        client: of the PBX
        parallel: requests at a time
        consent: to removals, in addition to that of the files; None to remove nothing, whatever the files say
        update_secrets: set the credentials of objects that are there as well
        standard: preview the layers as a standard for all objects of the PBX, see planning/preview.py
        selection: objects that the plan is limited to

    Raises:
        ConfigError: threecx.lock cannot be understood
        click.UsageError: the files declare nothing, which is no agreement
        PbxError: the PBX cannot be read
    """
    from pbx_as_code.cli.progress import watched
    from pbx_as_code.cli.wording import worded_plan
    from pbx_as_code.config.lock import read_lock
    from pbx_as_code.config.planning.planner import plan
    from pbx_as_code.config.planning.preview import preview

    consented = consent is not None and any(consent.values())
    if not (consented or (standard and configuration.defaults)):
        declaring(configuration, layers)
    own_number = click.get_current_context().meta["client_id"]
    with watched(client) as pbx:
        if standard:
            return worded_plan(preview(configuration, pbx, parallel=parallel, own_number=own_number))
        made = plan(
            configuration,
            pbx,
            parallel=parallel,
            own_number=own_number,
            consent=None if consent is None else consent_of(configuration, consent),
            lock=read_lock(home_of(layers)),
            update_secrets=update_secrets,
            selection=selection,
        )
    return worded_plan(made)


def consent_of(configuration: Configuration, given: dict[str, Any]) -> Consent:
    """Consent to removals by the files and by the options of a command."""
    from pbx_as_code.config.planning.consent import Consent

    return Consent.of(configuration.pbx, given)


def limits_of(configuration: Configuration) -> Limits:
    """The limits of removals: those in the files, or the defaults."""
    from pbx_as_code.config.planning.limits import Limits

    return Limits(**configuration.pbx.get("limits", {}))
