"""Values that no two rows may share, in any list or structure: one table, read by possible.check_row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pbx_simulator.errors import ALREADY_IN_USE, DUPLICATE, MAC_IN_USE, warning
from pbx_simulator.hooks.phones import macs
from pbx_simulator.model.document import Json
from pbx_simulator.state.spelling import digits
from pbx_simulator.state.store import Store


def _text(prop: str, same: Callable[[str], str] = str) -> Callable[[Json], Iterable[str]]:
    def read(row: Json) -> Iterator[str]:
        if row.get(prop):
            yield same(row[prop])

    return read


def _dids(row: Json) -> Iterator[str]:
    yield from (digits(number) for number in row.get("DidNumbers") or () if number)


@dataclass(frozen=True)
class Claim:
    """Values that are unique to a row.

    prop: the property it is in; target: what a refusal names; read: the values of a row, in a form that compares.
    """

    prop: str
    target: str
    code: str
    read: Callable[[Json], Iterable[str]]


#: By entity set. Rows of sets that share a name of a claim compete with each other: a phone and a gateway have MACs.
CLAIMS: dict[str, dict[str, Claim]] = {
    "Fax": {"fax AuthID": Claim("AuthID", "AuthID", ALREADY_IN_USE, _text("AuthID"))},
    "Fxs": {"MAC": Claim("MacAddress", "MacAddress", MAC_IN_USE, _text("MacAddress", digits))},
    "Groups": {"department": Claim("Name", "Name", DUPLICATE, _text("Name", str.casefold))},
    "Trunks": {"DID": Claim("DidNumbers", "DidNumbers", ALREADY_IN_USE, _dids)},
    "Users": {
        "AuthID": Claim("AuthID", "AuthID", ALREADY_IN_USE, _text("AuthID")),
        "MAC": Claim("Phones", "MacAddress", MAC_IN_USE, macs),
        "click to call": Claim("ClickToCallId", "ClickToCallId", DUPLICATE, _text("ClickToCallId", str.casefold)),
        "e-mail": Claim("EmailAddress", "EmailAddress", ALREADY_IN_USE, _text("EmailAddress", str.casefold)),
        "meeting": Claim(
            "WebMeetingFriendlyName", "WebMeetingFriendlyName", DUPLICATE, _text("WebMeetingFriendlyName", str.casefold)
        ),
    },
}


def check(store: Store, name: str, row: Json, old: Json | None) -> None:
    """Hold what a row has for itself alone against all other rows.

    row: what is written, all of it or some properties; old: the row as stored, None for a new one.

    Raises:
        Refusal: 400 with ALREADY_IN_USE, DUPLICATE or MAC_ADDRESS_ALREADY_IN_USE.
    """
    for label, claim in CLAIMS.get(name, {}).items():
        if not row.get(claim.prop) or (old is not None and old.get(claim.prop) == row[claim.prop]):
            continue
        key = store.describe(name).key.name
        own = (name, None if old is None else old[key])
        for value in set(claim.read(row)):
            if any(holder != own for holder in _holders(store, label, value)):
                raise warning(claim.code, claim.target)


def fixed(name: str, changes: Json) -> str | None:
    """The property among changes that only one row can have, where there is one: no good for several rows at once."""
    return next((claim.target for claim in CLAIMS.get(name, {}).values() if changes.get(claim.prop)), None)


def holders(store: Store, name: str, label: str, value: str) -> list[Any]:
    """The keys of the rows of a set that have claimed a value."""
    return list(store.derived(name, label, CLAIMS[name][label].read, value))


def _holders(store: Store, label: str, value: str) -> Iterator[tuple[str, Any]]:
    for name, claims in CLAIMS.items():
        if label in claims and name in store.routes.sets:
            yield from ((name, key) for key in store.derived(name, label, claims[label].read, value))
