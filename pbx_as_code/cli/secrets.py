"""Options that say where the credentials behind `!secret NAME` come from."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from pbx_as_code.cli.paths import PATH

if TYPE_CHECKING:
    from pbx_as_code.config.secrets import Resolver

_Command = TypeVar("_Command", bound=Callable[..., Any])
SECRETS_HELP: Final = """\b
A credential !secret NAME is looked up, in this order, in
  the environment variable THREECX_SECRET_NAME (upper case, other characters are _),
  the files of --secrets-file: YAML, each line NAME: value; Ansible Vault may have encrypted them,
  the program of --secrets-command, which gets NAME as its last argument and prints the value.
"""
"""For the epilog of a command with these options."""


def with_secrets(command: _Command) -> _Command:
    """Give a command the options of secrets, and a `Resolver` as its argument `secrets`.

    Raises, when the command runs:
        ConfigError: a file cannot be read; no value is in the message
        BadOption: a file cannot be decrypted, or there is no such program
    """

    @click.option(
        "--secrets-file",
        "files",
        multiple=True,
        type=PATH,
        help="YAML file with secrets by name. Repeatable.",
    )
    @click.option("--secrets-command", "program", help='Program that prints a secret, such as "pass show 3cx".')
    @click.option(
        "--vault-password-file",
        "password_file",
        type=PATH,
        help="File, or program, with the password of --secrets-file. Environment: ANSIBLE_VAULT_PASSWORD_FILE.",
    )
    @wraps(command)
    def resolving(
        *arguments: Any, files: tuple[Path, ...], program: str | None, password_file: Path | None, **options: Any
    ) -> Any:
        return command(*arguments, secrets=resolver_of(files, program, password_file), **options)

    return resolving  # type: ignore[return-value]


def resolver_of(files: tuple[Path, ...], program: str | None, password_file: Path | None) -> Resolver:
    """A resolver of markers from the options of a command.

    Parameters:
        files: of --secrets-file
        program: of --secrets-command
        password_file: of --vault-password-file

    Raises:
        ConfigError: a file cannot be read; no value is in the message
        BadOption: a file cannot be decrypted, or there is no such program
    """
    from pbx_as_code.config.secrets import Resolver, from_command, from_environment, from_file
    from pbx_as_code.config.vault import Vault

    vault = Vault(password_file)
    sources = [from_environment(), *(from_file(path, vault) for path in files)]
    if program is not None:
        try:
            words = shlex.split(program)
        except ValueError as error:
            raise click.BadParameter(f"{error}.", param_hint="--secrets-command") from None
        sources.append(from_command(words))
    return Resolver(sources)
