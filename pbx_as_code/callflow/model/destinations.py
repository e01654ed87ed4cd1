"""Destinations of calls, as they are declared."""

from __future__ import annotations

from dataclasses import dataclass

PROCEED = "ProceedWithNoExceptions"
"""`to` of a route that handles the call as if the department were open."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination. A value that the files lack is None."""

    to: str | None
    """Such as Extension, Queue, VoiceMail, External, None (end the call)."""
    number: str | None
    external: str | None

    @property
    def is_set(self) -> bool:
        """Whether it says anything."""
        return self.to is not None


@dataclass(frozen=True, slots=True)
class Route:
    """Destination of calls that arrive while a department is closed, in a break or on holiday."""

    destination: Destination | None
    prompt_enabled: bool | None
    prompt: str | None


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes of a queue, a ring group, a digital receptionist or a department."""

    closed: Route | None
    on_break: Route | None
    holiday: Route | None
    office: Route | None = None
    """Of a department only."""
