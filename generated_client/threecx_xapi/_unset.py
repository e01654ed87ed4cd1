"""The one value that says "not given", which is not the same as null."""

from __future__ import annotations

from typing import Any, Final, Literal


class Unset:
    """A value nobody gave. There is one of it, ``UNSET``; it is falsy, and prints as ``Unset``."""

    __slots__ = ()
    _only: Unset | None = None

    def __new__(cls) -> Unset:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "Unset"

    # `value is UNSET` must hold after a copy and after a journey through a pickle.
    def __copy__(self) -> Unset:
        return self

    def __deepcopy__(self, _memo: Any) -> Unset:
        return self

    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Final[Unset] = Unset()
