"""Mistakes in the catalogue, each a message that names the place in the file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

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
