"""Credentials in the wrong place: in an option that there is not, or in the host.

A task that has one is refused, and a message that refuses it may repeat it. The options that are shown hide it by its place,
see masking.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

#: Generous: nothing is done by such an option, so nobody misses what is hidden of it.
_LIKE_ONE = re.compile(r"pas|pw|secr|pin|tok|key|cred|auth|cod", re.IGNORECASE)
_SHORTEST = 4
"""Characters; what is shorter stands in too many words of the message."""
_IN_A_HOST = re.compile(r"(?:.*?://)?[^:@]*:(.+)@", re.DOTALL)


def misplaced_credentials(spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> set[str]:
    """What a message must not repeat of the options of a task, beside what the module knows to be a credential.

    Parameters:
        spec: the options, as AnsibleModule takes them
        given: the options as they were written
    """
    hosts = (given.get("host"), os.environ.get("THREECX_HOST"))
    within = {found[1] for host in hosts if isinstance(host, str) and (found := _IN_A_HOST.match(host))}
    return within | set(_misspelled(spec, given, 0))


def _misspelled(spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any], depth: int) -> Iterator[str]:
    if spec.keys() >= given.keys() and not any("options" in spec[name] for name in given):
        return
    known = {alias for option in spec.values() for alias in option.get("aliases", ())} | spec.keys()
    for name, value in given.items():
        if name not in known:
            yield from _texts(value, depth, within=_LIKE_ONE.search(str(name)) is not None)
        elif "options" in spec.get(name, {}):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Mapping):
                    yield from _misspelled(spec[name]["options"], item, depth + 1)


def _texts(value: Any, depth: int, *, within: bool) -> Iterator[str]:
    if depth > 30:  # deeper than anything that is not refused for that
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, depth + 1, within=within or _LIKE_ONE.search(str(name)) is not None)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, depth + 1, within=within)
    elif within and not isinstance(value, bool) and len(str(value)) >= _SHORTEST:
        yield str(value)
