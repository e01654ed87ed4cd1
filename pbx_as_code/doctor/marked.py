"""Objects that the doctor creates: recognised by their names, removed afterwards, also by a later run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pbx_as_code.doctor.reading import HIDDEN
from pbx_as_code.doctor.wire import Answer, Wire

MARK: Final = "threecx-doctor"
#: Names of clients have letters and digits only.
CLIENT_MARK: Final = "threecxdoctor"
_ANY_VERSION: Final = {"If-Match": "*"}


class Marked(NamedTuple):
    """One object with the doctor's mark.

    Attributes:
        entity_set: such as Users
        key: its Id
        label: what it is, for people
    """

    entity_set: str
    key: int
    label: str


def marked(wire: Wire) -> Iterator[Marked]:
    """All objects with the mark, in an order in which they can be removed.

    Parameters:
        wire: to the PBX

    Raises:
        XapiError: the PBX gives no answer
    """
    for path, label, filter_, mine in (
        ("ServicePrincipals", "client", f"startswith(Number,'{CLIENT_MARK}')", _is_client),
        ("Users", "user", f"FirstName eq '{MARK}'", _is_user),
        ("Holidays", "holiday", f"startswith(Name,'{MARK}')", _is_named),
        ("Groups", "department", f"contains(Name,'{MARK}')", _is_department),
    ):
        for row in wire.all(f"/{path}", filter=filter_):
            if mine(row):  # whatever the PBX made of the filter
                yield Marked(path, int(row["Id"]), label)


def _is_client(row: dict[str, Any]) -> bool:
    return str(row.get("Number") or "").startswith(CLIENT_MARK)


def _is_user(row: dict[str, Any]) -> bool:
    return row.get("FirstName") == MARK and str(row.get("LastName") or "").startswith("probe")


def _is_named(row: dict[str, Any]) -> bool:
    return str(row.get("Name") or "").startswith(MARK)


def _is_department(row: dict[str, Any]) -> bool:
    return str(row.get("Name") or "").removeprefix(HIDDEN).startswith(MARK)


def remove_all(wire: Wire) -> tuple[int, list[str]]:
    """Remove every object with the mark.

    Parameters:
        wire: to the PBX, with a client that may write

    Returns:
        how many were removed, and a sentence about each that is still there

    Raises:
        XapiError: the PBX gives no answer
    """
    tried = {one: _remove(wire, one).status for one in list(marked(wire))}
    left = list(marked(wire))
    sentences = [
        f"A {one.label} with the mark {MARK} is still there: its removal was answered {tried.get(one, 'nothing')}."
        for one in left
    ]
    return len(tried) - sum(one in tried for one in left), sentences


def _remove(wire: Wire, one: Marked) -> Answer:
    if one.entity_set == "Groups":
        return wire.ask("POST", "/Groups/Pbx.DeleteCompanyById", {"id": one.key})
    return wire.ask("DELETE", f"/{one.entity_set}({one.key})", headers=_ANY_VERSION)
