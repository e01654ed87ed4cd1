"""A call to trace: where it begins, when, from whom, and what to assume."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.users import User
from pbx_as_code.errors import BadOption

BUSY: Final = "busy"
UNREGISTERED: Final = "unregistered"
LOGGED_OUT: Final = "logged-out"
LOGGED_IN: Final = "logged-in"
FREE: Final = "free"
PROFILES: Final[Mapping[str, str]] = {
    "available": "Available",
    "away": "Away",
    "out-of-office": "Out of office",
    "dnd": "Out of office",
    "custom-1": "Custom 1",
    "custom-2": "Custom 2",
}
"""Words of --assume for profiles."""
WORDS: Final = (BUSY, UNREGISTERED, FREE, LOGGED_IN, LOGGED_OUT, *PROFILES)
"""Words of --assume. `free` is registered and not on a call."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call."""

    start: Ref
    """DID, trunk, or any object."""
    at: datetime
    """With a zone. Where no zone of a department is known, its wall clock counts."""
    caller: str | None = None
    """Number of the caller; None: any, and rules by caller id become branches."""
    extension: str | None = None
    """Extension of an internal caller; None: the call comes from outside."""
    assume: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Words by extension, see `WORDS`."""
    ignore_state: bool = False
    """Leave out states: profiles, logins, registrations, overrides (T3)."""

    @property
    def internal(self) -> bool:
        """Whether the caller has an extension."""
        return self.extension is not None

    def assumed(self, number: str, word: str) -> bool:
        """Whether something is assumed about an extension."""
        return word in self.assume.get(number, ())

    def assumed_profile(self, number: str) -> str | None:
        """Profile that is assumed for an extension; None if none is."""
        return next((PROFILES[word] for word in self.assume.get(number, ()) if word in PROFILES), None)


def assumptions(graph: CallGraph, given: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Assumptions about extensions.

    Parameters:
        graph: of the extensions
        given: such as "101=busy" or "101,102=away"; "all=busy" means every user

    Raises:
        BadOption: an extension or a word does not exist
    """
    found: dict[str, set[str]] = {}
    for text in given:
        numbers, _, words = text.partition("=")
        for word in words.split(","):
            if word not in WORDS:
                raise BadOption(f"--assume {text}: there is no {word or 'state'}. Choose from {', '.join(WORDS)}.")
        for number in numbers.split(","):
            if number == "all":
                named = [ref.key for ref in graph.nodes if ref.kind is Kind.USER]
            elif Ref(Kind.USER, number) in graph.nodes:
                named = [number]
            else:
                raise BadOption(f"--assume {text}: there is no user {number}.")
            for one in named:
                found.setdefault(one, set()).update(words.split(","))
    return {number: frozenset(words) for number, words in found.items()}


def state_of(call: Call, user: User) -> tuple[str | None, str | None, bool | None]:
    """Profile, queue login and registration of a user as exported; None where unknown or left out."""
    if call.ignore_state:
        return None, None, None
    return user.state.profile, user.state.queue_status, user.state.registered
