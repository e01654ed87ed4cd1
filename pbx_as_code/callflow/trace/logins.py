"""Whether an agent is logged in to a queue (Q3)."""

from __future__ import annotations

from typing import NamedTuple

from pbx_as_code.callflow.hours.state import State
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.users import User
from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.trace.calls import LOGGED_IN, LOGGED_OUT, state_of
from pbx_as_code.callflow.trace.profiles import current_profile, user_standings
from pbx_as_code.callflow.trace.steps import Elapsed
from pbx_as_code.callflow.trace.walker import Walker


class Login(NamedTuple):
    """Whether an agent is logged in."""

    logged_in: bool | None
    """None: unknown."""
    reason: Reason | None


def login(walker: Walker, number: str, elapsed: Elapsed) -> Login:
    """Whether an agent is logged in to a queue.

    Parameters:
        walker: of the trace
        number: of the agent
        elapsed: seconds so far
    """
    user = walker.graph.nodes.get(Ref(Kind.USER, number))
    if not isinstance(user, User):
        found = walker.graph.by_number(number)
        return Login(found is not None, None if found else Reason("L2", f"agent {number} does not exist"))
    if user.enabled is False:
        return Login(False, Reason("U1", f"{number} is disabled", assumed=True))
    if walker.call.assumed(number, LOGGED_OUT):
        return Login(False, Reason("T2", f"{number} is logged out, as you assume"))
    if walker.call.assumed(number, LOGGED_IN):
        return Login(True, Reason("T2", f"{number} is logged in, as you assume"))
    current = current_profile(walker, user, elapsed)
    if current.certain and current.profile and current.profile.auto_queue_log_out:
        return Login(False, Reason("Q3", f"the profile {current.name} logs {number} out of queues"))
    if "AutoQueueLogOut" in (user.hours_options or ()):
        states = user_standings(walker, user, elapsed)
        if states and all(one.state in (State.CLOSED, State.HOLIDAY) for one in states):
            return Login(False, Reason("Q3", f"{number} is logged out outside hours", assumed=True))
    status = state_of(walker.call, user)[1]
    if status == "LoggedOut":
        return Login(False, Reason("Q3", f"{number} is logged out, as exported"))
    if status == "LoggedIn":
        return Login(True, Reason("Q3", "agents are logged in as exported; logins to single queues are unknown"))
    return Login(None, Reason("Q3", "whether agents are logged in is unknown", assumed=True))
