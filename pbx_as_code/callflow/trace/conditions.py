"""Kinds of conditions on which calls branch. Labels of branches are for people; programs go by these."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class On(str, Enum):
    """Kind of a condition. Its words are part of calls.yml and of `trace --json`, so they stay as they are."""

    ANSWERED = "answered"
    NO_ANSWER = "no answer"
    BUSY = "busy"
    """The phone is on a call; of an outgoing call also: no response, or cancelled."""
    NOT_REGISTERED = "not registered"
    LOGGED_OUT = "logged out"
    """No agent of the queue is logged in."""
    FULL = "full"
    """As many callers wait in the queue as it takes."""
    KEY = "key"
    """Its value is the key as declared."""
    NO_KEY = "no key"
    INVALID_KEY = "invalid key"
    EXTENSION = "extension"
    """The caller dials one at a menu."""
    CALLBACK = "callback"
    CALLER = "caller"
    """The caller matches a rule or an exception; its value is the pattern."""
    OTHER_CALLERS = "other callers"
    PROFILE = "profile"
    """Its value is the name of the profile."""
    ACCEPTED = "accepted"
    """The outside number that a call rings first takes it."""
    TAKEN = "taken"
    """The provider takes an outgoing call."""
    REFUSED = "refused"
    """The provider refuses an outgoing call."""
    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    BREAK = "break"
    OPERATOR = "custom operator"
    AWAY = "away"
    """A profile sends calls on at once."""
    EXCEPTION = "exception"
    """A forwarding exception takes the call; its value is the position, from 1."""

    def __str__(self) -> str:
        return self.value


EVENTS = frozenset({
    On.ANSWERED, On.BUSY, On.NOT_REGISTERED, On.LOGGED_OUT, On.FULL, On.KEY, On.INVALID_KEY, On.EXTENSION, On.CALLBACK,
    On.CALLER, On.ACCEPTED, On.REFUSED,
})  # fmt: skip
"""Conditions that do not hold by themselves: without any of them nobody answers and nobody presses a key."""
CHOICES = EVENTS | {On.NO_ANSWER, On.NO_KEY, On.OTHER_CALLERS, On.PROFILE, On.TAKEN}
"""Conditions that people decide, or states; the others are decided by the time."""


class Condition(NamedTuple):
    """A condition on which a call takes a branch."""

    on: On
    value: str = ""

    def __str__(self) -> str:
        return f"{self.on} {self.value}".rstrip()


def key(text: str) -> str:
    """A key of a menu as people press it: 1 for Input1."""
    return text.removeprefix("Input")
