"""The page that lists the rules by which calls are followed, from the table that `threecx trace` itself uses."""

from __future__ import annotations

from collections.abc import Iterator

from docs.tools.command_pages import cell
from docs.tools.staging import Stage
from pbx_as_code.callflow.rules import CONFIDENCE, RULES, SOURCES, Rule

_PAGE = """\
# Rules of the call flow

The vendor publishes no complete description of how a phone system decides where a call goes. These rules were gathered
from public material; nobody has tried all of them on a phone system. `threecx trace` names the rule of each step, such
as `[D9 M]`. If a step rests on an assumption, it says `assumed:`; if another reading leads elsewhere, both are shown.

| confidence | |
|---|---|
{levels}
| ? | the rule is certain, and a fact is unknown |

| source | |
|---|---|
{sources}

{sections}"""


def page() -> str:
    """The page in Markdown."""
    return _PAGE.format(
        levels="\n".join(f"| {level} | {text} |" for level, text in CONFIDENCE.items()),
        sources="\n".join(f"| {source} | {text} |" for source, text in SOURCES.items()),
        sections="\n".join(_sections()),
    )


def write(stage: Stage) -> None:
    """Write the page.

    Parameters:
        stage: the sources of the site
    """
    stage.write("command/call-rules.md", page())


def _sections() -> Iterator[str]:
    for section in dict.fromkeys(rule.section for rule in RULES.values()):
        rows = [row for rule in RULES.values() if rule.section == section for row in _rows(rule)]
        yield "\n".join([f"## {section}", "", "| rule | | confidence | source |", "|---|---|---|---|", *rows, ""])


def _rows(rule: Rule) -> Iterator[str]:
    for position, part in enumerate(rule.parts):
        number = "" if position else rule.number
        yield f"| {number} | {cell(part.text)} | {part.confidence} | {part.source} |"
