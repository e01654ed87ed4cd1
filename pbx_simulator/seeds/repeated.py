"""Seeds of many rows: one row that stands for ten thousand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

TIMES, FROM = "$times", "$from"
_NUMBER = "{n}"
_MOST = 1_000_000


class SeedError(Exception):
    """A seed that cannot be used; the message says what is wrong with it."""


def rows(name: str, given: Iterable[Any]) -> Iterator[Any]:
    """Rows of a seed, each that has `$times` that often.

    `{n}` in its texts, however deep, is the number of the repetition: from `$from` on, from 1 where it does not say.
    name: of the entity set, for messages.

    Raises:
        SeedError: for a `$times` or `$from` that is no such number.
    """
    for row in given:
        if not isinstance(row, dict) or not row.keys() & {TIMES, FROM}:
            yield row
            continue
        times, first = row.get(TIMES), row.get(FROM, 1)
        for what, number, most in ((TIMES, times, _MOST), (FROM, first, 10**15)):
            if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= most:
                raise SeedError(f"{name}: {what} is a whole number from 0 to {most}, not {number!r}")
        model = {prop: value for prop, value in row.items() if prop not in (TIMES, FROM)}
        for number in range(first, first + (times or 0)):
            yield _numbered(model, str(number))


def _numbered(value: Any, number: str) -> Any:
    if isinstance(value, str):
        return value.replace(_NUMBER, number)
    if isinstance(value, dict):
        return {prop: _numbered(inner, number) for prop, inner in value.items()}
    if isinstance(value, list):
        return [_numbered(inner, number) for inner in value]
    return value
