"""Which PBX: from what a person writes to the base URL."""

from __future__ import annotations

import re
from ipaddress import IPv6Address

from threecx_xapi.errors import ConfigurationError

_NAME = re.compile(r"[\w.-]+", re.UNICODE)  # also names not in ASCII; httpx encodes them
_DEFAULT_PORTS = {"https": 443, "http": 80}


def base_url(host: str, port: int | None = None) -> str:
    """The base URL, without a trailing slash and without a port that goes without saying.

    Parameters:
        host: a bare name, ``name:port``, an address (IPv6 with or without brackets) or a URL; https, unless the URL
            says http
        port: the port; where the host names one too, they must agree

    Raises:
        ConfigurationError: this does not name a PBX
    """
    if "@" in host:  # not repeated in the message: it may be a password
        raise _refused("The host must not contain a user name or a password; give them as credentials.")
    scheme, colon, rest = host.strip().rpartition("://")
    scheme = scheme.lower() if colon else "https"
    if scheme not in _DEFAULT_PORTS:
        raise _refused(f"A PBX is reached by https or http, not by {scheme!r}.")
    authority = rest.removesuffix("/")
    if re.search(r"[/?#\\]", authority):
        raise _refused(
            f"The host must be the PBX alone, such as pbx.example.com or https://pbx.example.com:5001, without a path; "
            f"got {host!r}."
        )
    name, named_port = _split(authority)
    if not name:
        raise _refused(f"{host!r} does not name a PBX; give a host such as pbx.example.com.")
    if port is not None and named_port is not None and port != named_port:
        raise _refused(f"The host {host!r} and the port {port} contradict each other.")
    chosen = named_port if port is None else port
    if chosen is None or chosen == _DEFAULT_PORTS[scheme]:
        return f"{scheme}://{name}"
    if not 0 < chosen < 65536:
        raise _refused(f"{chosen} is not a port; ports go from 1 to 65535.")
    return f"{scheme}://{name}:{chosen}"


def _ipv6(text: str) -> str:
    """An address in brackets. The text behind a % names an interface, and Python accepts any text there."""
    address = IPv6Address(text)
    if address.scope_id is not None and not _NAME.fullmatch(address.scope_id):
        raise ValueError
    return f"[{address}]"


def _refused(problem: str) -> ConfigurationError:
    return ConfigurationError(problem, target="host")


def _split(authority: str) -> tuple[str, int | None]:
    bare = authority.removeprefix("[").removesuffix("]")
    try:
        return _ipv6(bare), None
    except ValueError:
        pass
    name, colon, port = authority.rpartition(":")
    if not colon:
        name, port = authority, ""
    if colon and not (port.isascii() and port.isdigit()):
        raise _refused(f"{port!r} in {authority!r} is not a port number.")
    if name.startswith("[") and name.endswith("]"):
        try:
            name = _ipv6(name[1:-1])
        except ValueError:
            raise _refused(f"{name!r} is not an IPv6 address.") from None
    elif name and not _NAME.fullmatch(name):
        raise _refused(f"{authority!r} is not a host name.")
    return name.lower(), int(port) if port else None
