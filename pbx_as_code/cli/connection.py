"""Which PBX a command talks to: options, then THREECX_* variables, then a profile in ~/.config/threecx/config.toml.

    [profiles.acme]
    url = "https://pbx.example.com"
    client_id = "900"
    client_secret_command = ["pass", "show", "3cx/acme"]   # or client_secret_env, or keyring = true

A secret is never an option, for the arguments of a process are public, and never stands in the file.
"""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import click

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

_Command = TypeVar("_Command", bound=Callable[..., Any])
Connect: TypeAlias = "Callable[..., XapiClient]"
"""Makes a client; takes read_only, which is true unless it is given."""
_PROFILE_KEYS: Final = frozenset(
    {"url", "client_id", "client_secret_command", "client_secret_env", "keyring", "ca_path", "validate_certs"}
)
_SECONDS_FOR_A_SECRET: Final = 60


def connected(command: _Command) -> _Command:
    """Give a command the options of a connection, and the open client as its argument `client`; it cannot write."""
    return _with_client(command, read_only=True)


def connected_to_write(command: _Command) -> _Command:
    """The same with a client that may write."""
    return _with_client(command, read_only=False)


def _with_client(command: _Command, *, read_only: bool) -> _Command:
    @connectable
    @wraps(command)
    def with_client(*arguments: Any, connect: Connect, **options: Any) -> Any:
        with connect(read_only=read_only) as client:
            return command(*arguments, client=client, **options)

    return with_client  # type: ignore[return-value]


def connectable(command: _Command) -> _Command:
    """Give a command the options of a connection, and its argument `connect`: it makes the client, see client_of."""

    @click.option("--url", help="Address of the PBX, such as https://pbx.example.com. Environment: THREECX_HOST.")
    @click.option(
        "--client-id",
        help="Number of the service principal. Environment: THREECX_CLIENT_ID; its secret: THREECX_CLIENT_SECRET.",
    )
    @click.option("--profile", help="Profile of ~/.config/threecx/config.toml. Environment: THREECX_PROFILE.")
    @wraps(command)
    def with_options(
        *arguments: Any, url: str | None, client_id: str | None, profile: str | None, **options: Any
    ) -> Any:
        return command(*arguments, connect=partial(client_of, url, client_id, profile), **options)

    return with_options  # type: ignore[return-value]


def client_of(url: str | None, client_id: str | None, profile: str | None, *, read_only: bool = True) -> XapiClient:
    """A client of the PBX that is named.

    Parameters:
        url: its address, or None
        client_id: number of the service principal, or None
        profile: name of the profile with what the others leave open, or None
        read_only: make it refuse to write

    Raises:
        click.ClickException: something about the connection is missing or wrong
    """
    name = profile or os.environ.get("THREECX_PROFILE")
    settings = _profile(name) if name else {}
    address = url or os.environ.get("THREECX_HOST") or settings.get("url")
    who = client_id or os.environ.get("THREECX_CLIENT_ID") or settings.get("client_id")
    if not address:
        raise click.ClickException("No PBX is named. Give --url or --profile, or set THREECX_HOST.")
    if not who:
        raise click.ClickException("No service principal is named. Give --client-id or set THREECX_CLIENT_ID.")
    secret = os.environ.get("THREECX_CLIENT_SECRET") or _secret(settings, str(address), str(who))
    if not secret:
        raise click.ClickException(
            "There is no client secret. Set THREECX_CLIENT_SECRET, or client_secret_command in the profile."
        )
    click.get_current_context().meta["client_id"] = str(who)
    from threecx_xapi import XapiClient

    from pbx_as_code.engine.connection import token_cache_of

    verify = settings.get("validate_certs", True)
    if "THREECX_VALIDATE_CERTS" in os.environ:
        verify = os.environ["THREECX_VALIDATE_CERTS"].lower() not in ("0", "false", "no", "off")
    try:
        return XapiClient(
            str(address), client_id=str(who), client_secret=secret, verify=bool(verify),
            ca_path=os.environ.get("THREECX_CA_PATH") or settings.get("ca_path"), read_only=read_only,
            token_cache=token_cache_of(os.environ.get("THREECX_TOKEN_CACHE", True)),
        )  # fmt: skip
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _profile(name: str) -> Mapping[str, Any]:
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    path = Path(base) / "threecx" / "config.toml"
    try:
        profiles = tomllib.loads(path.read_text(encoding="utf-8")).get("profiles", {})
    except FileNotFoundError:
        raise click.ClickException(f"There is no {path}, so there is no profile {name}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from None
    found = profiles.get(name)
    if not isinstance(found, dict):
        raise click.ClickException(f"There is no profile {name} in {path}; there are: {', '.join(sorted(profiles))}.")
    strange = sorted(found.keys() - _PROFILE_KEYS)
    if strange:
        known = ", ".join(sorted(_PROFILE_KEYS))
        raise click.ClickException(f"{path}: the profile {name} takes no {strange[0]}; it takes {known}.")
    return found


def _secret(settings: Mapping[str, Any], address: str, who: str) -> str | None:
    if "client_secret_env" in settings:
        return os.environ.get(str(settings["client_secret_env"]))
    command = settings.get("client_secret_command")
    if command:
        if not isinstance(command, list) or not all(isinstance(part, str) for part in command):
            raise click.ClickException("client_secret_command is a list of texts: a program and its arguments.")
        try:
            run = subprocess.run(  # noqa: S603 the command that the user's own profile names
                command, stdout=subprocess.PIPE, check=True, text=True, timeout=_SECONDS_FOR_A_SECRET
            )
        except (OSError, subprocess.SubprocessError):
            raise click.ClickException(f"client_secret_command failed: {command[0]}") from None
        return run.stdout.strip()
    if settings.get("keyring"):
        try:
            import keyring
        except ImportError:
            raise click.ClickException("The profile wants a keyring: pip install keyring") from None
        found: str | None = keyring.get_password(address, who)
        return found
    return None
