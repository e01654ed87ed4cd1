"""Queues and ring groups that nobody answers."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.groups import Queue, RingGroup


@rule(
    "no-members",
    Level.ERROR,
    "A queue or ring group has no members",
    why="Every call goes to the destination for unanswered calls at once, or ends.",
    fix="Add agents or members, or remove the object.",
)
def check(context: Context) -> Iterator[Found]:
    """Queues without agents, and ring groups without members."""
    for queue in context.graph.of(Queue):
        if not queue.agents and "agents" in context.values(queue):
            yield Found(queue.ref, "It has no agents.", ("agents",))
    for group in context.graph.of(RingGroup):
        if not group.members and "members" in context.values(group):
            yield Found(group.ref, "It has no members.", ("members",))
