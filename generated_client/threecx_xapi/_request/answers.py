"""From an answer that is no success to an exception in plain words.

Forms (XAPI.md, "Errors"): the OData error with its details, the OAuth error, ``{"error": "..."}``, HTML of a proxy,
nothing at all. Every answer results in an exception of ``errors.py``.
"""

from __future__ import annotations

import math
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import httpx

from threecx_xapi import errors
from threecx_xapi.redact import redacting
from threecx_xapi.reply import data, prose, request_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from .steps import Answer

Clean: TypeAlias = "Callable[[str], str]"

_LONGEST = 300  # characters of somebody else's text in a message
_MOST_DETAILS = 50
_CODE = re.compile(r"WARNINGS(?:\.[A-Za-z0-9_-]+)+")
_PLAIN_PATH = re.compile(r"[\w/.-]{1,100}", re.ASCII)

_KINDS: dict[int, type[errors.XapiError]] = {
    400: errors.ValidationFailed,
    401: errors.SignInFailed,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    412: errors.PreconditionFailed,
    422: errors.ValidationFailed,
    428: errors.PreconditionRequired,
    429: errors.RateLimited,
}
_STORIES = {
    400: ("was refused", "Correct the value and try again; nothing was changed."),
    401: ("was refused: the access token is not accepted", ""),
    403: ("is not allowed", "Check the role of the signed-in account and the licence of the PBX."),
    404: ("found nothing", "Either the object does not exist, or this release or licence has no such endpoint."),
    405: ("is not offered by this PBX", "The release of the PBX may be too old for this method."),
    409: ("conflicts with the stored state", "Read the object again, then retry."),
    412: ("was refused: the object has changed since it was read", "Nothing was changed. Read it again, then retry."),
    422: ("was refused", "Correct the value and try again; nothing was changed."),
    428: ("was refused: the PBX requires an ETag", "Send the object's ETag as If-Match."),
    429: ("was refused: too many requests", "Try again later, or send fewer requests at once."),
    502: ("failed: the proxy in front of the PBX got no answer from it", "Try again later."),
    503: ("failed: the PBX is not available at the moment", "Try again later."),
    504: (
        "failed: the PBX took too long",
        "Ask for less at once (a shorter time span, fewer rows), or try again later.",
    ),
}


_LOOK = "It may have been carried out: check before you repeat it."


class Complaint(NamedTuple):
    """Read the fields of an error body."""

    reason: str = ""
    code: str | None = None
    target: str | None = None
    details: tuple[errors.ErrorDetail, ...] = ()


def failure(
    answer: Answer,
    method: str,
    url: str,
    release: str | None,
    secrets: Collection[str] = (),
    *,
    write: bool = False,
) -> errors.XapiError:
    """The exception for an answer outside 2xx.

    Parameters:
        answer: what came
        method: HTTP method asked with
        url: address asked, without its query
        release: the PBX's release, where it is known
        secrets: what was sent and must not be repeated
        write: whether it may have changed something
    """
    status = answer.status
    clean = redacting(secrets)
    if not 400 <= status < 600:
        return _unexpected(answer, method, url, clean)
    complaint = complaint_of(answer, release, clean)
    kind = _KINDS.get(status, errors.ServerError if status >= 500 else errors.XapiError)
    story, advice = _STORIES.get(status, ("failed" if status >= 500 else "was refused", ""))
    if status >= 500 and not advice:
        advice = "See the log of the PBX for more."
    if write and (status == 429 or status >= 500):
        advice = f"{advice} {_LOOK}"
    text = f"{method} {url} {story} ({status})"
    if complaint.reason:
        text += f": {complaint.reason}"
    text = text if text.endswith((".", "\u2026", "!", "?")) else text + "."
    wait = retry_after(answer.headers)
    if wait is not None:
        advice = f"The PBX asks to wait {wait:g} seconds. {advice}"
    return kind(
        f"{text} {advice}".rstrip(),
        reason=complaint.reason or f"{story} ({status})",
        status=status,
        code=complaint.code,
        target=complaint.target,
        details=complaint.details,
        request_id=_cleaned(request_id(answer.headers), clean),
        method=method,
        url=url,
        retry_after=wait,
    )


def _cleaned(text: str | None, clean: Clean) -> str | None:
    return text if text is None else clean(text)


