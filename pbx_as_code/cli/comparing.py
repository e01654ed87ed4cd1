"""Compare files with a PBX, for the commands plan, apply and drift."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.config.configuration import Configuration
    from pbx_as_code.config.planning.consent import Consent
    from pbx_as_code.config.planning.limits import Limits
    from pbx_as_code.config.planning.operations import Plan

_Command = TypeVar("_Command", bound=Callable[..., Any])


def with_consent(command: _Command) -> _Command:
    """Give a command the options of consent to removals, and a dict of them as its argument `consent`."""

    @click.option(
        "--owned",
        is_flag=True,
        help="Remove objects that these files created or adopted (threecx.lock) and no longer declare.",
    )
    @click.option(
        "--prune", multiple=True, help="Remove undeclared objects: KIND, KIND:NAME or department:NAME. Repeatable."
    )
    @click.option(
        "--replace", multiple=True, help="KIND:NAME of a new object that replaces one with another number. Repeatable."
    )
    @click.option(
        "--remove", multiple=True, help="KIND:NAME of one object to remove, even if it is protected. Repeatable."
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


def loaded(directory: Path) -> Configuration:
    """The configuration of a directory, without problems.

    Raises:
        ConfigError: something is wrong with the files; every problem is named
    """
    from pbx_as_code.config.checks import checked
    from pbx_as_code.config.loader import load

    return checked(load(directory))


def compared(
    configuration: Configuration,
    directory: Path,
    client: XapiClient,
    parallel: int,
    consent: dict[str, Any] | None = None,
    *,
    update_secrets: bool = False,
) -> Plan:
    """Plan the changes that make a PBX match the files of a directory.

    Parameters:
        configuration: see loaded
        directory: of its files, with what they own
        client: of the PBX
        parallel: requests at a time
        consent: to removals, in addition to that of the files; None to remove nothing, whatever the files say
        update_secrets: set the credentials of objects that are there as well

    Raises:
        ConfigError: threecx.lock cannot be understood
        click.UsageError: the files declare nothing, which is no agreement
        PbxError: the PBX cannot be read
    """
    from pbx_as_code.cli.progress import watched
    from pbx_as_code.config.lock import read_lock
    from pbx_as_code.config.planning.planner import plan

    consented = consent is not None and any(consent.values())
    if not (configuration.definitions or configuration.required or configuration.complete or consented):
        raise click.UsageError(f"No file in {directory} declares anything, so there is nothing to compare.")
    with watched(client) as pbx:
        return plan(
            configuration,
            pbx,
            parallel=parallel,
            own_number=click.get_current_context().meta["client_id"],
            consent=None if consent is None else consent_of(configuration, consent),
            lock=read_lock(directory),
            update_secrets=update_secrets,
        )


def consent_of(configuration: Configuration, given: dict[str, Any]) -> Consent:
    """Consent to removals by the files and by the options of a command."""
    from pbx_as_code.config.planning.consent import Consent

    rules = configuration.pbx
    return Consent(
        bool(given["owned"]) or rules.get("removal") == "owned",
        (*rules.get("prune", ()), *given["prune"]),
        tuple(given["replace"]),
        tuple(given["remove"]),
    )


def limits_of(configuration: Configuration) -> Limits:
    """The limits of removals: those in the files, or the defaults."""
    from pbx_as_code.config.planning.limits import Limits

    return Limits(**configuration.pbx.get("limits", {}))
