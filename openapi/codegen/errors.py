"""The one exception by which the programs behind make refuse their input."""

from __future__ import annotations

import sys
from collections.abc import Callable
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
