"""DIDs that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.destinations import Destination
from pbx_as_code.callflow.model.lines import Did, InboundRule, Trunk
from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.trace.matching import takes

_ENDS = ("None", "VoiceMailOfDestination")


@rule(
    "lost-did",
    Level.ERROR,
    "A DID leads nowhere",
    why="Callers of this number hear that it is not available.",
    fix="Add an inbound rule for the number, or a destination to the rule of its trunk for all other calls.",
)
def check(context: Context) -> Iterator[Found]:
    """DIDs that no rule of their trunk takes, or whose rule ends the call in office hours."""
    for did in context.graph.entries:
        for ref in did.trunks:
            trunk = context.graph.nodes.get(ref)
            if isinstance(trunk, Trunk):
                yield from _on(context, did, trunk)


def _on(context: Context, did: Did, trunk: Trunk) -> Iterator[Found]:
    rules = [found for one in trunk.rules if isinstance(found := context.graph.nodes.get(one), InboundRule)]
    serving = next((one for one in rules if one.call_type != "InternalCallsOnly" and takes(one, did.key)), None)
    if serving is None:
        if "inbound_rule" in context.graph.complete or context.graph.live or rules:
            yield Found(_subject(did, trunk), f"No rule of trunk {trunk.key} takes calls to {did.key}.")
    elif _ends(serving.open):
        yield Found(_subject(did, trunk), f"{serving.title} ends calls to {did.key} in office hours.")


def _subject(did: Did, trunk: Trunk) -> Ref:
    return did.ref if did.origin else trunk.ref


def _ends(destination: Destination | None) -> bool:
    return destination is None or destination.to in _ENDS
