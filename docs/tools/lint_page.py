"""The page that lists the rules of `threecx lint`, from the rules themselves."""

from __future__ import annotations

from docs.tools.command_pages import cell
from docs.tools.staging import Stage
from pbx_as_code.callflow.lint import Level, all_rules

_HEAD = """\
# Rules of lint

`threecx lint` applies these rules; see [how to ignore a finding](lint.md).
"""


def page() -> str:
    """The page in Markdown."""
    parts = [_HEAD]
    for level in Level:
        chosen = [one for one in all_rules().values() if one.level is level]
        rows = [f"| `{one.id}` | {cell(one.title)} | {cell(one.why)} | {cell(one.fix)} |" for one in chosen]
        heading = f"{level.value.capitalize()}s"
        parts += [f"## {heading}", "", "| rule | fault | why it matters | what to do |", "|---|---|---|---|", *rows, ""]
    return "\n".join(parts)


def write(stage: Stage) -> None:
    """Write the page.

    Parameters:
        stage: the sources of the site
    """
    stage.write("command/lint-rules.md", page())
