"""Parts of messages: the name somebody may have meant, and numbers with their nouns."""

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


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 file", "2 files".

    Parameters:
        number: of the things
        one: noun for one of them
        many: noun for several; with an s by default
    """
    return f"{number} {one if number == 1 else many or f'{one}s'}"
