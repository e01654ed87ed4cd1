"""What an entity is called in a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pbx_as_code.description import Description, SettingsDescription
from pbx_as_code.engine.options.option_specs import keys


def of_row(description: Description, row: Mapping[str, Any]) -> str:
    """An entity the PBX answered, such as: fax 12 (number 800)."""
    if isinstance(description, SettingsDescription):
        return description.label
    within = () if description.below is None else (description.below.within,)
    extra = [
        f"{key.option} {row[key.name]}"
        for key in (*within, *description.natural_keys)
        if row.get(key.name) not in (None, "")
    ]
    title = next((p for p in description.properties if p.option == description.title and not p.secret), None)
    if (
        title is not None
        and row.get(title.name) not in (None, "")
        and title.name not in {k.name for k in keys(description)}
    ):
        extra.append(f'"{row[title.name]}"')
    return f"{description.label} {row.get(description.key.name)}" + (f" ({', '.join(extra)})" if extra else "")


def of_options(description: Description, options: Mapping[str, Any]) -> str:
    """An entity as a task names it, such as: fax with number 800."""
    named = [f"{key.option} {options[key.option]}" for key in keys(description) if options.get(key.option) is not None]
    return f"{description.label} with {' and '.join(named)}" if named else description.label
