"""Keeping credentials out of messages: a PBX that refuses something may repeat it.

Sent secrets are known and are found in any spelling; others are recognised by the name in front of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

HIDDEN = "********"
_LONGEST = 8192  # characters of somebody else's text that are looked at; far more than any message shows
_SHORT = 6  # characters; what is shorter is hidden where it stands alone, such as a PIN
_BEGINNING = 16  # characters by which a secret that was cut off is known
_NAMES = (
    r"(?:password|passphrase|passwd|secret|credentials?"
    r"|(?:api|access|secret|private|licen[sc]e|encryption)_?key"
    r"|transcribekey[a-z]*"
    r"|(?<!page)(?<!page_)tokens?"
    r"|code_?verifier|code_?challenge|security_?code|authorization"
    r"|prov(?:ision(?:ing)?)?_?(?:link|url)(?:_?ext|_?local)?|help_?link"
    r"|(?:\b|_|vm|voicemail|user|access)pin(?:_?(?:code|number))?)"
)
_CREDENTIAL = rf"{_NAMES}\Z"
# "AuthPassword":"..." as JSON, JSON within JSON or Python write it, and AuthPassword=... as forms do
_WRITTEN = (
    rf"""({_NAMES}\\*["']\s*:\s*)"""
    r"""("(?:\\.|[^"\\])*+(?:"|$)|\\+".*?(?:\\+"\s*(?=[,}\]])|$)|'[^']*(?:'|$)|[\[{].*|[^\s,}\]]+)"""
)
_PAIRED = rf"({_NAMES}\s*=\s*)(?!=)([^\s&;,]+)"
_BEARER = r"(\bbearer\s+)[\w.~+/-]{8,}=*"


def is_credential(name: str) -> bool:
    """Whether a property of this name holds a credential, such as AuthPassword or VMPIN, or an operation of this name
    answers one, such as GetPhoneSecret.
    """
    return _compiled(_CREDENTIAL).search(name) is not None


def credentials_in(value: Any) -> set[str]:
    """The credentials in plain data, told by the names of what holds them."""
    return set(_credentials(value))


def credentials_sent(content: bytes | None) -> set[str]:
    """The credentials in the body of a request, JSON or a form."""
    if not content:
        return set()
    try:
        return credentials_in(json.loads(content))
    except (ValueError, RecursionError):
        return {value for name, value in parse_qsl(content.decode("utf-8", "replace")) if is_credential(name)}


def redacting(secrets: Collection[str]) -> Callable[[str], str]:
    """Return a function that removes secrets from a text, in any spelling.

    Parameters:
        secrets: those that are known; others are found by their names
    """
    known: list[str] | None = None

    def redact(text: str) -> str:
        nonlocal known
        if not text:
            return text
        if known is None:
            known = sorted(
                {form for secret in secrets if secret.strip() for form in _forms(secret)}, key=len, reverse=True
            )
        for form in known:
            text = _without(text, form)
        for form in known:
            text = _without_beginning(text, form)
        text = text[:_LONGEST]
        for pattern in (_WRITTEN, _PAIRED, _BEARER):
            text = _compiled(pattern).sub(rf"\g<1>{HIDDEN}", text)
        return text

    return redact


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """When it is needed: those who meet no error do not wait for it."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def _without(text: str, form: str) -> str:
    if len(form) < _SHORT:
        return re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", HIDDEN, text)
    return text.replace(form, HIDDEN)


def _without_beginning(text: str, form: str) -> str:
    """Without what the PBX has cut off; where it has, nothing else begins in the same way."""
    if len(form) <= _BEGINNING:
        return text
    begin = form[:_BEGINNING]
    kept, done = [], 0
    # In pieces: a PBX may answer a megabyte of possible matches, and copying the whole text for each would never end.
    while (at := text.find(begin, done)) >= 0:
        end = at + _BEGINNING
        while end < len(text) and end - at < len(form) and text[end] == form[end - at]:
            end += 1
        kept += [text[done:at], HIDDEN]
        done = end
    return "".join((*kept, text[done:]))


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may be written: plainly, in one line, in JSON, in a URL, in HTML, in OData."""
    from html import escape

    yield secret
    yield " ".join(secret.split())
    for ascii_only in (True, False):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once)[1:-1]
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield escape(secret)
    yield secret.replace("'", "''")


def _credentials(value: Any) -> Iterator[str]:
    waiting: list[tuple[Any, bool]] = [(value, False)]
    while waiting:
        one, within = waiting.pop()
        if isinstance(one, Mapping):
            waiting += [(inner, within or is_credential(str(name))) for name, inner in one.items()]
        elif isinstance(one, list | tuple):
            waiting += [(inner, within) for inner in one]
        elif within and one is not None and not isinstance(one, bool) and str(one):
            yield str(one)
