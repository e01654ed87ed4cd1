"""Messages of the command in the terms of a task: its options instead of those of the command line."""

from __future__ import annotations

import re
from typing import Final

_OPTIONS: Final = (
    (re.compile(r"--(remove|prune|replace|include|exclude) (?=\S)"), r"\1: "),
    (re.compile(r"--waive (?=\S)"), "waiver: "),
    (re.compile(r"--other-pbx\b"), "other_pbx: true"),
    (re.compile(r"or give --secrets-file or --secrets-command"), "or give secrets"),
    (re.compile(r"; --json lists all"), "; not_compared lists all"),
)


def for_a_task(said: str) -> str:
    """A message with the options of threecx_config.

    Parameters:
        said: as the command says it
    """
    for pattern, option in _OPTIONS:
        said = pattern.sub(option, said)
    return said
