"""Plan, apply and drift over the PBXs of a fleet, several at a time.

outcomes = drift(select(fleet, "customers"), parallel=8)
page(outcomes, "fleet.yml")
"""

from pbx_as_code.fleet.running.outcomes import Outcome, Progress, State
from pbx_as_code.fleet.running.page import page
from pbx_as_code.fleet.running.report import as_json, as_junit, as_markdown, as_text
from pbx_as_code.fleet.running.work import Settings, apply, drift, plan

__all__ = [
    "Outcome", "Progress", "Settings", "State", "apply", "as_json", "as_junit", "as_markdown", "as_text", "drift",
    "page", "plan",
]  # fmt: skip
