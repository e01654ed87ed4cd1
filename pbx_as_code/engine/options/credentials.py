"""Credentials in plain data, told by the name of what holds them.

An operation's answer and body are as the PBX spells them, and the document marks no credential. A name is judged by how
it ends, so that those of releases to come are found too; a value that is no text and holds none (a "Secret" that is
only switched on or off, an interval) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pbx_as_code.engine.options.structures import structure_of

_CREDENTIAL = re.compile(
    r"(?:password|passphrase|passwd|secret|credentials?"
    r"|(?:api|access|secret|private|licen[sc]e|encryption)_?key"
    r"|transcribekey[a-z]*"
    r"|(?<!page)(?<!page_)tokens?"
    r"|code_?verifier|code_?challenge|security_?code|authorization"
    r"|prov(?:ision(?:ing)?)?_?(?:link|url)(?:_?ext|_?local)?|help_?link"
    r"|(?:\b|_|vm|voicemail|user|access)pin(?:_?(?:code|number))?)\Z",
    re.IGNORECASE,
)


def is_credential(name: str) -> bool:
    """Whether what is called so is a credential, such as AuthPassword or VMPIN, or answers one, such as GetPhoneSecret."""
    return _CREDENTIAL.search(name) is not None


def without_credentials(value: Any) -> Any:
    """A copy of what the PBX answered without the properties that are credentials."""
    if isinstance(value, Mapping):
        return {name: without_credentials(inner) for name, inner in value.items() if not _holds(name, inner)}
    return [without_credentials(item) for item in value] if isinstance(value, list) else value


def hidden(value: Any, word: str) -> Any:
    """A copy for people, with a word in the place of each credential."""
    if isinstance(value, Mapping):
        return {name: word if _holds(name, inner) else hidden(inner, word) for name, inner in value.items()}
    return [hidden(item, word) for item in value] if isinstance(value, list) else value


def credentials_in(value: Any) -> set[str]:
    """The values of all credentials in an option, which may still be the text of a mapping."""
    if isinstance(value, str):
        try:
            value = structure_of(value)
        except (TypeError, ValueError):
            return set()
    return set(_credentials(value, within=False))


def _credentials(value: Any, *, within: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _credentials(inner, within=within or is_credential(str(name)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _credentials(item, within=within)
    elif within and value is not None and not isinstance(value, bool) and str(value):
        yield str(value)


def _holds(name: str, value: Any) -> bool:
    return value is not None and not isinstance(value, bool) and is_credential(name)
