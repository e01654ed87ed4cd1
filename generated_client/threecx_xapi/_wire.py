"""The httpx side: TLS contexts, client options, and httpx's exceptions in our words."""

from __future__ import annotations

import os
import socket
import ssl
from http.cookiejar import Cookie, CookieJar
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlsplit

import httpx

from ._body import Damaged, TooLarge
from .errors import (
    ConfigurationError,
    ConnectFailed,
    DeadlineExceeded,
    Timeout,
    TlsError,
    TransportError,
    UnexpectedAnswer,
    XapiError,
)

if TYPE_CHECKING:
    from ._steps import Send

_SLACK = 0.005  # seconds by which a timeout may fire before the moment it was meant for


class _About(TypedDict):
    method: str
    url: str


_contexts: dict[tuple[bool, str | None], ssl.SSLContext] = {}


def tls_context(verify: bool, ca_path: str | None) -> ssl.SSLContext:
    """The TLS context, made once per process: it costs more than everything else a request needs.

    Parameters:
        verify: False accepts every certificate
        ca_path: file or folder of the only certificates to trust; None trusts the usual ones

    Raises:
        ConfigurationError: there are no certificates at ca_path
    """
    known = _contexts.get((verify, ca_path))
    if known is None:
        known = _contexts.setdefault((verify, ca_path), _tls_context(verify, ca_path))
    return known


def _tls_context(verify: bool, ca_path: str | None) -> ssl.SSLContext:
    if not verify:
        return httpx.create_ssl_context(verify=False)
    if ca_path is None:
        return httpx.create_ssl_context()
    problem: str
    try:
        if os.path.isdir(ca_path):
            from ._certificate import context_of_folder

            if (context := context_of_folder(ca_path)) is not None:
                return context
            raise ssl.SSLError
        return ssl.create_default_context(cafile=ca_path)
    except ssl.SSLError:
        problem = "it contains no certificate in PEM form"
    except OSError as error:
        problem = error.strerror or type(error).__name__
    raise ConfigurationError(f"The CA certificates at {ca_path} cannot be used: {problem}.", target="ca_path")


def plain_context() -> ssl.SSLContext:
    """For a PBX reached by http: trusts nothing, and costs nothing."""
    known = _contexts.get((True, ""))
    return known or _contexts.setdefault((True, ""), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


class NoCookies(CookieJar):
    """Keeps none: the token is the session, and a cookie of a person's sign-in must not travel along with it."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Leave them where they are."""

    def set_cookie(self, cookie: Cookie) -> None:
        """Not even one."""


def options(
    base: str,
    *,
    verify: bool,
    ca_path: str | None,
    timeout: float,
    proxy: httpx.Proxy | None,
) -> dict[str, Any]:
    """Keyword arguments for an httpx client, sync or async.

    Raises:
        ConfigurationError: the CA certificates cannot be used
    """
    return {
        "verify": tls_context(verify, ca_path) if base.startswith("https:") else plain_context(),
        "timeout": httpx.Timeout(timeout),
        "proxy": proxy,
        "follow_redirects": False,
        "cookies": NoCookies(),
    }


def translate(error: Exception, step: Send, timeout: float) -> XapiError:
    """An exception of httpx (or of the layers below) in our words, without anything of the request on it."""
    method, url = step.method, step.url.partition("?")[0]
    where = _where(url)
    about: _About = {"method": method, "url": url}
    if isinstance(error, TooLarge):
        return _too_large(step.limit or 0, about)
    if isinstance(error, httpx.TimeoutException | TimeoutError) and step.deadline and step.deadline.left() <= _SLACK:
        return _late(error, step.deadline.seconds, about)
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return Timeout(
            f"{where} did not accept a connection within {timeout:g} seconds. Check the host, the port and the "
            f"firewall; nothing was sent.",
            reason=f"no connection within {timeout:g} seconds",
            sent=False,
            **about,
        )
    if isinstance(error, httpx.TimeoutException):
        return Timeout(
            f"{method} {url} was not answered within {timeout:g} seconds. {_doubt(method)}",
            reason=f"no answer within {timeout:g} seconds",
            sent=True if isinstance(error, httpx.ReadTimeout) else None,
            **about,
        )
    if isinstance(error, httpx.ProxyError):
        return ConnectFailed(
            f"The proxy on the way to {where} refused the connection ({_short(error)}). Check the proxy and its "
            f"credentials; nothing was sent.",
            reason="the proxy refused the connection",
            sent=False,
            **about,
        )
    if isinstance(error, httpx.ConnectError):
        return _connect(error, where, about)
    if isinstance(error, Damaged | httpx.DecodingError):
        reason = "the answer is compressed in a way that cannot be undone"
        return UnexpectedAnswer(f"{method} {url}: {reason}.", reason=reason, **about)
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        broken = "sent what is not HTTP" if _is_gibberish(error) else "cut the connection before it had answered"
        return TransportError(
            f"{where} {broken}, on {method} {url}. {_doubt(method)}",
            reason=f"the PBX {broken}",
            sent=None,
            **about,
        )
    if isinstance(error, OSError):  # a layer below that httpx does not translate; how far the request came is unknown
        why = error.strerror or type(error).__name__
        return TransportError(
            f"{method} {url} failed on the way: {why}. {_doubt(method)}",
            reason=f"it failed on the way: {why}",
            sent=None,
            **about,
        )
    # The text of these may repeat a header's value, and with it the token.
    reason = "its address or one of its headers contains what HTTP does not allow"
    return ConfigurationError(f"{method} {url} cannot be sent: {reason}.", reason=reason, **about)


def _too_large(limit: int, about: _About) -> UnexpectedAnswer:
    reason = f"the answer is larger than {limit / (1 << 20):g} MiB, the most that is read of one"
    advice = "Ask for less at once, or give the client a larger max_answer; a file is best fetched by download()."
    if about["method"] not in ("GET", "HEAD"):
        advice = "The request itself was accepted: look before repeating it."
    return UnexpectedAnswer(f"{about['method']} {about['url']}: {reason}. {advice}", reason=reason, **about)


def _late(error: Exception, seconds: float, about: _About) -> DeadlineExceeded:
    unsent = isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout)
    advice = "Nothing was sent." if unsent else _doubt(about["method"], "deadline")
    return DeadlineExceeded(
        f"{about['method']} {about['url']} was not over within {seconds:g} seconds, which is the deadline. {advice}",
        reason=f"it was not over within the deadline of {seconds:g} seconds",
        sent=False if unsent else True if isinstance(error, httpx.ReadTimeout) else None,
        **about,
    )


