"""Descriptions of all objects and settings: facts only, one generated file each."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from pbx_as_code.description import Description
from pbx_as_code.entities._names import NAMES

__all__ = ["NAMES", "description", "of_module"]


@cache
def description(name: str) -> Description:
    """The description of a kind of object or settings, such as `user` or `mail_settings`.

    Raises:
        KeyError: there is no such kind
    """
    if name not in NAMES:
        raise KeyError(name)
    found: Description = import_module(f"{__name__}.{name}").DESCRIPTION
    return found


def of_module(module: str) -> tuple[Description, bool] | None:
    """The description a module of the collection is about, and whether it only reads; None where it is about none.

    Parameters:
        module: its short name, such as threecx_user or threecx_user_info
    """
    name = module.removeprefix("threecx_")
    for kind, reads in ((name, False), (name.removesuffix("_info"), True)):
        if kind in NAMES:
            return description(kind), reads
    return None
