"""A digest of a configuration, which tells whether a plan was made of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii
from types import NoneType
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.planning.compare import shown

_WORDS: Final[Mapping[bool | None, str]] = {None: "null", True: "true", False: "false"}


def digest_of(configuration: Configuration) -> str:
    """A digest of everything that is declared; the order and the split of the files do not matter, nor do comments."""
    spelled: dict[int, str] = {}
    encode = json.JSONEncoder(sort_keys=True, default=shown).encode  # json.dumps would make an encoder for each value

    def spell(value: Any) -> str:
        kind = value.__class__
        if kind is str:
            return str(encode_basestring_ascii(value))
        if kind is int:
            return str(value)
        if kind is bool or kind is NoneType:
            return _WORDS[value]
        if kind not in (dict, list):
            return encode(value)
        found = spelled.get(id(value))
        if found is None:  # most objects share the structures of their defaults
            found = spelled[id(value)] = encode(value)
        return found

    said = sorted(
        "\n".join(
            [one.kind.name, str(one.twin), *(f"{option}:{spell(one.values[option])}" for option in sorted(one.values))]
        )
        for one in configuration.definitions
    )
    return hashlib.sha256("\n\n".join(said).encode()).hexdigest()
