"""A string that does not show."""

from __future__ import annotations

from typing import Any


class Secret:
    """Holds a secret so that no repr, traceback, log line or pickle shows it; ``reveal()`` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself. Use it in the expression that sends it, and keep it in no variable."""
        return self._value

    def __repr__(self) -> str:
        return "'********'"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> Any:
        raise TypeError("A secret is not pickled.")


class Body(bytes):
    """The body of a request, which may be full of passwords: its repr, as a traceback with locals prints it, is its
    size.
    """

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"
