"""PINs that are easy to guess."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.refs import Kind, Ref

_USUAL = frozenset({"1234", "12345", "123456", "4321", "0123", "01234", "2580", "1122", "1212", "2000", "6969"})
_SHORTEST = 4


@rule(
    "weak-pin",
    Level.WARNING,
    "A voicemail PIN is easy to guess",
    why="Strangers who guess it listen to messages, and may forward calls at your expense.",
    fix="Set another PIN, or let the user choose one.",
)
def check(context: Context) -> Iterator[Found]:
    """Users whose PIN is known to be weak; the PIN itself is not told."""
    for number in sorted(context.pins or ()):
        ref = Ref(Kind.USER, number)
        if ref in context.graph.nodes:
            yield Found(ref, "Its voicemail PIN is easy to guess.", ("vm_pin",))


def weak(number: str, pin: str) -> bool:
    """Whether a PIN is easy to guess: short, the number itself, one digit, or one of the usual ones.

    Parameters:
        number: of the user
        pin: of the voicemail
    """
    own = re.escape(number)
    return (
        len(pin) < _SHORTEST
        or len(set(pin)) == 1
        or pin in _USUAL
        or re.fullmatch(f"{own}({own}|0|00)?", pin) is not None
    )
