"""With which release of 3CX something came, as far as that is known.

The facts come from the documents of a few releases (``threecx_xapi.index.releases``). Anything 20.0.5 lacks and 20.0.8
has may have come with any release between the two: for those releases the PBX decides.
"""

from __future__ import annotations

import re

__all__ = ["lacking", "lacks"]

_NUMBER = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?!\d)")  # of thousands of digits Python makes no number


def lacks(release: str | None, since: str | None) -> bool:
    """Whether a PBX is known not to have something.

    Parameters:
        release: the PBX's own, such as ``20.0.9.995`` (``XapiClient.release``); None or unreadable where nobody knows
        since: the first known release that has it; None where all have it
    """
    here, without = _number(release), _number(lacking(since))
    return here is not None and without is not None and here <= without


def lacking(since: str | None) -> str | None:
    """The last known release before ``since``; None where there is none."""
    from .index import releases  # only who compares with one

    known = releases()
    return known[known.index(since) - 1] if since in known[1:] else None


def _number(release: str | None) -> tuple[int, ...] | None:
    found = _NUMBER.match((release or "").strip())
    return tuple(map(int, found.groups())) if found else None
