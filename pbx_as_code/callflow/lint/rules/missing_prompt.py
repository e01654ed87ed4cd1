"""Prompts that are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.groups import Receptionist
from pbx_as_code.callflow.model.nodes import Path

_PROMPTS = frozenset({"prompt_filename", "intro_file", "greeting_file", "prompt", "holiday_prompt", "custom_prompt"})
_SPOKEN = ("Default", None)


@rule(
    "missing-prompt",
    Level.WARNING,
    "A prompt is missing",
    why="Callers hear silence, or the announcement that the PBX has for everything.",
    fix="Upload the prompt in the admin console, or name one that is there.",
)
def check(context: Context) -> Iterator[Found]:
    """Menus without a prompt, and prompts that the PBX does not have, as far as its prompts are known."""
    for menu in context.graph.of(Receptionist):
        if not menu.prompt and "prompt_filename" in context.values(menu) and menu.ivr_type in _SPOKEN:
            yield Found(menu.ref, "It has no prompt.", ("prompt_filename",))
    if context.prompts is None:
        return
    for node in context.objects():
        for path, name in _named(context.values(node), ()):
            if name not in context.prompts:
                yield Found(node.ref, f"The prompt {name} is not on the PBX.", path)


def _named(values: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(values, Mapping):
        for option, inner in values.items():
            if option in _PROMPTS and isinstance(inner, str) and inner:
                yield (*path, option), inner
            else:
                yield from _named(inner, (*path, option))
    elif isinstance(values, list):
        for number, inner in enumerate(values):
            yield from _named(inner, (*path, number))
