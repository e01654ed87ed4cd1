"""ETags that a task gives: whether one allows a write, and warnings that nothing compares it."""

from __future__ import annotations

import re

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def unchecked_etag(pbx: str, what: str) -> str:
    """The warning that no PBX compares a given ETag.

    Parameters:
        pbx: its URL
        what: the object, such as: fax 12
    """
    return (
        f"if_match was not checked: {pbx} sends no ETag for {what}, so it accepts every version. A change that "
        "somebody made before this task read it was not noticed."
    )


def unknown_etag(pbx: str, what: str) -> str:
    """The warning that nobody knows whether a PBX compares a given ETag.

    Parameters:
        pbx: its URL
        what: see unchecked_etag
    """
    return (
        f"It is not known whether if_match was checked: {what} cannot be read on {pbx}, and most PBXs send no ETags "
        "and accept every version. A change that somebody made before this task may have been overwritten."
    )


def agree(given: str, seen: str) -> bool:
    """Whether an ETag that was given allows a write of the version that was seen."""
    return given.strip() == "*" or not _opaque(seen).isdisjoint(_opaque(given))


def _opaque(etags: str) -> set[str]:
    """The quoted parts, without the mark of weakness; the whole where nothing is quoted."""
    return set(_TAG.findall(etags)) or {etags.strip()}
