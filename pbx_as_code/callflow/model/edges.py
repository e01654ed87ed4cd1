"""Edges: what leads from one place of a call to the next, and under which condition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pbx_as_code.callflow.model.nodes import Path
from pbx_as_code.callflow.model.refs import Ref

if TYPE_CHECKING:
    from pbx_as_code.callflow.model.destinations import Destination


class When(str, Enum):
    """Condition of an edge. `TIMED` are decided by the time, `STATED` by a state, the others by people or numbers."""

    ALWAYS = "always"
    ARRIVES = "arrives on trunk"
    BLOCKED = "caller is blocked"
    MATCHES_CALLER = "caller id matches"
    MATCHES_DID = "DID matches"
    NO_OTHER_RULE = "no other rule matches"
    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    BREAK = "break"
    OPERATOR = "override: custom operator"
    ANSWER = "member"
    """To a member or an agent that rings."""
    NO_ANSWER = "no answer"
    BUSY = "busy"
    NOT_REGISTERED = "not registered"
    AWAY = "away"
    EXCEPTION = "forwarding exception"
    RINGS_TOO = "rings at the same time"
    CALLBACK = "callback"
    KEY = "key"
    TIMEOUT = "no input"
    INVALID_KEY = "invalid key"
    SCRIPT = "named by the script"
    PARKED_TOO_LONG = "parked too long"
    FALLBACK = "not accepted"
    """A call to an external number that falls back to the mailbox."""
    DIALLED = "dialled"
    ROUTE = "route"
    """From an outbound rule to a trunk."""

    def __str__(self) -> str:
        return self.value


TIMED = frozenset({When.OPEN, When.CLOSED, When.HOLIDAY, When.BREAK})
"""Conditions that the time and the department decide."""
STATED = frozenset({When.AWAY, When.OPERATOR})
"""Conditions that a state of the PBX decides."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from a place to the next."""

    source: Ref
    target: Ref
    when: When
    rules: tuple[str, ...]
    """Numbers of the rules it rests on, see `callflow.rules`."""
    path: Path = ()
    """Path of the declaring option within the definition of `source`."""
    destination: Destination | None = None
    """As it is declared, if a destination declares it."""
    key: str | None = None
    """Key that is pressed, number or pattern that has to match."""
    caller: str | None = None
    """internal or external: the callers it is for; None: both."""
    profile: str | None = None
    """Forwarding profile of a user it belongs to."""
    seconds: int | None = None
    """Seconds that pass before it is taken: ringing, waiting; None: none, or unknown (see `waits`)."""
    waits: bool = False
    """Whether time passes before it is taken, known or not."""
    position: int | None = None
    """Its position among edges whose order counts: rules, members, routes."""
    counts: bool | None = True
    """Whether the flag that switches it on is set; False: declared, and switched off; None: unknown."""

    @property
    def label(self) -> str:
        """For people: key 1, no answer after 20 s, closed."""
        words = [self.profile] if self.profile else []
        words += [f"{self.caller} callers"] if self.caller else []
        words.append(f"{self.when} {self.key}" if self.key else str(self.when))
        label = ": ".join(word for word in (", ".join(words[:-1]), words[-1]) if word)
        if self.waits:
            label += f" after {self.seconds} s" if self.seconds is not None else " after unknown seconds"
        return label

    @property
    def title(self) -> str:
        """The label at the beginning of a sentence: Key 1. Names and patterns in it stay as they are."""
        return self.label[:1].upper() + self.label[1:]
