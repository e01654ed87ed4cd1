"""Results of an adoption for people."""

from __future__ import annotations

from pbx_as_code.config.adopting.outcome import Value
from pbx_as_code.config.planning.operations import LeafChange
from pbx_as_code.config.reporting.report import old_and_new


def told(value: Value, *, gap: str = " ") -> str:
    """A value that differs, on one line, in the form of a plan.

    Parameters:
        value: of the PBX
        gap: blanks in front of its place in the files
    """
    at = "" if value.place is None else f"{gap}({value.place})"
    if not value.option:
        return f"{value.title}{at}"
    step = 0 if value.option.endswith("]") else value.option  # an item comes or goes
    old, new = old_and_new(LeafChange((step,), value.declared, value.actual))
    return f"{value.title} {value.label or value.option}: {old} -> {new}{at}"
