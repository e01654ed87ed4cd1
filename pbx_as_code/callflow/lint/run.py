"""Apply the rules of lint to a call graph."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Finding, Ignored, Level
from pbx_as_code.callflow.lint.ignore import Comments
from pbx_as_code.callflow.lint.registry import Found, Rule, all_rules
from pbx_as_code.callflow.model.refs import UNKNOWN
from pbx_as_code.config.nodes import Place

_ORDER = list(Level)
_NAMED = 3
BAD_IGNORE = "bad-ignore"
"""Id of findings about comments that ignore nothing."""


@dataclass
class Linted:
    """Result of lint.

    Attributes:
        findings: the worst first
        ignored: findings that the files or the caller ignore
    """

    findings: list[Finding] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)

    def worst(self) -> Level | None:
        """The worst level; None without findings."""
        return min((one.level for one in self.findings), key=_ORDER.index, default=None)


def lint(
    context: Context, directory: Path | None = None, *, only: Collection[str] = (), ignore: Collection[str] = ()
) -> Linted:
    """Look for faults.

    Parameters:
        context: the call graph and what it does not hold
        directory: of its files, for comments that ignore findings; None for a PBX
        only: ids of rules to apply; all if it is empty
        ignore: ids of rules to leave out
    """
    comments = Comments(directory)
    found = Linted()
    for one in all_rules().values():
        if one.id in ignore or (only and one.id not in only):
            continue
        for said in one.check(context):
            _take(context, one, said, comments, found)
    found.findings = _joined(found.findings)
    for place, message in comments.wrong(_files(context), all_rules()):
        found.findings.append(
            Finding(BAD_IGNORE, Level.WARNING, UNKNOWN, f"This comment ignores nothing. {message}", place)
        )
    found.findings.sort(key=lambda one: (_ORDER.index(one.level), one.place or (), one.rule, str(one.subject)))
    return found


def _joined(findings: list[Finding]) -> list[Finding]:
    """Findings where one default is to blame, as one: a thousand users of a default are one fault."""
    by_fault: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        alone = () if one.place is not None else (one.subject,)
        by_fault.setdefault((one.rule, one.level, one.place, one.message, *alone), []).append(one)
    return [_one_of(some) for some in by_fault.values()]


def _one_of(some: list[Finding]) -> Finding:
    first, *others = some
    if not others:
        return first
    named = ", ".join(str(one.subject) for one in others[:_NAMED])
    more = f", and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return first._replace(message=f"{first.message} The same default counts for {named}{more}.")


def _take(context: Context, rule: Rule, said: Found, comments: Comments, found: Linted) -> None:
    node = context.graph.nodes.get(said.subject)
    place = node.place(*said.path) if node else None
    whole = node.place() if node else None
    finding = Finding(rule.id, said.level or rule.level, said.subject, said.message, place or whole)
    reason = comments.reason(finding, whole)
    if reason is None:
        found.findings.append(finding)
    else:
        found.ignored.append(Ignored(finding, reason))


def _files(context: Context) -> list[Place]:
    """The beginning of each file that declares an object of the graph, sorted."""
    places = (node.place() for node in context.objects())
    return sorted({Place(place.file, 1, 1, place.layer) for place in places if place is not None})
