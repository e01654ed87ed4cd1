"""Mistakes in the catalogue, each a message that names the place in the file."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from openapi.codegen.errors import CodegenError


class CatalogueMistake(CodegenError):
    """An error at a place of the catalogue."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"catalogue: {where}: {what}")
        self.where = where
        self.what = what


def mistake(where: str, what: str) -> CatalogueMistake:
    """An error at a place of the catalogue."""
    return CatalogueMistake(where, what)


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
        CatalogueMistake: with the names that are nearest to the first unknown one.
    """
    for name in names:
        if name not in known:
            raise mistake(where.replace("{}", name), f"{what.replace('{}', name)}{nearest(name, known)}")