def _connect(error: httpx.ConnectError, where: str, about: _About) -> TransportError:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            from ._certificate import complaint

            problem, why, advice = complaint(cause, urlsplit(about["url"]).hostname or where)
            return TlsError(
                f"The certificate of {where} is not trusted: {why}. {advice} Switching the check off (verify=False) lets "
                f"anyone between here and the PBX read the password. Nothing was sent.",
                reason=f"the certificate is not trusted: {why}",
                problem=problem,
                sent=False,
                **about,
            )
        if isinstance(cause, ssl.SSLError):
            why = (cause.reason or "handshake failed").replace("_", " ").lower()
            return TlsError(
                f"No TLS connection to {where} could be made: {why}. Check the port (a PBX speaks TLS on 443 or 5001) "
                f"and whether it wants http instead. Nothing was sent.",
                reason=f"no TLS connection: {why}",
                sent=False,
                **about,
            )
        if isinstance(cause, socket.gaierror):
            return _unreachable(where, "its name cannot be resolved", about)
        if isinstance(cause, ConnectionRefusedError):
            return _unreachable(where, "nobody listens on that port", about)
    # Messages of the layers below name addresses and reasons ("[Errno 113] No route to host"), never a request.
    return _unreachable(where, _short(error), about)


def _unreachable(where: str, why: str, about: _About) -> ConnectFailed:
    return ConnectFailed(
        f"{where} cannot be reached: {why}. Check the host, the port and the network; nothing was sent.",
        reason=f"the PBX cannot be reached: {why}",
        sent=False,
        **about,
    )


def _doubt(method: str, longer: str = "timeout") -> str:
    if method in ("GET", "HEAD"):
        return f"Try again later, or with a longer {longer}."
    return "It may have been carried out nevertheless: look before repeating it."


def _is_gibberish(error: Exception) -> bool:
    return isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error)


def _causes(error: BaseException) -> list[BaseException]:
    """The exception and what led to it; anyio raises groups where it tried several addresses."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting and len(found) < 50:
        one = waiting.pop()
        if one is None or one in found:
            continue
        found.append(one)
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
    return found


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())[:200].rstrip(".")
    return text or type(error).__name__


def _where(url: str) -> str:
    return urlsplit(url).netloc
