"""The name somebody may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The message about a name that is not known.

    Parameters:
        what: it is called, such as "option of a queue"
        name: as it was written
        known: names that would do
    """
    near = next(iter(difflib.get_close_matches(name, list(known), n=1)), None)
    return f"There is no {what} called {name}" + (f"; did you mean {near}?" if near else ".")
