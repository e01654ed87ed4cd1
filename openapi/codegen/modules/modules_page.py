"""The page that lists all modules by topic, with their actions, keys and _info modules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from openapi.codegen.modules.render import OF_NO_ENTITY
from openapi.codegen.modules.words import ENVIRONMENT
from pbx_as_code.description import Description, EntityDescription
from pbx_as_code.entities import NAMES, description

PATH = "docs/modules.md"


def page(descriptions: Iterable[Description], areas: Mapping[str, str]) -> str:
    """The text of the page: a table for each area, in it a row for each kind of thing, in alphabetical order.

    Args:
        descriptions: of all kinds.
        areas: patterns for the names of modules by area.
    """
    descriptions = list(descriptions)
    rows = {f"threecx_{facts.name}": _row(facts) for facts in descriptions}
    rows |= {name: (f"`{name}`", does, "", "") for name, (_, does) in OF_NO_ENTITY.items()}
    tables: dict[str, list[tuple[str, ...]]] = {area: [] for area in areas}
    for name in sorted(rows):
        tables[_area(name, areas)].append(rows[name])
    return ENVIRONMENT.get_template("modules.md.jinja").render(numbers=numbers(descriptions), tables=tables)


def run() -> None:
    """Print how many modules there are, as the READMEs say it."""
    print(numbers(map(description, NAMES)))


def _row(facts: Description) -> tuple[str, ...]:
    keys, verbs = list[str](), {"change": True}
    if isinstance(facts, EntityDescription):
        keys = [f"`{key.option}`" for key in (*facts.natural_keys, facts.key)]
        verbs = {"create": facts.can_create, "change": facts.can_update, "remove": facts.can_delete}
        verbs |= dict.fromkeys(("start", "stop", "restart"), facts.steering is not None)
    module, does = "", "look"
    if _changes(facts):
        module, does = f"`threecx_{facts.name}`", ", ".join(verb for verb, can in verbs.items() if can)
    return module, does, ", ".join(dict.fromkeys(keys)), f"`threecx_{facts.name}_info`"


def _changes(facts: Description) -> bool:
    """Whether there is a module that changes something, beside the one that reads."""
    return facts.changeable or (isinstance(facts, EntityDescription) and facts.steering is not None)


def numbers(descriptions: Iterable[Description]) -> str:
    """How many modules there are, in words, for everybody who says so."""
    every = list(descriptions)
    changing = list(filter(_changes, every))
    settings = sum(not isinstance(facts, EntityDescription) for facts in changing)
    entities = sum(isinstance(facts, EntityDescription) and facts.steering is None for facts in changing)
    others = len(changing) - settings - entities + len(OF_NO_ENTITY)
    total = len(every) + entities + settings + others
    return (
        f"{total} modules: {entities} for objects, {settings} for settings, {others} other modules and {len(every)} "
        "read-only `_info` modules."
    )


def _area(name: str, areas: Mapping[str, str]) -> str:
    about = name.removeprefix("threecx_")
    return next(area for area, words in areas.items() if re.search(rf"(?:\b|_)(?:{words})(?:\b|_|s\b)", about))
