"""The forwarding profile of a user at a time (U3, U4)."""

from __future__ import annotations

from dataclasses import dataclass

from pbx_as_code.callflow.hours.periods import inside
from pbx_as_code.callflow.hours.state import Standing, State
from pbx_as_code.callflow.model.users import Profile, User
from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.trace.calls import state_of
from pbx_as_code.callflow.trace.steps import Elapsed
from pbx_as_code.callflow.trace.walker import Walker

AVAILABLE = "Available"
_BY_HOURS = {State.OPEN: AVAILABLE, State.BREAK: "Away"}


@dataclass(frozen=True, slots=True)
class Current:
    """A profile that counts, or may count."""

    name: str
    profile: Profile | None
    """None: the user has no such profile."""
    reason: Reason
    certain: bool
    """False: any other profile may count as well."""


def profile_named(user: User, name: str) -> Profile | None:
    """A user's profile by its name; None if there is none."""
    return user.profiles.named(name)


def current_profile(walker: Walker, user: User, elapsed: Elapsed) -> Current:
    """The profile that counts: assumed by the user of the trace, switched by hours, as exported, or unknown."""
    number = user.key
    assumed = walker.call.assumed_profile(number)
    if assumed is not None:
        return _current(user, assumed, Reason("U3", f"{number} is {assumed}, as you assume"), True)
    if "AutoSwitchProfiles" in (user.hours_options or ()):
        states = user_standings(walker, user, elapsed)
        if len(states) == 1:
            name = _BY_HOURS.get(states[0].state, "Out of office")
            reason = Reason("U4", f"{number} is switched by hours: {states[0].state}, so {name}", assumed=True)
            return _current(user, name, reason, True)
    stated = state_of(walker.call, user)[0]
    if stated is not None:
        return _current(user, stated, Reason("U3", f"{number} is {stated}, as exported"), True)
    reason = Reason("U3", f"the profile of {number} is unknown: {AVAILABLE} first", assumed=True)
    return _current(user, AVAILABLE, reason, False)


def _current(user: User, name: str, reason: Reason, certain: bool) -> Current:
    return Current(name, profile_named(user, name), reason, certain)


def user_standings(walker: Walker, user: User, elapsed: Elapsed) -> tuple[Standing, ...]:
    """State of a user: of the department with GlobalSchedule, else by the user's own hours (U4)."""
    options = user.hours_options
    if options is None or "GlobalSchedule" in options or user.hours is None:
        return walker.standings(user.ref, elapsed)
    local = walker.local(user.ref, elapsed).time
    department = walker.standings(user.ref, elapsed)
    if any(one.state is State.HOLIDAY for one in department):
        return department
    if user.break_time is not None and user.break_time.periods and inside(user.break_time, local).inside:
        return (Standing(State.BREAK, (Reason("U4", f"{user.key} has a break"),)),)
    state = State.OPEN if user.hours.type == "AllHours" or inside(user.hours, local).inside else State.CLOSED
    return (Standing(state, (Reason("U4", f"{user.key} has own hours: {state}"),)),)
