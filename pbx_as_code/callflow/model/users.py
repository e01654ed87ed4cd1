"""Users, with everything that decides about calls to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

from pbx_as_code.callflow.model.destinations import Destination
from pbx_as_code.callflow.model.nodes import Node
from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.model.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Split:
    """Destinations of internal and of external callers."""

    internal: Destination | None
    external: Destination | None
    all_calls: bool | None
    """Whether `external` counts for everybody (U6)."""


_NOTHING: Final = Split(None, None, None)


@dataclass(frozen=True, slots=True)
class AwayRoute:
    """Destinations while a user is away or out of the office."""

    internal: Destination | None
    external: Destination | None
    all_hours_internal: bool | None
    all_hours_external: bool | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A forwarding profile (status)."""

    name: str
    """Available, Away, Out of office, Custom 1, Custom 2."""
    no_answer_timeout: int | None
    """Seconds."""
    no_answer: Split
    busy: Split
    not_registered: Split
    away: AwayRoute
    ring_my_mobile: bool | None
    accept_multiple_calls: bool | None
    disable_ring_group_calls: bool | None
    auto_queue_log_out: bool | None
    """`office_hours_auto_queue_log_out`: the profile logs the user out of queues (Q3)."""

    @property
    def is_away(self) -> bool:
        """Whether calls are sent on at once (U7): it has only such destinations, or its name says so."""
        rings = any(part != _NOTHING for part in (self.no_answer, self.busy, self.not_registered))
        leaves = self.away.internal is not None or self.away.external is not None
        return leaves if rings != leaves else self.name not in ("Available", "Custom 1")


class Profiles(Sequence[Profile]):
    """The profiles of a user, each made when it is first asked for: a queue looks at one profile of each agent."""

    __slots__ = ("_made", "_make", "_written")

    def __init__(self, written: Sequence[Any], names: Sequence[str], make: Callable[[Any], Profile]) -> None:
        """No profile is made yet.

        Parameters:
            written: the profiles as they are declared
            names: their names, in the same order
            make: turns one of `written` into a profile
        """
        self._written = tuple(zip(names, written, strict=True))
        self._make = make
        self._made: dict[int, Profile] = {}

    def named(self, name: str) -> Profile | None:
        """The first profile with a name; None if there is none."""
        return next((self._at(number) for number, (known, _) in enumerate(self._written) if known == name), None)

    def _at(self, number: int) -> Profile:
        made = self._made.get(number)
        if made is None:
            made = self._made[number] = self._make(self._written[number][1])
        return made

    @overload
    def __getitem__(self, index: int) -> Profile: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Profile, ...]: ...

    def __getitem__(self, index: int | slice) -> Profile | tuple[Profile, ...]:
        numbers = range(len(self._written))[index]
        return self._at(numbers) if isinstance(numbers, int) else tuple(map(self._at, numbers))

    def __iter__(self) -> Iterator[Profile]:
        return map(self._at, range(len(self._written)))

    def __len__(self) -> int:
        return len(self._written)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Profiles) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, slots=True)
class ForwardingException:
    """A forwarding exception; the order of a user's exceptions counts."""

    condition: str | None
    data: str | None
    call_type: str | None
    hours: Schedule | None
    destination: Destination | None
    enabled: bool | None


@dataclass(frozen=True, slots=True)
class UserState:
    """State that changes while people telephone (T3). None: unknown, as in exported files."""

    profile: str | None
    queue_status: str | None
    registered: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class User(Node):
    """A user. The key is the extension number."""

    primary_department: Ref | None
    departments: tuple[Ref, ...]
    enabled: bool | None
    mobile: str | None
    outbound_caller_id: str | None
    internal: bool | None
    """Whether outside calls are barred (O2)."""
    pin_protected: bool | None
    voicemail_enabled: bool | None
    profiles: Profiles
    exceptions: tuple[ForwardingException, ...]
    hours_options: frozenset[str] | None
    """`office_hours_props`: GlobalSchedule, AutoSwitchProfiles, AutoQueueLogOut, BlockOutboundCalls."""
    hours: Schedule | None
    break_time: Schedule | None
    ai_agent: bool | None
    state: UserState
