"""The name somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable

from pbx_as_code.engine.report.failures import nearest


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The message about a name that is not known.

    Parameters:
        what: it is called, such as "option of a queue"
        name: as it was written
        known: names that would do
    """
    near = None if name.isdigit() else nearest(name, known)  # numbers that look alike mean different things
    return f"There is no {what} called {name}" + (f"; did you mean {near}?" if near else ".")
