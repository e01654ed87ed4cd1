"""The httpx side: TLS contexts, client options, and httpx's exceptions in our words."""

from __future__ import annotations

import os
import socket
import ssl
from http.cookiejar import Cookie, CookieJar
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict
from urllib.parse import urlsplit

import httpx

from threecx_xapi.errors import (
    ConfigurationError,
    ConnectFailed,
    DeadlineExceeded,
    Timeout,
    TlsError,
    TransportError,
    UnexpectedAnswer,
    XapiError,
)

from .body import Damaged, Endless, TooLarge
from .environment import UsedProxy, authorities, trust_variables, trusting
from .progress import HANDSHAKE, TUNNEL
from .resolving import UNRESOLVED

if TYPE_CHECKING:
    from threecx_xapi._request.steps import Send

    from .progress import Progress

_UNSENT = "Nothing was sent."
_SLACK = 0.005  # seconds by which a timeout may fire before the moment it was meant for


class _About(TypedDict):
    method: str
    url: str


_contexts: dict[tuple[object, ...], ssl.SSLContext] = {}
#: Complaints of OpenSSL about a server that answered a TLS handshake in plain text.
_PLAIN_TEXT = (
    "wrong version number",
    "http request",
    "unknown protocol",
    "packet length too long",
    "record layer failure",
)


def tls_context(verify: bool, ca_path: str | None) -> ssl.SSLContext:
    """The TLS context, made once per process: it costs more than everything else a request needs.

    Parameters:
        verify: False accepts every certificate
        ca_path: file or folder of the only certificates to trust; None trusts those the environment names, else the
            usual ones

    Raises:
        ConfigurationError: there are no certificates at ca_path, or where the environment says
    """
    key = (verify, ca_path, *(trust_variables() if verify and ca_path is None else ()))
    known = _contexts.get(key)
    if known is None:
        known = _contexts.setdefault(key, _tls_context(verify, ca_path))
    return known


def _tls_context(verify: bool, ca_path: str | None) -> ssl.SSLContext:
    if not verify:
        return httpx.create_ssl_context(verify=False, trust_env=False)
    if ca_path is None:
        return authorities()
    return trusting(ca_path, folder=os.path.isdir(ca_path), source="ca_path", target="ca_path")


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
    proxy: UsedProxy | None,
) -> dict[str, Any]:
    """Keyword arguments for an httpx client, sync or async.

    Raises:
        ConfigurationError: the CA certificates cannot be used
    """
    if proxy is not None and proxy.proxy.url.scheme == "https":
        proxy.proxy.ssl_context = tls_context(verify=True, ca_path=None)
    return {
        "verify": tls_context(verify, ca_path) if base.startswith("https:") else plain_context(),
        "trust_env": False,  # what concerns this PBX has been looked at, see _environment.py
        "proxy": None if proxy is None else proxy.proxy,
        "follow_redirects": False,
        "cookies": NoCookies(),
    }


class _Failure(NamedTuple):
    """Address and proxy of a failed request.

    Attributes:
        where: the PBX, or the proxy, in words that begin a sentence
        proxy: the proxy on the way, None where there is none or it was passed
        unsent: whether nothing of the request was sent
        about: for the exception
    """

    where: str
    proxy: UsedProxy | None
    unsent: bool
    about: _About


def translate(
    error: Exception, step: Send, timeout: float, connect_timeout: float, proxy: UsedProxy | None = None
) -> XapiError:
    """An exception of httpx (or of the layers below) in our words, without anything of the request on it.

    Parameters:
        error: what was raised
        step: what was to be sent
        timeout: seconds one silence may last
        connect_timeout: seconds a connection may take
        proxy: the proxy on the way
    """
    url = step.url.partition("?")[0]
    at_proxy = proxy if isinstance(error, httpx.ProxyError) or _is_at_proxy(proxy, step.progress, url) else None
    found = _translated(error, step, timeout, connect_timeout, at_proxy)
    if isinstance(found, TransportError) and at_proxy is not None:
        found.proxy = f"{at_proxy.name} ({_source(at_proxy)})"
    return found


