"""Documentation of the 3CX release that an option, a choice or a module needs."""

from __future__ import annotations

from collections.abc import Iterable

from openapi.codegen.modules.properties import Documented


def of_option(item: Documented) -> list[str]:
    """Releases needed by an option and its choices: a few sentences or none."""
    facts = item.property
    needs = f"Available from 3CX {facts.since}." if facts.read_only else f"Needs 3CX {facts.since}."
    said = [] if facts.since is None else [needs]
    for since in dict.fromkeys(since for _, since in facts.newer):
        members = [f"V({member})" for member, came in facts.newer if came == since]
        verb = "needs" if len(members) == 1 else "need"
        said.append(f"{_listed(members)} {verb} 3CX {since}.")
    return said


def of_module(since: str | None, properties: Iterable[Documented] = ()) -> list[str]:
    """The notes of a module; the properties that are its options."""
    said = [] if since is None else [f"This module needs 3CX {since}."]
    if _any_newer(properties):
        said.append(
            "The task fails before it changes anything if an option or choice needs a newer 3CX release than the PBX "
            "has."
        )
    return said


def _any_newer(properties: Iterable[Documented]) -> bool:
    return any(
        not item.property.read_only and (item.property.since or item.property.newer or _any_newer(item.fields))
        for item in properties
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
