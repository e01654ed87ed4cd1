"""Reasons: why the call flow goes on as it does, each with the number of its rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason."""

    rule: str
    """Number of the rule in `callflow.rules`, such as D9."""
    text: str
    """For people, such as "BER is open: Tuesday 09:00-17:00"."""
    assumed: bool = False
    """Whether it rests on an assumption, because the rule is uncertain or a fact is unknown."""

    def __str__(self) -> str:
        return f"{'assumed: ' if self.assumed else ''}{self.text} [{self.rule}]"
