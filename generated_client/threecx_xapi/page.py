"""The rows of one answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar, overload

Row = TypeVar("Row")


class Page(Sequence[Row], Generic[Row]):
    """The rows of one answer, as a sequence.

    Attributes:
        total: how many rows there are in all, where the PBX was asked to count them (`count=True`)
        next_link: where the rest is, where the PBX says so; `iterate` follows it
    """

    __slots__ = ("_rows", "next_link", "total")

    def __init__(self, rows: Sequence[Row], total: int | None = None, next_link: str | None = None) -> None:
        self._rows = rows
        self.total = total
        self.next_link = next_link

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        return self._rows[place]

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Page):
            return list(self._rows) == list(other._rows) and self.total == other.total
        return list(self._rows) == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        counted = "" if self.total is None else f", total={self.total}"
        return f"Page({list(self._rows)!r}{counted})"