def retry_after(headers: httpx.Headers, now: float | None = None) -> float | None:
    """Seconds to wait by the Retry-After header (seconds, or a date held against the answer's own Date)."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    except ValueError:
        pass
    then = _timestamp(value)
    if then is None:
        return None
    begin = _timestamp(headers.get("date", ""))
    if begin is None:
        begin = time.time() if now is None else now
    return max(then - begin, 0.0)


def complaint_of(answer: Answer, release: str | None = None, clean: Clean = str) -> Complaint:
    """Read an error body of any form; the complaint is empty if the body says nothing.

    Parameters:
        answer: what came
        release: the PBX's release, where it is known
        clean: takes out of a text what must not be repeated
    """
    if not answer.content.strip():
        return Complaint()
    try:
        body = data(answer.content)
    except (ValueError, RecursionError):
        if answer.content.lstrip()[:1] in (b"{", b"[", b'"'):  # not repeated: entities come with passwords
            return Complaint(f"the answer is cut off or damaged: {len(answer.content)} bytes that are not JSON")
        return Complaint(prose(answer.content, clean))
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, str):
        return _plain(error, body, release, clean)
    if isinstance(error, dict):
        return _odata(error, release, clean)
    return Complaint()  # data, which may be an entity with its passwords


def _plain(error: str, body: object, release: str | None, clean: Clean) -> Complaint:
    """``{"error": "...", "error_description": "..."}`` (OAuth), ``{"error": "..."}`` or a bare JSON string."""
    described = clean(_text(body.get("error_description"))) if isinstance(body, dict) else ""
    error = clean(error)
    found = _CODE.search(error)
    return Complaint(
        reason=_words(described or error, None, release),
        code=found[0] if found else (_shorten(error) or None) if described else None,
    )


def _odata(given: dict[Any, Any], release: str | None, clean: Clean) -> Complaint:
    error, listed = _texts(given, clean), given.get("details")
    message = error["message"]
    details = [
        detail
        for item in (listed if isinstance(listed, list) else [])[:_MOST_DETAILS]
        if isinstance(item, dict) and (detail := _detail(_texts(item, clean))) is not None
    ]
    own = errors.ErrorDetail(_code(error, message), error["target"] or None, _shorten(message))
    if own.target is None and (joined := _CODE.search(message)) and not details:
        # "Number:\nWARNINGS.XAPI.ALREADY_IN_USE": the message joins target and code.
        head = message[: joined.start()].strip().rstrip(":")
        own = own._replace(target=head if re.fullmatch(r"[\w./\[\]-]{1,100}", head) else None)
    spoken = details or ([own] if own.message or own.code else [])
    if not spoken:
        title = error["title"]  # RFC 9457, as ASP.NET answers it
        return Complaint(reason=_shorten(title), code=own.code, target=own.target)
    first = spoken[0]
    reasons = dict.fromkeys(
        _words(detail.message or detail.code or "", detail.target, release) for detail in spoken[:5]
    )
    if len(spoken) > 5:
        reasons[f"and {len(spoken) - 5} more"] = None
    return Complaint(
        reason="; ".join(reason for reason in reasons if reason),
        code=first.code or own.code,
        target=None if _is_unbound(first.message) else first.target or own.target,
        details=tuple(details),
    )


def _texts(error: dict[Any, Any], clean: Clean) -> dict[str, str]:
    """The fields of an error that messages use."""
    return {name: clean(_text(error.get(name))) for name in ("message", "title", "code", "target")}


def _detail(item: dict[str, str]) -> errors.ErrorDetail | None:
    message = item["message"]
    code, target = _code(item, message), item["target"] or None
    if not (message or code or target):
        return None
    return errors.ErrorDetail(code, target and _shorten(target), _shorten(message))


def _code(item: dict[str, str], message: str) -> str | None:
    if found := _CODE.search(message):
        return found[0]
    return _shorten(item["code"]) or None


def _words(message: str, target: str | None, release: str | None) -> str:
    """One complaint in plain words."""
    if _is_unbound(message):
        # The PBX binds the body to a parameter of that name; when one property does not fit, all of it is lost.
        return (
            f"the PBX{f' (release {release})' if release else ''} could not read the body: it contains a property this "
            f"release does not know, or a value of the wrong type"
        )
    text = _shorten(message)
    if found := _CODE.search(text):
        plain = found[0].rsplit(".", 1)[-1].replace("_", " ").lower()
        rest = text.replace(found[0], "").strip(" :\n")
        text = f"{plain} ({found[0]})"
        target = target or rest or None
    return f"{target}: {text}" if target and not text.startswith(f"{target}:") else text


def _is_unbound(message: str) -> bool:
    return "delta field is required" in message


def _unexpected(answer: Answer, method: str, url: str, clean: Clean) -> errors.UnexpectedAnswer:
    reason = f"the PBX answered with status {answer.status}, which is neither a success nor an error"
    advice = ""
    if 300 <= answer.status < 400:
        reason = "the PBX redirects"
        if host := clean(_origin(answer.headers.get("location", ""), url)):
            reason += f" to {host}"
        advice = (
            " Redirects are not followed, because the access token must not be sent to another host. Set the host to "
            "that address."
        )
    return errors.UnexpectedAnswer(
        f"{method} {url} was not answered: {reason} ({answer.status}).{advice}",
        reason=reason,
        status=answer.status,
        request_id=_cleaned(request_id(answer.headers), clean),
        method=method,
        url=url,
    )


def _origin(location: str, url: str) -> str:
    try:
        target, own = urlsplit(location), urlsplit(url)
        if not target.hostname:
            if not location:
                return ""
            return f"another path, {target.path}" if _PLAIN_PATH.fullmatch(target.path) else "another path"
        port = f":{target.port}" if target.port else ""
        return f"{target.scheme or own.scheme}://{target.hostname}{port}"
    except ValueError:
        return ""


def _text(value: object) -> str:
    if isinstance(value, dict):  # OData v2 and v3: {"lang": ..., "value": ...}
        value = value.get("value")
    return value.strip() if isinstance(value, str) else ""


def _shorten(text: str) -> str:
    line = " ".join(text[: 4 * _LONGEST].split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "\u2026"


def _timestamp(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
