"""Faults of a configuration that a call would run into: the command `threecx lint`.

    lint(Context(graph, date.today()), Path("acme")).findings

One module in `rules` for each rule; `registry.all_rules()` has them with level, reason and remedy.
"""

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Finding, Ignored, Level
from pbx_as_code.callflow.lint.registry import Rule, all_rules
from pbx_as_code.callflow.lint.report import as_json, as_junit, as_sarif, as_text
from pbx_as_code.callflow.lint.run import BAD_IGNORE, Linted, lint

__all__ = [
    "BAD_IGNORE",
    "Context",
    "Finding",
    "Ignored",
    "Level",
    "Linted",
    "Rule",
    "all_rules",
    "as_json",
    "as_junit",
    "as_sarif",
    "as_text",
    "lint",
]  # fmt: skip
