"""Results in words for a user of the command: the engine words its reasons for tasks of Ansible."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pbx_as_code.cli.failures import for_commands

if TYPE_CHECKING:
    from pbx_as_code.config.applying.apply import Applied, Fate
    from pbx_as_code.config.planning.operations import Plan
    from pbx_as_code.fleet.running.outcomes import Outcome


def worded_fate(fate: Fate) -> Fate:
    """The same result of an operation, with its reason for a user of the command."""
    return replace(fate, why=for_commands(fate.why)) if fate.why else fate


def worded_apply(applied: Applied) -> Applied:
    """The same result of an apply, with its reasons for a user of the command."""
    warnings = [for_commands(text) for text in applied.warnings]
    return replace(applied, fates=[worded_fate(fate) for fate in applied.fates], warnings=warnings)


def worded_plan(plan: Plan) -> Plan:
    """The same plan, with its reasons for a user of the command."""
    reasons = {why: for_commands(why) for why in {one.why for one in plan.uncompared}}  # few, of thousands of values
    if any(why != reasons[why] for why in reasons):
        return replace(plan, uncompared=[replace(one, why=reasons[one.why]) for one in plan.uncompared])
    return plan


def worded_outcome(outcome: Outcome) -> Outcome:
    """The same result of a PBX of a fleet, with its reasons for a user of the command."""
    return replace(
        outcome,
        why=for_commands(outcome.why),
        plan=worded_plan(outcome.plan) if outcome.plan is not None else None,
        applied=worded_apply(outcome.applied) if outcome.applied is not None else None,
        notes=tuple(map(for_commands, outcome.notes)),
    )
