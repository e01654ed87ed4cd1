"""Emergency numbers that cannot be reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.lines import OutboundRoute, OutboundRule, Trunk
from pbx_as_code.callflow.model.refs import UNKNOWN
from pbx_as_code.callflow.trace.outbound import rule_matches

_USUAL = ("112", "911")


@rule(
    "emergency",
    Level.ERROR,
    "An emergency number cannot be reached",
    why="Somebody who needs help does not reach it, or another place than the law wants.",
    fix="Declare an emergency rule with a trunk, and let no other rule and no extension take its number.",
)
def check(context: Context) -> Iterator[Found]:
    """Emergency rules without a trunk, numbers that an extension or another rule takes, and no rule at all."""
    graph = context.graph
    rules = list(graph.of(OutboundRule))
    if not rules and "outbound_rule" not in graph.complete and not graph.live:
        return
    emergency = [one for one in rules if one.emergency]
    ordinary = [one for one in rules if not one.emergency]
    numbers = list(dict.fromkeys(prefix for one in emergency for prefix in one.prefixes))
    for one in emergency:
        if not any(_usable(context, route) for route in one.routes):
            yield Found(one.ref, "No route of this emergency rule leads to a trunk for outgoing calls.", ("routes",))
    if not emergency and not any(_takes(one, number) for one in ordinary for number in _USUAL):
        level = None if graph.emergency_known else Level.WARNING
        doubt = "" if graph.emergency_known else " Emergency rules that a PBX keeps apart are not known here."
        yield Found(UNKNOWN, f"No outbound rule routes {' or '.join(_USUAL)}.{doubt}", (), level)
    for number in numbers or _USUAL:
        inside = graph.by_number(number)
        if inside is not None:
            yield Found(inside, f"It has the emergency number {number}.", ("number",))
    for number in numbers:
        yield from _shadowed(emergency, ordinary, number)


def _shadowed(emergency: Sequence[OutboundRule], ordinary: Sequence[OutboundRule], number: str) -> Iterator[Found]:
    """Ordinary rules that take an emergency number elsewhere: it is not known which the PBX tries first (O9)."""
    ours = {_dialled(route, number) for one in emergency if number in one.prefixes for route in one.routes}
    for one in ordinary:
        others = {_dialled(route, number) for route in one.routes if route.trunk is not None}
        if _takes(one, number) and not others <= ours:
            yield Found(one.ref, f"It takes {number} as well, and dials it otherwise than the emergency rule.",
                        ("prefix",), Level.WARNING)  # fmt: skip


def _dialled(route: OutboundRoute, number: str) -> tuple[object, str]:
    return route.trunk, (route.prepend or "") + number[route.strip_digits or 0 :] + (route.append or "")


def _takes(one: OutboundRule, number: str) -> bool:
    """Whether a rule takes a number from somebody; for whom does not matter here."""
    source = one  # rules for some extensions admit every object that is no user
    return rule_matches(one, number, source, ())


def _usable(context: Context, route: OutboundRoute) -> bool:
    trunk = context.graph.nodes.get(route.trunk) if route.trunk else None
    return isinstance(trunk, Trunk) and trunk.outbound_enabled is not False and trunk.direction != "Inbound"
