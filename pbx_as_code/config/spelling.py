"""The name somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable

from pbx_as_code.suggestions import did_you_mean


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The message about a name that is not known.

    Parameters:
        what: it is called, such as "option of a queue"
        name: as it was written
        known: names that would do
    """
    # Numbers that look alike mean different things.
    return f"There is no {what} called {name}" + ("." if name.isdigit() else did_you_mean(name, known))
