"""Which PBX a command talks to: options, then THREECX_* variables, then a profile, see pbx_as_code.profiles.

A secret is never an option, for the arguments of a process are public, and never stands in the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from pbx_as_code.profiles import ProfileError, client_secret_of, profile_names, read_profile

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

_Command = TypeVar("_Command", bound=Callable[..., Any])
Connect: TypeAlias = "Callable[..., XapiClient]"
"""Makes a client; takes read_only, which is true unless it is given."""


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
    @click.option(
        "--profile",
        help="Profile of ~/.config/threecx/config.toml. Environment: THREECX_PROFILE.",
        shell_complete=_complete_profile,
    )
    @wraps(command)
    def with_options(
        *arguments: Any, url: str | None, client_id: str | None, profile: str | None, **options: Any
    ) -> Any:
        return command(*arguments, connect=partial(client_of, url, client_id, profile), **options)

    return with_options  # type: ignore[return-value]


def _complete_profile(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in profile_names() if name.startswith(incomplete)]


def client_of(
    url: str | None,
    client_id: str | None,
    profile: str | None,
    *,
    read_only: bool = True,
    credentials: Mapping[str, Any] | None = None,
    **further: Any,
) -> XapiClient:
    """A client of the PBX that is named.

    Parameters:
        url: its address, or None
        client_id: number of the service principal, or None
        profile: name of the profile with what the others leave open, or None. A profile that is named here goes before
            the environment, one of the environment after it
        read_only: make it refuse to write
        credentials: others than those that are named: client_id and client_secret, or access_token
        further: other arguments of XapiClient

    Raises:
        click.ClickException: something about the connection is missing or wrong
    """
    for named, value in (("--url", url), ("--client-id", client_id), ("--profile", profile)):
        if value is not None and not value.strip():  # of a script whose variable is unset: it means no other PBX
            raise click.BadParameter("It is empty. Give a value, or leave the option out.", param_hint=named)
    name = profile or os.environ.get("THREECX_PROFILE")
    try:
        settings = read_profile(name) if name else {}
    except ProfileError as error:
        raise click.ClickException(str(error)) from None

    def setting(option: str | None, variable: str, key: str) -> str | None:
        here, there = settings.get(key), os.environ.get(variable)
        return option or (here or there if profile else there or here)

    address = setting(url, "THREECX_HOST", "url")
    who = setting(client_id, "THREECX_CLIENT_ID", "client_id")
    if not address:
        raise click.ClickException("No PBX is named. Give --url or --profile, or set THREECX_HOST.")
    if not who:
        raise click.ClickException("No service principal is named. Give --client-id or set THREECX_CLIENT_ID.")
    try:
        secret = None if profile else os.environ.get("THREECX_CLIENT_SECRET")
        secret = secret or client_secret_of(settings, address, who) or os.environ.get("THREECX_CLIENT_SECRET")
    except ProfileError as error:
        raise click.ClickException(f"Profile {name}: {error}") from None
    if not secret:
        raise click.ClickException(
            "There is no client secret. Set THREECX_CLIENT_SECRET, or client_secret_command in the profile."
        )
    click.get_current_context().meta["client_id"] = who
    from threecx_xapi import XapiClient

    from pbx_as_code.engine.connection import token_cache_of
    from pbx_as_code.errors import PbxError

    given: Mapping[str, Any] = credentials or {"client_id": who, "client_secret": secret}
    verify = settings.get("validate_certs", True)
    if os.environ.get("THREECX_VALIDATE_CERTS"):
        verify = os.environ["THREECX_VALIDATE_CERTS"].lower() not in ("0", "false", "no", "off")
    try:
        if os.environ.get("THREECX_TOKEN_CACHE"):
            further.setdefault("token_cache", token_cache_of(os.environ["THREECX_TOKEN_CACHE"]))
        return XapiClient(
            address, verify=bool(verify), ca_path=os.environ.get("THREECX_CA_PATH") or settings.get("ca_path"),
            read_only=read_only, **given, **further,
        )  # fmt: skip
    except (ValueError, PbxError) as error:
        raise click.ClickException(str(error)) from None
