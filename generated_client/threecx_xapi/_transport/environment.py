"""Read proxies and certificate authorities from the environment: only the variables that apply, and an invalid one is
reported by its name.

httpx reads all proxy variables when a client is made, and fails for one that concerns another address. Here only the
variables that concern the PBX's own address are looked at.
"""

from __future__ import annotations

import os
import ssl
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from threecx_xapi.errors import ConfigurationError


class UsedProxy(NamedTuple):
    """A proxy, and where it is named.

    Attributes:
        proxy: for httpx
        name: scheme, host and port, without credentials
        source: the variable or the argument that names it
    """

    proxy: httpx.Proxy
    name: str
    source: str


def given_proxy(url: str, source: str) -> UsedProxy:
    """A proxy by its URL.

    Parameters:
        url: such as ``http://proxy.example.com:3128``
        source: the variable or the argument that names it

    Raises:
        ConfigurationError: that is no proxy
    """
    found: httpx.Proxy | None = None
    try:
        found = httpx.Proxy(url)
        if not found.url.host or not 0 <= (found.url.port or 0) < 65536:
            found = None
    except Exception:  # whose message may repeat a password
        found = None
    if found is None:
        raise ConfigurationError(
            f"{source} is {shown(url)!r}, which is not the URL of a proxy. Give an address such as "
            "http://proxy.example.com:3128. Nothing was sent.",
            target="proxy" if source == "proxy" else None,
        )
    port = f":{found.url.port}" if found.url.port else ""
    host = f"[{found.url.host}]" if ":" in found.url.host else found.url.host
    return UsedProxy(found, f"{found.url.scheme}://{host}{port}", source)


def environment_proxy(base: str) -> UsedProxy | None:
    """The proxy that the environment names for a PBX; None where it is reached directly.

    Parameters:
        base: the PBX's base URL

    Raises:
        ConfigurationError: the variable that concerns this PBX names no proxy
    """
    said = getproxies()
    address = urlsplit(base)
    for kind in (address.scheme, "all"):
        if url := said.get(kind, "").strip():
            if _excepted(said.get("no", ""), address.scheme, address.hostname or "", address.port):
                return None
            return given_proxy(url if "://" in url else f"http://{url}", _variable(f"{kind}_proxy"))
    return None


def authorities() -> ssl.SSLContext:
    """A context that trusts the certificates the environment names, else the usual ones.

    Raises:
        ConfigurationError: a variable names certificates that cannot be used
    """
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if path := os.environ.get(variable):
            return trusting(path, folder=variable == "SSL_CERT_DIR", source=f"The environment variable {variable}")
    try:
        return httpx.create_ssl_context(trust_env=False)
    except OSError as error:
        if keys := os.environ.get("SSLKEYLOGFILE"):  # which Python opens for every context
            raise ConfigurationError(
                f"The environment variable SSLKEYLOGFILE is {keys!r}, which cannot be written: "
                f"{error.strerror or type(error).__name__}. Unset it; nothing was sent."
            ) from None
        raise


def trusting(path: str, *, folder: bool, source: str, target: str | None = None) -> ssl.SSLContext:
    """A context that trusts the certificates in a file or a folder.

    Parameters:
        path: of the file or the folder
        folder: whether it is a folder
        source: what names it, for the message
        target: the argument that names it

    Raises:
        ConfigurationError: there are no certificates
    """
    problem: str
    try:
        if folder:
            from .certificate import context_of_folder

            if (context := context_of_folder(path)) is not None:
                return context
            raise ssl.SSLError
        return ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        problem = "it contains no certificate in PEM form"
    except OSError as error:
        problem = error.strerror or type(error).__name__
    raise ConfigurationError(
        f"{source} names CA certificates at {path}, which cannot be used: {problem}. Nothing was sent.", target=target
    )


def trust_variables() -> tuple[str | None, str | None]:
    """Return a key that tells apart contexts trusting different certificates of the environment."""
    return os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")


def shown(url: str) -> str:
    """A URL without the credentials in it."""
    if "@" not in url:
        return url
    scheme, colon, rest = url.rpartition("://")
    return f"{scheme}{colon}***@{rest.rpartition('@')[2]}"


def _variable(name: str) -> str:
    for spelled in (name, name.upper()):
        if os.environ.get(spelled):
            return f"The environment variable {spelled}"
    return "The proxy of the system's settings"


def _excepted(listed: str, scheme: str, host: str, port: int | None) -> bool:
    """Whether NO_PROXY names a host: by name, domain, address or network, with or without a port.

    An entry that cannot name a host, such as a URL with a path, is ignored.
    """
    own_port = port or (443 if scheme == "https" else 80)
    for entry in listed.split(","):
        name, named_port = _name_and_port(entry.strip().lower())
        if named_port is not None and named_port != own_port:
            continue
        if name == "*" or (name and _names(name, host)):
            return True
    return False


def _name_and_port(entry: str) -> tuple[str, int | None]:
    entry = entry.rpartition("://")[2].removesuffix("/")
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        port = rest.removeprefix(":")
    elif entry.count(":") == 1:
        name, _, port = entry.partition(":")
    else:  # a name, a network, or an IPv6 address without brackets
        name, port = entry, ""
    return name, int(port) if port.isascii() and port.isdigit() and len(port) < 6 else None


def _names(name: str, host: str) -> bool:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        domain = name.removeprefix("*").removeprefix(".").rstrip(".")
        return bool(domain) and (host == domain or host.endswith(f".{domain}"))
    try:
        return address in ip_network(name.partition("%")[0], strict=False)
    except ValueError:
        return False
