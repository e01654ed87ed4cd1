"""Changes of one text, by offsets: everything between them stays byte for byte."""

from __future__ import annotations

from collections.abc import Iterable


class Splices:
    """Replacements of parts of a text, which do not overlap."""

    def __init__(self) -> None:
        self._made: list[tuple[int, int, str]] = []

    def __len__(self) -> int:
        return len(self._made)

    def back_to(self, count: int) -> None:
        """Forget what was replaced after the first few."""
        del self._made[count:]

    def and_replaced(self, others: Iterable[tuple[int, int, str]]) -> Splices:
        """These changes and others, as start, end and new text, which are made after them at one offset."""
        found = Splices()
        found._made = [*self._made, *others]
        return found

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of another; at one offset, what is inserted first stands first."""
        self._made.append((start, end, text))

    def applied(self, text: str, start: int = 0, end: int | None = None) -> str:
        """The changed text between two offsets.

        Parameters:
            text: the whole text, as it was
            start: of the part
            end: of the part; the end of the text if this is None

        Raises:
            ValueError: two changes overlap
        """
        finish = len(text) if end is None else end
        pieces, at, removed = [], start, False
        for begin, stop, new in sorted(self._made, key=lambda one: (one[0], one[1] > one[0])):
            if begin < at and removed and not new:  # the break between two removed lines belongs to both
                at = max(at, stop)
                continue
            if begin < at or stop > finish:
                raise ValueError(f"changes overlap at offset {begin}")
            pieces += [text[at:begin], new]
            at, removed = stop, not new
        return "".join([*pieces, text[at:finish]])
