"""Navigation properties: absent unless they are named, at every depth; and builds that refuse to expand them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from threecx_xapi import errors

from pbx_as_code.description import Property

if TYPE_CHECKING:
    from threecx_xapi.errors import XapiError

Row = dict[str, Any]
#: How a PBX says that it does not expand these navigation properties at a time.
_REFUSED_TOGETHER = (400, 500, 501)
#: How it says that it does not expand one. A 500 may be gone the next time, and is no answer to the question.
_REFUSED = (400, 501)


class Has(Protocol):
    """Whether the PBX has what came with a release."""

    def __call__(self, since: str | None, /) -> bool:
        """None is what every release has."""


def expansions(properties: Iterable[Property], has: Has) -> tuple[str, ...]:
    """Return the value of $expand for these properties, such as Groups($expand=Rights); empty for plain ones.

    A PBX refuses to answer anything where it is asked for what it does not have.
    """
    return tuple(_expansion(prop, has) for prop in properties if prop.navigation and has(prop.since))


def _expansion(prop: Property, has: Has) -> str:
    inner = ",".join(expansions(prop.fields, has))
    return f"{prop.name}($expand={inner})" if inner else prop.name


def read_expanded(
    expand: tuple[str, ...], read: Callable[[dict[str, str]], list[Row]], key: Callable[[Row], Any]
) -> tuple[list[Row], dict[str, XapiError]]:
    """Read rows with their navigation properties, one property after the other where they are refused together.

    Several answers become one row: everything but the navigation properties is what the first answer says. So the ETag
    is that of the oldest answer, and a write that carries it is refused where anything changed between the answers.

    Parameters:
        expand: from expansions
        read: reads the rows with a query
        key: tells the rows of an answer apart

    Returns:
        the rows, and the names of the properties that could not be read with the refusal of each; they are absent from
        the rows

    Raises:
        XapiError: the rows cannot be read
    """
    try:
        return read({"$expand": ",".join(expand)} if expand else {}), {}
    except errors.XapiError as error:
        if not expand or error.status not in _REFUSED_TOGETHER or (len(expand) == 1 and error.status not in _REFUSED):
            raise
        refused = {_property_of(expand[0]): error} if len(expand) == 1 else {}
    rows: list[Row] | None = None
    for one in expand if len(expand) > 1 else ():
        try:
            answered = read({"$expand": one})
        except errors.XapiError as error:
            if error.status not in _REFUSED:
                raise
            refused[_property_of(one)] = error
        else:
            rows = answered if rows is None else _merged(rows, answered, _property_of(one), key)
    return read({}) if rows is None else rows, refused


def _merged(rows: list[Row], answered: list[Row], name: str, key: Callable[[Row], Any]) -> list[Row]:
    """Rows with one more navigation property. A row that is not in both answers was made or removed in between."""
    others = {key(row): row for row in answered}
    return [
        {**others[key(row)], **row, **{n: v for n, v in others[key(row)].items() if n == name}}
        for row in rows
        if key(row) in others
    ]


def _property_of(expansion: str) -> str:
    """The property of an expansion, such as Groups of Groups($expand=Rights)."""
    return expansion.partition("(")[0]
