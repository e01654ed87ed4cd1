"""A redis server as the place of shared tokens: connections, and the scripts that must not be divided.

redis-py is imported on first use: programs without a shared store do not wait for it.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from threecx_xapi._transport.certificate import complaint
from threecx_xapi.errors import ConfigurationError

SCHEMES = ("redis", "rediss", "unix")
_CONNECT = 2.0
"""Seconds to wait for a connection: a sign-in takes less than the wait for a store that is gone."""
_ANSWER = 5.0
_EXTRA = "The package redis is missing, which token_cache needs: pip install 'threecx-xapi[redis]'."

_CA = "Name the file of its CA in the URL of token_cache: ?ssl_ca_certs=FILE"
_ADVICE = {  # by the problem of a certificate
    "expired": "Renew it, and check the clock of this machine",
    "not yet valid": "Check the clocks of that server and of this machine",
    "wrong name": "Use the name from the certificate in the URL of token_cache",
}

# A lock that expires, and a number that grows with each holder. A holder whose lock has expired cannot overwrite the
# record of a later one. KEYS: lock, fences. ARGV: owner, milliseconds of the lock, milliseconds of the fences.
ACQUIRE = """
if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  local fence = redis.call('hincrby', KEYS[2], 'next', 1)
  redis.call('pexpire', KEYS[2], ARGV[3])
  return fence
end
return 0
"""
# KEYS: lock. ARGV: owner.
RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""
# KEYS: record, fences. ARGV: fence (0 of who holds no lock), value, milliseconds of the record, of the fences.
PUT = """
local last = tonumber(redis.call('hget', KEYS[2], 'last') or 0)
local fence = tonumber(ARGV[1])
if fence == 0 then fence = last end
if fence < last then return 0 end
redis.call('hset', KEYS[2], 'last', fence)
redis.call('pexpire', KEYS[2], ARGV[4])
redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""

#: By process and URL: a connection must not be used on both sides of a fork.
_servers: dict[tuple[int, str], Server] = {}


class Unreachable(OSError):
    """The server does not answer. Its text names the server, without credentials."""


class Server:
    """One redis server.

    Parameters:
        url: redis://, rediss:// or unix://, with a password where it needs one
    """

    def __init__(self, url: str) -> None:
        self.name = shown(url)
        library = _library()
        secure = _tls_options(url)
        try:
            self._client: Any = library.Redis.from_url(
                url,
                socket_connect_timeout=_CONNECT,
                socket_timeout=_ANSWER,
                retry=None,
                client_name="threecx-xapi",
                **secure,
            )
        except (ValueError, TypeError) as error:
            raise ConfigurationError(
                f"token_cache: {self.name} is not the URL of a redis server.", reason="not the URL of a redis server"
            ) from error

    def call(self, command: str, *arguments: Any) -> Any:
        """Send one command.

        Parameters:
            command: such as GET
            arguments: of it

        Raises:
            Unreachable: there is no answer
            ConfigurationError: the server refuses the credentials or the command, its certificate is not trusted, or
                a parameter of the URL is unknown
        """
        errors = _library().exceptions
        try:
            return self._client.execute_command(command, *arguments)
        except (errors.AuthenticationError, errors.AuthorizationError, errors.NoPermissionError):
            why = "refuses the user or the password. Check the URL in token_cache, and the rights of that user"
        except (errors.BusyLoadingError, errors.ReadOnlyError, errors.OutOfMemoryError) as error:
            raise Unreachable(f"{self.name} is not ready ({type(error).__name__})") from None
        except (errors.ConnectionError, errors.TimeoutError, OSError) as error:
            found = _tls_problem(error, urlsplit(self.name).hostname or "")
            if found is None:
                raise Unreachable(f"{self.name} does not answer ({_silence(error)})") from None
            why = found
        except (TypeError, ValueError):
            why = "cannot be used with the parameters of its URL. Check what follows the question mark in token_cache"
        except errors.ResponseError as error:
            if str(error).startswith("NOAUTH"):
                why = "requires a password. Add it to the URL in token_cache"
            else:
                why = f"refuses the command {command}. Check that it is a redis server of version 5 or newer"
        raise ConfigurationError(f"token_cache: {self.name} {why}.", reason=f"the redis server {why}")


def server(url: str) -> Server:
    """The server at a URL; one for each process, with connections that its threads share.

    Raises:
        ConfigurationError: redis-py is missing, or the URL is none
    """
    key = (os.getpid(), url)
    found = _servers.get(key)
    if found is None:
        found = _servers.setdefault(key, Server(url))
    return found


def checked_url(url: str) -> str:
    """The URL of a shared store, as it was given.

    Raises:
        ConfigurationError: it is none that redis-py understands
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in SCHEMES and (bool(parts.hostname) or (parts.scheme == "unix" and bool(parts.path)))
        _ = parts.port
    except ValueError:
        known = False
    if not known:
        raise ConfigurationError(
            "token_cache is true, false, or the URL of a redis server, such as rediss://:password@redis.example.com/0.",
            reason="not the URL of a redis server",
        )
    return url


def shown(url: str) -> str:
    """A URL without its credentials and parameters, which may hold a password too."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", ""))
    except ValueError:
        return "the redis server"


def _tls_options(url: str) -> dict[str, Any]:
    """Options for a connection with TLS: the name in the certificate counts in old releases of redis-py, too.

    Raises:
        ConfigurationError: the URL names a file of a CA that cannot be read
    """
    parts = urlsplit(url)
    if parts.scheme != "rediss":
        return {}
    given = parse_qs(parts.query)
    for path in given.get("ssl_ca_certs", []):
        try:
            ssl.create_default_context(cafile=path)
        except OSError as error:  # ssl.SSLError is one
            why = "no certificate in it" if isinstance(error, ssl.SSLError) else error.strerror
            raise ConfigurationError(
                f"token_cache: ssl_ca_certs: {path} cannot be used: {why}.", reason=f"{path} cannot be used: {why}"
            ) from None
    return {} if "ssl_cert_reqs" in given else {"ssl_check_hostname": True}


def _tls_problem(error: BaseException, host: str) -> str | None:
    """A failure of TLS that waiting does not mend, and what to do; None for any other."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            found = complaint(cause, host)
            why = "the CA that signed it is unknown here" if found.problem == "unknown authority" else found.why
            return f"shows a certificate that is not trusted: {why}. {_ADVICE.get(found.problem, _CA)}"
    return None


def _silence(error: BaseException) -> str:
    """The reason for which a server does not answer; one without TLS waits for the rest of the handshake."""
    if any("handshake" in str(cause) for cause in _causes(error) if isinstance(cause, TimeoutError)):
        return "no TLS on that port: use redis://, or the port with TLS"
    return type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _library() -> Any:
    try:
        import redis
    except ImportError:
        raise ConfigurationError(
            _EXTRA, reason="the package redis is missing: pip install 'threecx-xapi[redis]'"
        ) from None
    return redis
