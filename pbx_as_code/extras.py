"""Packages of extras. If one is missing, the failure names the pip command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pbx_as_code.errors import MissingPackage


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Import packages of an extra within this context.

    Parameters:
        name: of the extra in pyproject.toml

    Raises:
        MissingPackage: one of them is not installed
    """
    try:
        yield
    except ImportError as error:
        raise missing_package(error, name) from None


def missing_package(error: ImportError, extra: str) -> MissingPackage:
    """The failure that a missing package causes.

    Parameters:
        error: of its import
        extra: the extra that installs it
    """
    if not isinstance(error, ModuleNotFoundError):  # the simulator's, which names its packages itself
        return MissingPackage(str(error))
    package = (error.name or str(error)).partition(".")[0]
    return MissingPackage(f"The package {package} is not installed. Run: pip install 'threecx-xapi[{extra}]'")
