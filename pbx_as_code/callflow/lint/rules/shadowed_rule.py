"""Rules that never apply, because an earlier one takes their calls."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.lines import InboundRule, OutboundRule, Trunk

_EVERYBODY = (None, "AllCalls", "BothInternalAndExternal")


@rule(
    "shadowed-rule",
    Level.WARNING,
    "A rule never applies",
    why="An earlier rule takes all of its calls, so that a change of this one has no effect.",
    fix="Move the rule up, narrow the earlier one, or remove one of them.",
)
def check(context: Context) -> Iterator[Found]:
    """Inbound rules in the order of their trunk, and outbound rules by priority."""
    for trunk in context.graph.of(Trunk):
        rules = [found for ref in trunk.rules if isinstance(found := context.graph.nodes.get(ref), InboundRule)]
        for position, later in enumerate(rules):
            first = next((one for one in rules[:position] if _covers(one, later)), None)
            if first is not None:
                yield Found(later.ref, f"{first.title} comes first on trunk {trunk.key} and takes all its calls.")
    outbound = [one for one in context.graph.of(OutboundRule) if not one.emergency and one.priority is not None]
    outbound.sort(key=lambda one: one.priority or 0)
    for position, after in enumerate(outbound):
        before = next((one for one in outbound[:position] if _takes_all(one, after)), None)
        if before is None:
            continue
        why = f"{before.title} has the lower priority {before.priority} and takes all its calls."
        if before.priority == after.priority:
            why = (
                f"{before.title} has the same priority {before.priority} and fits all its calls. Which of them the PBX "
                "tries first is not declared."
            )
        yield Found(after.ref, why)


def _covers(first: InboundRule, later: InboundRule) -> bool:
    """Whether every call that the later rule takes is taken by the first one; its hours do not matter (I6)."""
    if first.call_type not in (*_EVERYBODY, later.call_type):
        return False
    if first.hours is not None and first.hours.type not in (None, "AllHours"):
        return False
    if first.condition == "ForwardAll":
        return True
    if first.condition != later.condition or not first.data or not later.data:
        return False
    wanted = _patterns(later.data)
    return all(any(_within(pattern, wide) for wide in _patterns(first.data)) for pattern in wanted)


def _patterns(data: str) -> list[str]:
    return [part.removeprefix("+") for part in re.split(r"[,;\s]+", data) if part]


def _within(narrow: str, wide: str) -> bool:
    return narrow == wide or (wide.startswith("*") and narrow.lstrip("*").endswith(wide[1:]))


def _takes_all(first: OutboundRule, later: OutboundRule) -> bool:
    prefixes = not first.prefixes or (
        bool(later.prefixes) and all(any(one.startswith(wide) for wide in first.prefixes) for one in later.prefixes)
    )
    lengths = not first.lengths or first.lengths == later.lengths
    anybody = not first.ranges and not first.departments
    same = (first.ranges, first.departments) == (later.ranges, later.departments)
    return prefixes and lengths and (anybody or same)
