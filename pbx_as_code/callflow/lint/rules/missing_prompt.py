"""Prompts that are missing."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.groups import Receptionist
from pbx_as_code.config.required_names import prompts_named_by

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
        for one in prompts_named_by(context.values(node)):
            if one.name not in context.prompts:
                yield Found(node.ref, f"The prompt {one.name} is not on the PBX.", one.path)
