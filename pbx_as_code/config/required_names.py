"""Names of objects that files cannot create, as declarations use them: prompts, prompt sets, templates, logos."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pbx_as_code.config.configuration import Configuration, Definition
from pbx_as_code.config.kinds import REQUIRED
from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.entities import description

PROMPT_OPTIONS: Final = frozenset({
    "callback_offer_prompt", "comfort_prompts", "custom_prompt", "destination_no_answer_prompt",
    "emergency_play_prompt", "greeting_file", "holiday_prompt", "intro_file", "prompt", "prompt_filename",
})  # fmt: skip
"""Options that name a custom prompt."""
_MUSIC: Final = frozenset({"on_hold_file", *(f"music_on_hold{number}" for number in ("", *range(1, 10)))})
"""Options that name a custom prompt, a playlist, or music that every PBX has."""
_BUILT_IN: Final = "onhold.wav"
"""Music that every PBX has."""
_OTHERS: Final = {"template_name": "phone_template", "custom_logo": "phone_logo"}
_BY_SET: Final = {
    about.entity_set: kind for kind in REQUIRED if isinstance(about := description(kind), EntityDescription)
}


class Named(NamedTuple):
    """The name of a required object in a declaration."""

    kind: str
    """Such as custom_prompt."""
    name: str
    path: tuple[str | int, ...]
    """Options and indexes that lead to it."""


def named_by(definition: Definition) -> Iterator[Named]:
    """Names of required objects that a definition uses.

    Parameters:
        definition: of any kind
    """
    properties = {one.option: one for one in definition.kind.description.properties}
    yield from _within(definition.values, properties, ())


def prompts_named_by(values: Any, path: tuple[str | int, ...] = ()) -> Iterator[Named]:
    """Custom prompts that options name.

    Parameters:
        values: of a definition, or a part of them
        path: that leads to this part
    """
    for one in _within(values, {}, path):
        if one.kind == "custom_prompt" and not _MUSIC & {str(part) for part in one.path}:
            yield one


def is_music(named: Named, configuration: Configuration) -> bool:
    """Whether a name may be that of music which no prompt holds: a playlist, one of its files, or music that every PBX
    has.

    Parameters:
        named: as a definition uses it
        configuration: of the definition
    """
    if not _MUSIC & {str(part) for part in named.path}:
        return False
    lists = configuration.of("playlist")
    files = {str(name) for one in lists for name in one.values.get("files") or ()}
    return named.name in files | {str(one.values.get("name")) for one in lists} or named.name == _BUILT_IN


def _within(
    values: Any, properties: Mapping[str, Property], path: tuple[str | int, ...], option: str = ""
) -> Iterator[Named]:  # fmt: skip
    if isinstance(values, Mapping):
        for name, inner in values.items():
            about = properties.get(name)
            fields = {one.option: one for one in about.fields} if about else {}
            reference = about.reference.entity_set if about and about.reference else ""
            kind = _BY_SET.get(reference, "")
            if kind and isinstance(inner, str) and inner:
                yield Named(kind, inner, (*path, name))
            else:
                yield from _within(inner, fields, (*path, name), name)
    elif isinstance(values, Sequence) and not isinstance(values, str):
        for number, inner in enumerate(values):
            yield from _within(inner, properties, (*path, number), option)
    elif isinstance(values, str) and values:
        found = "custom_prompt" if option in PROMPT_OPTIONS | _MUSIC else _OTHERS.get(option)
        if found:
            yield Named(found, values, path)
