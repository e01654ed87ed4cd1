"""Bounds that hold for every task."""

from typing import Final

LARGEST_LIST: Final = 256 << 20
"""Bytes of JSON of one list that a task reads at most: it keeps all rows, and an answer may never come to an end."""
