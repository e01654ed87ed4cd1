"""How a tag becomes an attribute of the client."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _Tag:
    """Makes the operations of a tag when they are first asked for, and leaves them with the client."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def __get__(self, client: Any, owner: type) -> Any:
        kind = getattr(import_module(f".api.{self._module}", __package__), self._name)
        if client is None:
            return kind
        made = client.__dict__[self._module] = kind(client)
        return made


def tag(module: str, name: str) -> Any:
    """An attribute of the client.

    Parameters:
        module: of the tag below `api`, which is also the attribute's name
        name: of its class there
    """
    return _Tag(module, name)
