"""Numbers against the patterns of rules (I2)."""

from __future__ import annotations

import re
from typing import Final

from pbx_as_code.callflow.model.lines import InboundRule

_SPLIT: Final = re.compile(r"[,;]")
_NOISE: Final = re.compile(r"[\s\-./()]")


def bare(number: str) -> str:
    """A number without separators and without a leading +; leading zeros count."""
    return _NOISE.sub("", number).removeprefix("+")


def matches(data: str | None, number: str) -> bool:
    """Whether a number fits the data of a rule: a number, or * and its last digits, or several of them.

    Parameters:
        data: of the rule
        number: that was called, or of the caller
    """
    wanted = bare(number)
    # Blanks separate numbers, and also the parts of one.
    return any(
        _fits(part, wanted) for some in _SPLIT.split(data or "") for part in (some.strip(), *some.split()) if part
    )


def takes(rule: InboundRule, number: str) -> bool:
    """Whether an inbound rule takes calls to a number. Caller and time are not looked at.

    Parameters:
        rule: as declared
        number: that was called
    """
    return rule.condition == "ForwardAll" or (rule.condition == "BasedOnDID" and matches(rule.data, number))


def _fits(pattern: str, number: str) -> bool:
    wanted = bare(pattern)
    if wanted.startswith("*"):
        return number.endswith(wanted.lstrip("*"))
    if wanted.endswith("*"):
        return number.startswith(wanted.rstrip("*"))
    return number == wanted
