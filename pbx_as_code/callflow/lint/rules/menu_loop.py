"""Digital receptionists that lead to each other without anybody pressing a key."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.loops import circles, told, ways
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.edges import Edge, When
from pbx_as_code.callflow.model.refs import Kind

_ALONE = frozenset({When.TIMEOUT, When.CLOSED, When.HOLIDAY, When.BREAK})


@rule(
    "menu-loop",
    Level.WARNING,
    "Menus lead to each other",
    why="A caller who presses no key hears one menu after the other until they hang up.",
    fix="Let one of the menus lead to a person or a mailbox if no key is pressed.",
)
def check(context: Context) -> Iterator[Found]:
    """Circles of digital receptionists; a menu that repeats its own prompt is none."""
    for circle in circles(ways(context.graph, _between_menus)):
        yield Found(circle[0].source, f"Without a key, callers go round: {told(circle)}.", circle[0].path)


def _between_menus(edge: Edge) -> bool:
    menus = edge.source.kind is Kind.RECEPTIONIST and edge.target.kind is Kind.RECEPTIONIST
    return menus and edge.when in _ALONE and edge.source != edge.target
