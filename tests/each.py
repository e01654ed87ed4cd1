"""One test for all values of a table, where pytest.mark.parametrize would make hundreds of tests of a millisecond."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any


def each(name: str, values: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call a test with every value; if it fails, a note of the failure names the value.

    Parameters:
        name: the argument that takes the value; the others are fixtures
        values: at least one
    """
    table = list(values)
    assert table, "a test without values proves nothing"

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)

        @functools.wraps(test)
        def run(**fixtures: Any) -> None:
            for value in table:
                try:
                    test(**fixtures, **{name: value})
                except BaseException as error:
                    error.add_note(f"{name} was {getattr(value, '__name__', value)}")
                    raise

        others = [parameter for parameter in signature.parameters.values() if parameter.name != name]
        run.__dict__["__signature__"] = signature.replace(parameters=others)
        return run

    return decorate
