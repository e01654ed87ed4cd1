"""Different spellings of the same text: telephone numbers, e-mail addresses, Unicode.

A PBX may store a telephone number without its ``+`` and an e-mail address in lower case. Digits are never dropped or
added: ``00`` is not ``+``, and a pattern such as ``*0102`` is compared as it stands.
"""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-./()]")
_NUMBER = re.compile(r"\+?[0-9]+", re.ASCII)
_LIST = re.compile(r"\s*[,;]\s*")


def text(value: str) -> str:
    """A text in Unicode's composed form (NFC): "ü" is one character, whatever keyboard it comes from."""
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def texts(value: str) -> tuple[str, ...]:
    """The forms in which a text may be stored: as it is written, composed and decomposed."""
    if value.isascii():
        return (value,)
    return tuple(dict.fromkeys((value, text(value), unicodedata.normalize("NFD", value))))


def telephone(value: str) -> str:
    """The digits of a telephone number, without a leading ``+`` and separators; of a list of them, of each.

    Parameters:
        value: such as +1 (555) 0133; a text that is no number, such as *0102 or anonymous, stays as it is
    """
    numbers = [_SEPARATORS.sub("", one) for one in _LIST.split(value.strip())]
    if not all(map(_NUMBER.fullmatch, numbers)):
        return text(value)
    return ",".join(number.removeprefix("+") for number in numbers)


def email(value: str) -> str:
    """An e-mail address, or a list of them, in lower case and without the blanks around it."""
    return text(_LIST.sub(",", value.strip())).lower()
