"""The exceptions by which the programs behind make refuse their input, each with one line for a person."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Collection, Iterable
from functools import wraps


class CodegenError(Exception):
    """An error in the input with a remedy, in one line for a person."""


def one_clear_line(main: Callable[[], None]) -> Callable[[], None]:
    """Make a program end with one line on stderr and exit status 1 where it refuses its input."""

    @wraps(main)
    def wrapper() -> None:
        try:
            main()
        except CodegenError as error:
            sys.exit(f"error: {error}")
        except KeyboardInterrupt:
            sys.exit("interrupted; nothing was written")

    return wrapper


class Mistake(CodegenError):
    """An error at a place of the catalogue."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"catalogue: {where}: {what}")
        self.where = where
        self.what = what


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=3)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def refuse_unknown(names: Iterable[str], known: Collection[str], where: str, what: str) -> None:
    """Refuse names of the catalogue that nothing has.

    Args:
        names: said at the place.
        known: the names that could be said there.
        where: the place; a name takes the place of {}.
        what: what is wrong with a name, which takes the place of {} too: Fax has no property {}.

    Raises:
        Mistake: with the names that are nearest to the first unknown one.
    """
    for name in names:
        if name not in known:
            raise Mistake(where.replace("{}", name), f"{what.replace('{}', name)}{nearest(name, known)}")