def _translated(
    error: Exception, step: Send, timeout: float, connect_timeout: float, at_proxy: UsedProxy | None
) -> XapiError:
    method, url = step.method, step.url.partition("?")[0]
    about: _About = {"method": method, "url": url}
    if isinstance(error, TooLarge):
        return _too_large(step.limit or 0, about)
    progress = step.progress
    unsent = progress.unsent if progress is not None else False
    where = f"The proxy {at_proxy.name} ({_source(at_proxy)}) on the way to {_where(url)}" if at_proxy else _where(url)
    failed = _Failure(where, at_proxy, unsent, about)
    if isinstance(error, httpx.TimeoutException | TimeoutError) and step.deadline and step.deadline.left() <= _SLACK:
        return _late(error, step.deadline.seconds, failed)
    if isinstance(error, httpx.TimeoutException):
        return _timeout(error, progress, timeout, connect_timeout, failed)
    if isinstance(error, httpx.ProxyError):
        name = f" {at_proxy.name} ({_source(at_proxy)})" if at_proxy else ""
        return ConnectFailed(
            f"The proxy{name} on the way to {_where(url)} refused the connection ({_short(error)}). Check the proxy "
            "and its credentials; nothing was sent.",
            reason="the proxy refused the connection",
            sent=False,
            **about,
        )
    if isinstance(error, httpx.ConnectError):
        return _connect(error, failed)
    if isinstance(error, Damaged | httpx.DecodingError):
        reason = "the answer cannot be decompressed"
        return UnexpectedAnswer(f"{method} {url}: {reason}.", reason=reason, **about)
    if isinstance(error, Endless):
        reason = "the answer has no length and ended with the connection, so it may be incomplete"
        return UnexpectedAnswer(
            f"{method} {url}: {reason}. Check the proxy in front of the PBX.", reason=reason, **about
        )
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        broken = _breakage(error)
        who = "the proxy" if at_proxy else "the PBX"
        hint = _HTTPS_HINT if at_proxy is None and url.startswith("http:") and url.endswith(_SIGN_INS) else ""
        return TransportError(
            f"{where} {broken}, on {method} {url}. {hint}{_UNSENT if unsent else _doubt(method)}",
            reason=f"{who} {broken}{', as a port that speaks https does' if hint else ''}",
            sent=False if unsent else None,
            **about,
        )
    if isinstance(error, OSError):  # a layer below that httpx does not translate
        why = error.strerror or type(error).__name__
        return TransportError(
            f"{method} {url} failed on the way: {why}. {_UNSENT if unsent else _doubt(method)}",
            reason=f"it failed on the way: {why}",
            sent=False if unsent else None,
            **about,
        )
    # The text of these may repeat a header's value, and with it the token.
    reason = "its address or one of its headers contains what HTTP does not allow"
    return ConfigurationError(f"{method} {url} cannot be sent: {reason}.", reason=reason, **about)


_SIGN_INS = ("/connect/token", "/webclient/api/Login/GetAccessToken")
#: A port that speaks https hangs up on a request in plain text; the first one is the sign-in.
_HTTPS_HINT = "If that port speaks https, give an address that begins with https://. "


def _is_at_proxy(proxy: UsedProxy | None, progress: Progress | None, url: str) -> bool:
    """Whether it is the proxy that a request failed at, and not the PBX behind it."""
    if proxy is None or progress is None or not progress.phase:
        return proxy is not None
    return progress.unsent and not (progress.tunnelled and url.startswith("https:"))


def _source(proxy: UsedProxy) -> str:
    return proxy.source.removeprefix("The environment variable ")


def _timeout(
    error: httpx.TimeoutException,
    progress: Progress | None,
    timeout: float,
    connect_timeout: float,
    failed: _Failure,
) -> Timeout:
    method, url = failed.about["method"], failed.about["url"]
    if isinstance(error, httpx.PoolTimeout):
        return Timeout(
            f"No connection to {failed.where} was free within {connect_timeout:g} seconds. Make fewer requests at "
            "once; nothing was sent.",
            reason=f"no connection was free within {connect_timeout:g} seconds",
            sent=False,
            **failed.about,
        )
    if isinstance(error, httpx.ConnectTimeout):
        seconds = f"within {connect_timeout:g} seconds"
        if str(error) == UNRESOLVED:
            what, advice = f"The name of {_lower(failed.where)} was not resolved {seconds}.", "Check the name server"
            reason = f"the name was not resolved {seconds}"
        elif progress is not None and progress.phase == HANDSHAKE:
            what = f"{failed.where} accepted a connection, but did not finish the TLS handshake {seconds}."
            advice, reason = "Check the port and whether the PBX hangs", f"no TLS handshake {seconds}"
        else:
            what = f"{failed.where} did not accept a connection {seconds}."
            advice, reason = "Check the host, the port and the firewall", f"no connection {seconds}"
        return Timeout(f"{what} {advice}; nothing was sent.", reason=reason, sent=False, **failed.about)
    if failed.unsent:
        opening = "open a tunnel" if progress is not None and progress.phase == TUNNEL else "forward the request"
        return Timeout(
            f"{failed.where} did not {opening} within {timeout:g} seconds. Check it; nothing was sent.",
            reason=f"no answer of the proxy within {timeout:g} seconds",
            sent=False,
            **failed.about,
        )
    return Timeout(
        f"{method} {url} was not answered within {timeout:g} seconds. {_doubt(method)}",
        reason=f"no answer within {timeout:g} seconds",
        sent=True if isinstance(error, httpx.ReadTimeout) else None,
        **failed.about,
    )


