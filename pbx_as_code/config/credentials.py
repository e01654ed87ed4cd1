"""Parameters hold ordinary values or credentials, and a PBX does not say which: names and values tell.

A value is ordinary if nothing in its name and nothing in it looks like a credential. Doubt counts against it: what is
taken for a credential by mistake is only neither exported nor compared.
"""

from __future__ import annotations

import re
from typing import Any, Final

_TELLING: Final = re.compile(
    r"(?<!by)(?<!com)pass(?!ive|enger|thr)|pwd|secret|token|key(?!board|pad|word)|credential|auth|pin(?!g)"
    r"|community|psk|cert(?!ain)|private|hash|salt|licen[sc]e|signature|cookie|session|seed|\botp|mfa|2fa|bearer|basic\s"
    r"|(?:access|activation|security|unlock|verification|recovery)_?code|serial|hmac|cipher|crypt|user_?info|login",
    re.IGNORECASE,
)
"""Parts of names, and of texts, that stand beside credentials. Names of parameters have no spaces."""
_BETWEEN: Final = re.compile(r"[\s,;|/\\:_.()<>\[\]+*#@!?&'\"-]+")
_HUMP: Final = re.compile(r"[A-Z]+[a-z]*|[a-z]+")
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_USUAL: Final = frozenset({"3cx", "g711", "g722", "g729", "h264", "ipv4", "ipv6", "md5", "mp3", "mp4", "utf8", "vp8"})
"""Words with digits that are in many settings."""
_LONGEST_WORD: Final = 24
_SHORTEST_HUMPS: Final = 3.5
"""Letters of each part of a word such as MusicOnHold, on average; those of a generated password are shorter."""
_LONGEST: Final = 200


def may_be_credential(name: str, value: Any) -> bool:
    """Whether the value of a parameter is a credential, or could be one.

    Ordinary are words, numbers, addresses, times and names of files: every part of them is either letters in the case
    of a word, or digits. Keys and generated passwords mix both.

    Parameters:
        name: of the parameter, such as MUSICONHOLDFILE
        value: its value
    """
    if value in (None, ""):
        return False
    text = str(value)
    if len(text) > _LONGEST or not text.isprintable() or _TELLING.search(name) or _TELLING.search(text):
        return True
    if "://" in text and "@" in text:  # a URL with a password
        return True
    return not all(_is_ordinary(part) for part in _BETWEEN.split(text) if part)


def _is_ordinary(part: str) -> bool:
    if _NUMBER.fullmatch(part) or part.lower() in _USUAL:
        return True
    if len(part) > _LONGEST_WORD:
        return False
    humps = _HUMP.findall(part) if part.isascii() else [part]
    return part.isalpha() and (len(humps) == 1 or len(part) >= _SHORTEST_HUMPS * len(humps))
