"""Messages of the command in the terms of a task: its options instead of those of the command line."""

from __future__ import annotations

import re
from typing import Any, Final

_OPTIONS: Final = (
    (re.compile(r"--(remove|prune|replace|include|exclude) (?=\S)"), r"\1: "),
    (re.compile(r"--waive (?=\S)"), "waiver: "),
    (re.compile(r"--other-pbx\b"), "other_pbx: true"),
    (re.compile(r"or give --secrets-file or --secrets-command"), "or give secrets"),
    (re.compile(r"; --json lists all"), "; the result lists all"),
)

_SECRET: Final = "Write `{secret: NAME}` and give the value in secrets"  # noqa: S105 a sentence
_IN_A_STRUCTURE: Final = ("Write `!secret NAME` and keep the value out of the files", _SECRET)


def for_a_task(said: str, *, structure: bool = False) -> str:
    """A message with the options of threecx_config.

    Parameters:
        said: as the command says it
        structure: whether the task declares by `config`, which has no tags
    """
    for pattern, option in _OPTIONS:
        said = pattern.sub(option, said)
    return said.replace(*_IN_A_STRUCTURE) if structure else said


def result_for_a_task(result: dict[str, Any], *, structure: bool) -> None:
    """Put the messages of a result into the terms of a task.

    Parameters:
        result: of threecx_config
        structure: whether the task declares by `config`
    """
    for name in {"msg", "markdown"} & result.keys():
        result[name] = for_a_task(result[name], structure=structure)
    for name in {"impossible", "problems"} & result.keys():
        result[name] = [for_a_task(one, structure=structure) for one in result[name]]
    for one in result.get("operations", ()):
        if one["why"]:
            one["why"] = for_a_task(one["why"])