def _too_large(limit: int, about: _About) -> UnexpectedAnswer:
    reason = f"the answer is larger than {limit / (1 << 20):g} MiB, the limit for one answer"
    advice = "Ask for less at once, or give the client a larger max_answer; use download() for files."
    if about["method"] not in ("GET", "HEAD"):
        advice = "The request was accepted: check its effect before you repeat it."
    return UnexpectedAnswer(f"{about['method']} {about['url']}: {reason}. {advice}", reason=reason, **about)


def _late(error: Exception, seconds: float, failed: _Failure) -> DeadlineExceeded:
    about = failed.about
    unsent = failed.unsent or isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout)
    advice = "Nothing was sent." if unsent else _doubt(about["method"], "deadline")
    return DeadlineExceeded(
        f"{about['method']} {about['url']} did not finish within the deadline of {seconds:g} seconds. {advice}",
        reason=f"it did not finish within the deadline of {seconds:g} seconds",
        sent=False if unsent else True if isinstance(error, httpx.ReadTimeout) else None,
        **about,
    )


def _connect(error: httpx.ConnectError, failed: _Failure) -> TransportError:
    where, about = failed.where, failed.about
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            from .certificate import complaint

            host = failed.proxy.proxy.url.host if failed.proxy else urlsplit(about["url"]).hostname
            problem, why, advice = complaint(cause, host or where)
            return TlsError(
                f"The certificate of {_lower(where)} is not trusted: {why}. {advice} Switching the check off "
                "(verify=False) lets anyone between here and the PBX read the password. Nothing was sent.",
                reason=f"the certificate is not trusted: {why}",
                problem=problem,
                sent=False,
                **about,
            )
        if isinstance(cause, ssl.SSLError):
            why = (cause.reason or "handshake failed").replace("_", " ").lower()
            advice = "Check the port (a PBX speaks TLS on 443 or 5001) and whether it wants http instead."
            problem = "handshake"
            if why in _PLAIN_TEXT:
                problem = "plain text"
                why = f"it answers in plain text, as an http port does ({why})"
                advice = (
                    "Give the port on which it speaks https (443 or 5001 of a PBX), or an address that begins with "
                    "http://."
                )
            return TlsError(
                f"No TLS connection to {_lower(where)} could be made: {why}. {advice} Nothing was sent.",
                reason=f"no TLS connection: {why}",
                problem=problem,
                sent=False,
                **about,
            )
        if isinstance(cause, socket.gaierror):
            return _unreachable(failed, "its name cannot be resolved")
        if isinstance(cause, ConnectionRefusedError):
            return _unreachable(failed, "nothing listens on that port")
    # Messages of the layers below name addresses and reasons ("[Errno 113] No route to host"), never a request.
    return _unreachable(failed, _short(error))


def _unreachable(failed: _Failure, why: str) -> ConnectFailed:
    who, advice = "the PBX", "Check the host, the port and the network"
    if failed.proxy is not None:
        who, advice = "the proxy", "Check the proxy, or name the PBX in NO_PROXY"
    return ConnectFailed(
        f"{failed.where} cannot be reached: {why}. {advice}; nothing was sent.",
        reason=f"{who} cannot be reached: {why}",
        sent=False,
        **failed.about,
    )


def _lower(where: str) -> str:
    return where[:1].lower() + where[1:] if where.startswith("The ") else where


def _doubt(method: str, longer: str = "timeout") -> str:
    if method in ("GET", "HEAD"):
        return f"Try again later, or with a longer {longer}."
    return "It may have been carried out: check before you repeat it."


def _breakage(error: Exception) -> str:
    """How an answer failed to arrive; httpx tells protocol errors apart only by their text, which is that of h11."""
    if not isinstance(error, httpx.RemoteProtocolError) or "disconnected" in str(error):
        return "closed the connection before it answered"
    if "without sending complete message body" in str(error):
        return "closed the connection in the middle of its answer"
    return "sent an answer that is not HTTP"


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
