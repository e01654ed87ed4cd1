"""Numbers outside the range of their department."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.groups import Distributor
from pbx_as_code.callflow.model.nodes import Node
from pbx_as_code.callflow.model.users import User


@rule(
    "number-out-of-range",
    Level.NOTE,
    "A number is outside the range of its department",
    why="The PBX proposes numbers of the range; another department may be given this one's neighbours.",
    fix="Widen the range of the department, or choose a number of the range for a new object.",
)
def check(context: Context) -> Iterator[Found]:
    """Users, queues, ring groups and menus that belong to one department with a range."""
    for kind, which in ((User, "user"), (Distributor, "system")):
        for node in context.objects():
            if isinstance(node, kind) and node.key.isdecimal():
                yield from _outside(context, node, which)


def _outside(context: Context, node: Node, which: str) -> Iterator[Found]:
    membership = context.graph.departments_of(node.ref)
    if len(membership.departments) != 1:
        return
    department = context.graph.nodes[membership.departments[0]]
    ranges = context.values(department).get("props")
    if not isinstance(ranges, Mapping):
        return
    first, last = (str(ranges.get(f"{which}_number_{end}") or "") for end in ("from", "to"))
    if not (first.isdecimal() and last.isdecimal()) or int(first) <= int(node.key) <= int(last):
        return
    yield Found(node.ref, f"{department.title} has the range {first} to {last}.", ("number",))
