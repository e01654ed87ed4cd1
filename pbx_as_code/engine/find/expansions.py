"""Asking for navigation properties: they are absent unless they are named, at every depth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from pbx_as_code.description import Property


class Has(Protocol):
    """Whether the PBX has what came with a release."""

    def __call__(self, since: str | None, /) -> bool:
        """None is what every release has."""


def expansions(properties: Iterable[Property], has: Has) -> tuple[str, ...]:
    """What $expand has to name for these properties, such as Groups($expand=Rights); nothing for the plain ones.

    A PBX refuses to answer anything where it is asked for what it does not have.
    """
    return tuple(_expansion(prop, has) for prop in properties if prop.navigation and has(prop.since))


def _expansion(prop: Property, has: Has) -> str:
    inner = ",".join(expansions(prop.fields, has))
    return f"{prop.name}($expand={inner})" if inner else prop.name
