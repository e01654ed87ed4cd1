"""Results in words for a user of the command: the engine words its reasons for tasks of Ansible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pbx_as_code.cli.failures import for_commands

if TYPE_CHECKING:
    from pbx_as_code.config.applying.apply import Applied, Fate
    from pbx_as_code.config.planning.operations import Plan
    from pbx_as_code.fleet.running.outcomes import Outcome


Words = Callable[[str], str]


def worded_fate(fate: Fate, words: Words = for_commands) -> Fate:
    """The same result of an operation, with its reason for a user of the command."""
    return replace(fate, why=words(fate.why)) if fate.why else fate


def worded_apply(applied: Applied, words: Words = for_commands) -> Applied:
    """The same result of an apply, with its reasons for a user of the command."""
    warnings = [words(text) for text in applied.warnings]
    return replace(applied, fates=[worded_fate(fate, words) for fate in applied.fates], warnings=warnings)


def worded_plan(plan: Plan, words: Words = for_commands) -> Plan:
    """The same plan, with its reasons for a user of the command."""
    reasons = {why: words(why) for why in {one.why for one in plan.uncompared}}  # few, of thousands of values
    if any(why != reasons[why] for why in reasons):
        return replace(plan, uncompared=[replace(one, why=reasons[one.why]) for one in plan.uncompared])
    return plan


def worded_outcome(outcome: Outcome) -> Outcome:
    """The same result of a PBX of a fleet, with its reasons for a user of the command."""
    words = partial(for_commands, fleet=True)
    return replace(
        outcome,
        why=words(outcome.why),
        plan=worded_plan(outcome.plan, words) if outcome.plan is not None else None,
        applied=worded_apply(outcome.applied, words) if outcome.applied is not None else None,
        notes=tuple(map(words, outcome.notes)),
    )
