"""A digest of a configuration, which tells whether a plan was made of it."""

from __future__ import annotations

import hashlib
import json
from json.encoder import encode_basestring_ascii
from typing import Any

from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.planning.compare import shown


def digest_of(configuration: Configuration) -> str:
    """A digest of everything that is declared; the order and the split of the files do not matter, nor do comments."""
    spelled: dict[int, str] = {}

    def spell(value: Any) -> str:
        if value.__class__ is str:
            return str(encode_basestring_ascii(value))
        if value.__class__ not in (dict, list):
            return json.dumps(value, default=shown)
        found = spelled.get(id(value))
        if found is None:  # most objects share the structures of their defaults
            found = spelled[id(value)] = json.dumps(value, sort_keys=True, default=shown)
        return found

    said = sorted(
        "\n".join(
            [one.kind.name, str(one.twin), *(f"{option}:{spell(one.values[option])}" for option in sorted(one.values))]
        )
        for one in configuration.definitions
    )
    return hashlib.sha256("\n\n".join(said).encode()).hexdigest()
