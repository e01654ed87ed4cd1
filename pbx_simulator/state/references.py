"""References between rows: a renamed object is renamed in other rows too, and a deleted one is removed from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pbx_simulator import knowledge
from pbx_simulator.hooks import registry as hooks
from pbx_simulator.model.document import Json

from . import destinations
from .naming import display_name

if TYPE_CHECKING:
    from .store import Store


def renamed(store: Store, name: str, row: Json) -> None:
    """A numbered entity is called otherwise from now on.

    Navigation properties that show its name follow without a new revision of their row: it is not their entity that
    has changed. The names in an outbound rule are stored in the rule.
    """
    called = display_name(name, row)
    hook = hooks.renamed.of(name)
    if hook is None:
        named_otherwise(store, row, called)
    else:
        hook(store, row, called)
    if row.get("Number"):
        destinations.renamed(store, row["Number"])


def named_otherwise(store: Store, row: Json, called: str) -> None:
    """Rename a row in the lists of agents, managers and members that contain it."""
    number = row.get("Number")
    for name, props in knowledge.MEMBER_LISTS.items():
        for holder in list(store.rows(name)):
            for prop in props:
                items = holder.data.get(prop) or []
                if any(item.get("Number") == number for item in items):
                    store.amend(name, holder.data["Id"], {prop: shown_with(items, "Number", number, {"Name": called})})


def gone(store: Store, name: str, row: Json) -> None:
    """A numbered entity is not there any more."""
    hook = hooks.gone.of(name)
    if hook is not None:
        hook(store, row)
    if row.get("Number") is not None:
        store.dn_properties.pop(row["Number"], None)
        destinations.gone(store, row["Number"])


def show_peer(store: Store, name: str, prop: str, number: Any, shown: Json) -> None:
    """Change what the rows of a set show of the numbered entity that a property of theirs names."""
    for row in list(store.rows(name)):
        peer = row.data.get(prop) or {}
        if number is not None and peer.get("Number") == number:
            store.amend(name, row.data[store.describe(name).key.name], {prop: {**peer, **shown}})


def shown_with(items: list[Json], prop: str, value: Any, shown: Json) -> list[Json]:
    """Items of which those with this value show something else."""
    return [{**item, **shown} if item.get(prop) == value else item for item in items]
