"""The connection of a task: options that say which PBX and who signs in, their former names, and one client for each.

The former names were also names of properties: `timeout` of a digital receptionist is the menu's, `password` of a
gateway is the gateway's. Where a module has an option of that name, it is the entity's; everywhere else the task is
refused with the new name, as a setting that silently does nothing is worse.

A client is kept for as long as this process lives. A loop over a thousand items runs in one process: it signs in once
and keeps one connection open.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from threecx_xapi import errors
from threecx_xapi.client import XapiClient
from threecx_xapi.record import Record

from pbx_as_code.engine.report.failures import refused
from pbx_as_code.errors import PbxError

#: The ways to sign in, each by the option that stands for it, with the options it needs and those it may take.
_WAYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "access_token": (("access_token",), ()),
    "api_client_id": (("api_client_id", "api_client_secret"), ()),
    "login_username": (("login_username", "login_password"), ("security_code",)),
}
#: Client arguments of options that need a name different from every entity's options.
_ARGUMENTS = {
    "api_client_id": "client_id",
    "api_client_secret": "client_secret",
    "login_username": "username",
    "login_password": "password",
}

#: The options that are credentials.
CREDENTIALS = ("api_client_secret", "login_password", "security_code", "access_token")
_TRUTHS = {
    **dict.fromkeys(("1", "on", "true", "t", "y", "yes"), True),
    **dict.fromkeys(("0", "f", "false", "n", "no", "off"), False),
}
_LONGEST = 86400  # no task waits for a day; a socket refuses what is much longer
#: Seconds a task may take, where it says nothing, without what it waits for in the PBX's own time.
_DEADLINE = 300.0
#: How often a task waits for that at most: until the PBX is ready, and until it has done it.
_WAITS = 2


class Connection(Record, hidden=("arguments",)):
    """How to reach one PBX."""

    way: str
    """access_token, api_client_id or login_username."""
    who: str
    """For messages, such as: client 900."""
    timeout: float
    """Seconds."""
    arguments: Mapping[str, Any]
    """Keyword arguments of XapiClient."""
    deadline: float = _DEADLINE
    """Seconds the whole task may take. It is not the client's: a client serves many tasks."""


def connection(given: Mapping[str, Any], validated: Mapping[str, Any]) -> Connection:
    """Read the connection options.

    Parameters:
        given: the task's options as they were written
        validated: the same after validation, with what the environment has for those left out

    Raises:
        PbxError: they contradict each other, something is missing, or a value cannot be meant
    """
    _check(given, validated)
    way = _way(given, validated)
    needed, optional = _WAYS[way]
    missing = [option for option in needed if not validated.get(option)]
    if missing:
        raise PbxError(
            f"parameters are required together: {', '.join(needed)}; {', '.join(missing)} is missing or empty. Nothing "
            "was sent.",
            target=missing[0],
        )
    arguments = {
        _ARGUMENTS.get(option, option): validated[option]
        for option in (*needed, *optional)
        if validated.get(option) is not None
    }
    arguments.update(
        host=str(validated["host"]).strip(),
        port=validated.get("host_port"),
        verify=validated["validate_certs"],
        ca_path=validated.get("ca_path"),
        timeout=validated["request_timeout"],
        connect_timeout=validated["connect_timeout"],
        deadline=None,
        token_cache=token_cache_of(validated["token_cache"]),
    )
    who = {"access_token": "the access token", "api_client_id": f"client {validated.get('api_client_id')}"}.get(
        way, f"user {validated.get('login_username')}"
    )
    return Connection(way, who, validated["request_timeout"], arguments, _deadline(validated))


def token_cache_of(value: Any) -> bool | str:
    """Whether the access token is shared through a file, or the URL of the server through which it is.

    Parameters:
        value: of an option or a variable of the environment

    Raises:
        PbxError: it is neither
    """
    if value is None or isinstance(value, bool):
        return value is not False
    text = str(value).strip() if isinstance(value, str | int) else ""
    if text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    if "://" in text:
        return text
    raise refused(
        "token_cache",
        "it is true, false, or the URL of a redis server, such as rediss://:password@redis.example.com/0.",
    )


def _check(given: Mapping[str, Any], validated: Mapping[str, Any]) -> None:
    """Refuse values that cannot be meant."""
    for option in ("host", "api_client_id", "login_username", "ca_path"):
        _check_text(option, validated.get(option))
    for option in CREDENTIALS:
        if isinstance(given.get(option), int):
            raise refused(option, "YAML has read the value as a number or a boolean; put it in quotes.")
    if not str(validated["host"]).strip():
        raise refused("host", "it is empty. Give the host name or URL of the PBX.")
    seconds = {name: validated[name] for name in ("connect_timeout", "request_timeout")}
    for option, value in {**seconds, "task_deadline": _deadline(validated)}.items():
        if isinstance(given.get(option), bool) or not 0 < value <= _LONGEST:
            raise refused(option, f"a number of seconds greater than zero is needed, and at most {_LONGEST}.")
    port = validated.get("host_port")
    if port is not None and (isinstance(given.get("host_port"), bool) or not 0 < port < 65536):
        raise refused("host_port", f"{port} is not a port; ports are 1 to 65535.")


