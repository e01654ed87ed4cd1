"""Input of the rules of lint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.nodes import Node


@dataclass(frozen=True)
class Context:
    """A call graph, and what the graph does not hold.

    Attributes:
        graph: of the PBX
        today: rules about next year count from here
        prompts: names of the custom prompts on the PBX; None: not known
        pins: numbers of users whose voicemail PIN is easy to guess; None: no PIN is known
    """

    graph: CallGraph
    today: date
    prompts: frozenset[str] | None = None
    pins: frozenset[str] | None = field(default=None, repr=False)

    def values(self, node: Node) -> Mapping[str, Any]:
        """Options of an object as they are declared.

        Parameters:
            node: of the object
        """
        return node.origin.definition.values if node.origin else {}

    def objects(self) -> Iterator[Node]:
        """Every object of the graph."""
        return iter(self.graph.nodes.values())