def connection_of(client: XapiClient, deadline: float) -> Connection:
    """How a client that somebody else has made reaches its PBX.

    Parameters:
        client: of the PBX
        deadline: seconds one task may take
    """
    grant, who = client.signs_in
    way = {"person": "login_username", "given": "access_token"}.get(grant, "api_client_id")
    return Connection(way, who, client.timeout, {}, deadline)


def _deadline(validated: Mapping[str, Any]) -> float:
    """Seconds the task may take."""
    said = validated.get("task_deadline")
    if said is not None:
        return float(said)
    waits = validated.get("wait_timeout") if validated.get("wait", True) else None
    return min(_DEADLINE + _WAITS * max(waits or 0, 0), _LONGEST)


def _way(given: Mapping[str, Any], validated: Mapping[str, Any]) -> str:
    """Account that signs in. Options of the task take precedence over the environment; two ways of signing in at once
    are an error.
    """
    said = [way for way, (needed, dummy) in _WAYS.items() if any(given.get(option) is not None for option in needed)]
    ways = said or [way for way, (needed, dummy) in _WAYS.items() if any(validated.get(option) for option in needed)]
    if len(ways) > 1:
        where = "" if said else " They come from the environment (THREECX_...)."
        raise PbxError(f"parameters are mutually exclusive: {'|'.join(ways)}.{where} Nothing was sent.", target=ways[0])
    if not ways:
        raise PbxError(
            f"one of the following is required: {', '.join(_WAYS)}. Give api_client_id and api_client_secret of a "
            "service principal, or login_username and login_password of a person, or an access_token; as options or "
            "in the environment (THREECX_CLIENT_ID, THREECX_CLIENT_SECRET, ...). Nothing was sent."
        )
    return ways[0]


def _check_text(option: str, value: Any) -> None:
    if value is not None and any(ord(letter) < 32 or ord(letter) == 127 for letter in str(value)):
        raise refused(option, "it contains a control character.")


#: The new name of each connection option by its former one.
RENAMED_OPTIONS = {
    "port": "host_port",
    "client_id": "api_client_id",
    "client_secret": "api_client_secret",
    "username": "login_username",
    "password": "login_password",
    "timeout": "request_timeout",
    "deadline": "task_deadline",
}
#: The same for variables of the environment. No entity has any, so most of them kept their names.
RENAMED_VARIABLES = {"THREECX_TIMEOUT": "THREECX_REQUEST_TIMEOUT", "THREECX_DEADLINE": "THREECX_TASK_DEADLINE"}


def renamed_variables_warnings() -> list[str]:
    """A warning for each variable of the environment whose former name is set and whose new name is not."""
    return [
        f"The environment variable {former} is ignored. Its new name is {new}."
        for former, new in RENAMED_VARIABLES.items()
        if former in os.environ and new not in os.environ
    ]


#: By process too: those of the one this was forked from are not closed, as that would talk on the parent's connections.
_clients: dict[tuple[object, ...], XapiClient] = {}


def client_for(connection: Connection, *, read_only: bool) -> XapiClient:
    """The client for a connection, new or kept.

    Parameters:
        connection: which PBX, and who signs in
        read_only: make it refuse to send any write

    Raises:
        PbxError: the options cannot work, such as a host with a path
    """
    arguments = sorted((name, repr(value)) for name, value in connection.arguments.items())
    key = (os.getpid(), read_only, *arguments)
    client = _clients.get(key)
    if client is None:
        try:
            client = XapiClient(**connection.arguments, read_only=read_only)
        except errors.XapiError as error:
            named = f"{error.target}: " if error.target else ""
            raise PbxError(f"{named}{error.message} Nothing was sent.", target=error.target) from None
        except (OSError, ValueError) as error:  # a ca_path that is missing or no certificate, a host that is no name
            raise PbxError(f"No connection can be made with these options: {error}. Nothing was sent.") from None
        client = _clients.setdefault(key, client)  # another thread may have been faster; a new one has nothing open
    return client


def forget() -> None:
    """Close and drop every client of this process."""
    for key in [key for key in _clients if key[0] == os.getpid()]:
        _clients.pop(key).close()
